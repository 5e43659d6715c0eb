//! The command as a process.

mod alpha;
mod animations;
mod channel;
mod color;
mod partial;
mod reduced;
mod region;
mod streams;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use frame_arena_trace::{ScopeRole, Trace};

use super::pictures::Samples;
use super::support::{assert_same, drawn, integers, read_png, samples_folder};

/// A folder of its own for a test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn sample(name: &str) -> PathBuf {
    samples_folder().join(name).with_extension("jxl")
}

fn decode(file: &Path, out: &Path, options: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jxl-arena"))
        .arg("decode")
        .args([file, out])
        .args(options)
        .output()
        .unwrap()
}

fn assert_succeeds(output: &Output) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{errors}");
}

/// Exit code 1 and one line on standard error that names `file` and says `what`; no other output.
fn assert_fails(output: &Output, file: &Path, what: &str) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert_eq!(errors.trim_end().lines().count(), 1, "{errors}");
    assert!(
        errors.starts_with(&format!("jxl-arena: {}: ", file.display())),
        "{errors}"
    );
    assert!(errors.contains(what), "{errors}");
    assert!(output.stdout.is_empty());
}

#[test]
fn png_files_hold_the_drawn_picture() {
    let folder = Folder::new("png");
    for (name, scale) in [
        ("rgb8_e3_g0", 1),
        ("rgb4", 17),
        ("gray16", 1),
        ("rgba8_g0", 1),
        ("gray_alpha8", 1),
    ] {
        let out = folder.file("out.png");
        assert_succeeds(&decode(&sample(name), &out, &[]));
        let expected = drawn(name);
        let (values, _) = integers(&expected);
        let values: Vec<u16> = values.iter().map(|&value| value * scale).collect();
        let written = read_png(&out);
        assert_eq!(written.channels, expected.channels, "{name}");
        assert_same(
            name,
            (written.width, written.channels),
            &written.values,
            &values,
        );
    }
    assert_eq!(folder.names(), ["out.png"]);
}

#[test]
fn png_files_tell_the_colors() {
    let folder = Folder::new("colors");
    let out = folder.file("out.png");
    let info = |name: &str| {
        assert_succeeds(&decode(&sample(name), &out, &[]));
        let file = std::io::BufReader::new(fs::File::open(&out).unwrap());
        let reader = png::Decoder::new(file).read_info().unwrap();
        reader.info().clone()
    };
    let icc = fs::read(samples_folder().join("s_curve.icc")).unwrap();
    assert_eq!(info("icc").icc_profile.as_deref(), Some(icc.as_slice()));
    let srgb = info("rgb16");
    assert!(srgb.srgb.is_some() && srgb.icc_profile.is_none());
    let pq = info("xyb_pq");
    let code_points = pq.coding_independent_code_points.unwrap();
    assert_eq!(
        (code_points.color_primaries, code_points.transfer_function),
        (9, 16)
    );
    assert!(pq.srgb.is_none());
    let p3 = info("xyb_p3").coding_independent_code_points.unwrap();
    assert_eq!((p3.color_primaries, p3.transfer_function), (12, 13));
}

#[test]
fn netpbm_files_hold_the_drawn_picture_at_its_own_depth() {
    let folder = Folder::new("netpbm");
    let cases = [
        ("rgb10", "out.ppm", "P6\n100 70\n1023\n"),
        ("gray1", "out.pgm", "P5\n61 47\n1\n"),
        ("gray16", "out.PGM", "P5\n140 90\n65535\n"),
        (
            "rgba8_g0",
            "out.pam",
            "P7\nWIDTH 257\nHEIGHT 129\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n",
        ),
    ];
    for (name, out, header) in cases {
        let out = folder.file(out);
        assert_succeeds(&decode(&sample(name), &out, &[]));
        let written = fs::read(&out).unwrap();
        let (written_header, pixels) = written.split_at(header.len());
        assert_eq!(String::from_utf8_lossy(written_header), header);
        let expected = drawn(name);
        let (values, max) = integers(&expected);
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_be_bytes()[usize::from(max <= 255)..].to_vec())
            .collect();
        assert_same(name, (expected.width, expected.channels), pixels, &bytes);
    }
}

