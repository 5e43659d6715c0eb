use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use super::{Folder, assert_succeeds, decode, sample};
use crate::support::read_png;

/// Runs the command with `input` as its standard input.
fn piped(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jxl-arena"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = command.stdin.take().unwrap();
    // A command that does not read to the end closes the pipe.
    let _ = stdin.write_all(input);
    drop(stdin);
    command.wait_with_output().unwrap()
}

fn message(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_truncated_file_is_written_in_part() {
    let folder = Folder::new("partial");
    let (cut, out) = (folder.file("cut.jxl"), folder.file("picture.png"));
    let file = fs::read(sample("vardct_groups")).unwrap();
    fs::write(&cut, &file[..file.len() - 1000]).unwrap();

    let refused = decode(&cut, &out, &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(!out.exists());

    let partial = decode(&cut, &out, &["--partial"]);
    assert_eq!(partial.status.code(), Some(3), "{}", message(&partial));
    let told = message(&partial);
    assert!(
        told.contains("file is truncated: 4 of 7 sections are there, 85 %"),
        "{told}"
    );
    let written = read_png(&out);

    let whole = folder.file("whole.png");
    assert_succeeds(&decode(&sample("vardct_groups"), &whole, &["--partial"]));
    let whole = read_png(&whole);
    assert_eq!((written.width, written.height), (whole.width, whole.height));
    let same = written.values.iter().zip(&whole.values);
    let same = same.filter(|(a, b)| a == b).count();
    // The first group is the largest by far.
    assert!(same * 10 > whole.values.len() * 7 && same < whole.values.len());
}

#[test]
fn nothing_is_written_of_headers_alone() {
    let folder = Folder::new("headers_alone");
    let (cut, out) = (folder.file("cut.jxl"), folder.file("picture.png"));
    let file = fs::read(sample("vardct_groups")).unwrap();
    fs::write(&cut, &file[..60]).unwrap();
    let refused = decode(&cut, &out, &["--partial"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(message(&refused).contains("truncated"));
    assert!(!out.exists());
}

#[test]
fn animations_are_written_up_to_where_the_file_ends() {
    let folder = Folder::new("partial_animation");
    let (cut, out) = (folder.file("cut.jxl"), folder.file("picture.png"));
    let file = fs::read(sample("animation_lossless")).unwrap();
    fs::write(&cut, &file[..file.len() * 2 / 3]).unwrap();
    let partial = decode(&cut, &out, &["--partial"]);
    assert_eq!(partial.status.code(), Some(3), "{}", message(&partial));
    assert!(message(&partial).contains("file is truncated"));
    assert!(out.exists());
}

#[test]
fn info_tells_what_is_there() {
    let file = fs::read(sample("vardct_groups")).unwrap();
    let told = |length: usize| {
        let output = piped(&["info", "-"], &file[..length]);
        assert_succeeds(&output);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(!told(file.len()).contains("truncated"));
    let part = told(file.len() - 1000);
    assert!(
        part.contains("size         300 x 270") && part.contains("4 of 7 sections"),
        "{part}"
    );
    let headers = told(20);
    assert!(headers.contains("size         300 x 270"), "{headers}");
    assert!(headers.contains("before the first picture"), "{headers}");
}

#[test]
fn files_come_and_go_through_pipes() {
    let folder = Folder::new("pipes");
    let out = folder.file("picture.png");
    let path = sample("rgb8_e3_g0");
    assert_succeeds(&decode(&path, &out, &[]));
    let expected = fs::read(&out).unwrap();
    let file = fs::read(&path).unwrap();

    let piped_out = piped(&["decode", "-", "-", "--format", "png"], &file);
    assert_succeeds(&piped_out);
    assert!(piped_out.stdout == expected);
    let named = folder.file("named");
    let named_out = named.to_str().unwrap();
    assert_succeeds(&piped(
        &["decode", "-", named_out, "--format", "png"],
        &file,
    ));
    assert!(fs::read(&named).unwrap() == expected);

    let unknown = piped(&["decode", "-", "-"], &file);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(
        message(&unknown).contains("--format"),
        "{}",
        message(&unknown)
    );
    let both = piped(&["decode", "-", "-", "--format", "png", "--report"], &file);
    assert_eq!(both.status.code(), Some(1));
}
