//! Pipes, closed and full streams, and signals.

#![cfg(unix)]

use std::fs::{self, File};
use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{Folder, assert_succeeds, sample};

fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_jxl-arena"))
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let mut child = command()
        .arg("info")
        .arg(sample("animation_lossless"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_succeeds(&child.wait_with_output().unwrap());
}

#[test]
fn a_full_disk_is_one_line() {
    let full = File::options().write(true).open("/dev/full");
    let Ok(full) = full else {
        eprintln!("skipped: /dev/full is not there");
        return;
    };
    let output = command()
        .arg("info")
        .arg(sample("rgb8_e3_g0"))
        .stdout(full)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(
        errors.starts_with("jxl-arena: standard output: "),
        "{errors}"
    );
    assert_eq!(errors.trim_end().lines().count(), 1, "{errors}");
}

#[test]
fn closed_streams_change_the_exit_code_only() {
    let folder = Folder::new("closed");
    let script = format!(
        "'{}' decode '{}' '{}' --report >&- 2>&-",
        env!("CARGO_BIN_EXE_jxl-arena"),
        folder.file("absent.jxl").display(),
        folder.file("out.png").display()
    );
    let status = Command::new("sh").args(["-c", &script]).status().unwrap();
    assert_eq!(status.code(), Some(1));
    let script = script.replace(
        &folder.file("absent.jxl").display().to_string(),
        &sample("rgb8_e3_g0").display().to_string(),
    );
    let status = Command::new("sh").args(["-c", &script]).status().unwrap();
    assert_eq!(status.code(), Some(0));
    assert_eq!(folder.names(), ["out.png"]);
}

#[test]
fn a_file_may_come_through_a_pipe() {
    let folder = Folder::new("pipe");
    let decode = |limit: &str, bytes: &[u8]| {
        let mut child = command()
            .args(["decode", "/dev/stdin"])
            .arg(folder.file("out.png"))
            .args(["--memory-limit", limit, "--threads", "1"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A decoder that refuses the file does not read all of it.
        let _ = stdin.write_all(bytes);
        drop(stdin);
        child.wait_with_output().unwrap()
    };
    let file = fs::read(sample("rgb8_e3_g0")).unwrap();
    assert_succeeds(&decode("16MiB", &file));
    assert_eq!(folder.names(), ["out.png"]);
    let endless = vec![0; 64 << 20];
    let output = decode("1MiB", &endless);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("memory limit"), "{errors}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_signal_leaves_no_temporary_file() {
    for (signal, name, options) in [
        ("INT", "rgb8_e3_g0", &[][..]),
        ("TERM", "rgb8_e3_g0", &[]),
        ("INT", "animation_lossless", &["--frames"]),
    ] {
        let folder = Folder::new(&format!("signal-{signal}-{name}"));
        let mut child = command()
            .arg("decode")
            .arg(sample(name))
            .arg(folder.file("out.png"))
            .args(["--repeat", "1000000"])
            .args(options)
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_secs(60);
        while folder.names().is_empty() && Instant::now() < end {
            thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(folder.names().len(), 1, "a temporary file");
        let kill = format!("kill -{signal} {}", child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &kill])
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert!(folder.names().is_empty(), "{:?}", folder.names());
    }
}