#[test]
fn pfm_files_hold_the_drawn_floats() {
    let folder = Folder::new("pfm");
    let out = folder.file("out.pfm");
    assert_succeeds(&decode(&sample("float_rgb"), &out, &[]));
    let written = fs::read(&out).unwrap();
    let header = b"PF\n90 60\n-1.0\n";
    assert_eq!(&written[..header.len()], header);
    let Samples::Floats(values) = drawn("float_rgb").samples else {
        panic!("a float picture");
    };
    let rows = values.chunks_exact(90 * 3).rev();
    let bytes: Vec<u8> = rows
        .flatten()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    assert_same("float_rgb", (90, 12), &written[header.len()..], &bytes);
}

#[test]
fn the_report_names_the_frames_memory() {
    let folder = Folder::new("report");
    let out = folder.file("out.png");
    let options = ["--report", "--repeat", "3", "--threads", "2"];
    let output = decode(&sample("rgb8_e3_g0"), &out, &options);
    assert_succeeds(&output);
    let report = String::from_utf8_lossy(&output.stdout);
    for word in [
        "stage",
        "live",
        "peak",
        "made",
        "reused",
        "(scratch)",
        "decode 3 of 3",
        "by kind",
        "hits",
        "\nfile ",
        "\npicture ",
    ] {
        assert!(report.contains(word), "{word:?} is not in\n{report}");
    }
    let quiet = decode(&sample("rgb8_e3_g0"), &out, &["--threads", "1"]);
    assert_succeeds(&quiet);
    assert!(quiet.stdout.is_empty());
}

#[test]
fn a_trace_holds_every_decode() {
    let folder = Folder::new("trace");
    let out = folder.file("out.png");
    let path = folder.file("out.trace");
    let option = format!("--record={}", path.display());
    assert_succeeds(&decode(
        &sample("rgb8_e3_g0"),
        &out,
        &["--repeat", "3", "--threads", "2", &option],
    ));
    let trace = Trace::read_from(&fs::read(&path).unwrap()[..]).unwrap();
    let scopes = trace.scopes().unwrap();
    let decodes = scopes.iter().filter(|scope| {
        scope.role == ScopeRole::Frame
            && scopes.iter().any(|other| other.parent == Some(scope.frame))
    });
    assert!(decodes.count() >= 3);
    assert!(trace.allocations().unwrap().len() > 30);
    let absent = folder.file("absent/out.trace");
    let option = format!("--record={}", absent.display());
    assert_fails(
        &decode(&sample("rgb8_e3_g0"), &out, &[&option]),
        &absent,
        "",
    );
}

#[test]
fn a_memory_map_is_a_picture_or_a_page() {
    let folder = Folder::new("memory-map");
    let out = folder.file("out.png");
    for (name, begin) in [("map.svg", "<svg "), ("map.HTML", "<!DOCTYPE html>")] {
        let path = folder.file(name);
        let option = format!("--record={}", path.display());
        let arguments = ["--memory-limit=100MiB", &option];
        assert_succeeds(&decode(&sample("squeeze"), &out, &arguments));
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(begin), "{name}");
        for part in [
            "Memory of decoding squeeze.jxl",
            ">channels<",
            "Limit 100 MiB",
        ] {
            assert!(text.contains(part), "{name}: {part} is missing");
        }
    }
    let path = folder.file("map.bmp");
    let option = format!("--record={}", path.display());
    fs::remove_file(&out).unwrap();
    assert_fails(
        &decode(&sample("squeeze"), &out, &[&option]),
        &path,
        "extension",
    );
    assert!(!out.exists() && !path.exists());
}

#[test]
fn failures_leave_no_file() {
    let folder = Folder::new("failures");
    let out = folder.file("out.png");
    let file = fs::read(sample("rgb8_e3_g0")).unwrap();

    let missing = folder.file("missing.jxl");
    assert_fails(&decode(&missing, &out, &[]), &missing, "o such file");
    let damaged = folder.file("damaged.jxl");
    fs::write(&damaged, &file[..file.len() / 2]).unwrap();
    assert_fails(&decode(&damaged, &out, &[]), &damaged, "truncated");
    let mut changed = file.clone();
    let end = changed.len();
    changed[end / 2..end / 2 + 2000].fill(0x5A);
    fs::write(&damaged, &changed).unwrap();
    assert_fails(&decode(&damaged, &out, &[]), &damaged, "");
    fs::write(&damaged, b"GIF89a").unwrap();
    assert_fails(&decode(&damaged, &out, &[]), &damaged, "not a JPEG XL file");
    for limit in ["1KiB", "100KiB", "300KiB"] {
        let output = decode(&sample("rgb8_e3_g0"), &out, &["--memory-limit", limit]);
        assert_fails(&output, &sample("rgb8_e3_g0"), "memory limit");
    }
    fs::remove_file(&damaged).unwrap();
    assert_eq!(folder.names(), [""; 0], "a file is left");
    assert_succeeds(&decode(
        &sample("rgb8_e3_g0"),
        &out,
        &["--memory-limit", "64MiB"],
    ));
    assert_eq!(folder.names(), ["out.png"]);
}

#[test]
fn failures_keep_the_file_that_was_there() {
    let folder = Folder::new("keeps");
    let out = folder.file("out.png");
    fs::write(&out, b"precious").unwrap();
    let options = ["--memory-limit", "100KiB"];
    let output = decode(&sample("rgb8_e3_g0"), &out, &options);
    assert_fails(&output, &sample("rgb8_e3_g0"), "memory limit");
    assert_eq!(fs::read(&out).unwrap(), b"precious");
    assert_eq!(folder.names(), ["out.png"]);
}

#[test]
fn places_that_cannot_be_written_are_named() {
    let folder = Folder::new("places");
    let file = sample("rgb8_container");
    let nowhere = folder.file("no/such/folder/out.png");
    assert_fails(&decode(&file, &nowhere, &[]), &nowhere, "o such file");
    let unknown = folder.file("out.bmp");
    assert_fails(&decode(&file, &unknown, &[]), &unknown, "extension");
    let color = folder.file("out.pgm");
    assert_fails(&decode(&file, &color, &[]), &color, "PGM");
    let taken = folder.file("folder.png");
    fs::create_dir(&taken).unwrap();
    assert_fails(&decode(&file, &taken, &[]), &taken, "not a file");
    assert_eq!(folder.names(), ["folder.png"]);
}

#[test]
fn wrong_usage_ends_with_code_2() {
    for arguments in [
        &["decode"][..],
        &["decode", "a.jxl", "b.png", "--threads", "0"],
        &["decode", "a.jxl", "b.png", "--repeat", "0"],
        &["decode", "a.jxl", "b.png", "--memory-limit", "many"],
        &["encode"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_jxl-arena"))
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn info_plans_the_memory_of_a_decode() {
    let info = |threads: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_jxl-arena"))
            .args(["info", "--memory", "--threads", threads])
            .arg(sample("vardct_alpha"))
            .output()
            .unwrap();
        assert_succeeds(&output);
        String::from_utf8(output.stdout).unwrap()
    };
    let text = info("1");
    for stage in ["(frame)", "(scratch)", "group seams", "held"] {
        assert!(text.contains(stage), "{stage:?} is not in\n{text}");
    }
    assert_ne!(text, info("4"));
}

#[test]
fn info_prints_the_header() {
    let output = Command::new(env!("CARGO_BIN_EXE_jxl-arena"))
        .arg("info")
        .arg(sample("rgba8_g0"))
        .output()
        .unwrap();
    assert_succeeds(&output);
    let text = String::from_utf8_lossy(&output.stdout);
    for fact in ["257 x 129", "8-bit RGB", "8-bit alpha", "Modular"] {
        assert!(text.contains(fact), "{fact:?} is not in\n{text}");
    }
}
