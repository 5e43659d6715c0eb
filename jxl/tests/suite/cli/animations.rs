//! Animations decoded by the command.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::super::support::{assert_same, corpus, read_pngs, samples_folder};
use super::{Folder, assert_fails, assert_succeeds, decode, sample};

/// Compares with djxl's animated PNG file of the same animation.
#[test]
fn animations_become_animated_png_files() {
    let folder = Folder::new("animated");
    let out = folder.file("out.png");
    assert_succeeds(&decode(
        &sample("animation_lossless"),
        &out,
        &["--repeat=2"],
    ));
    let reference = samples_folder().join("animation_lossless.ref.png");
    let (written, expected) = (read_pngs(&out), read_pngs(&reference));
    assert_eq!(written.len(), 5);
    for (written, expected) in written.iter().zip(&expected) {
        assert_same("picture", (90, 4), &written.values, &expected.values);
    }
    assert_eq!(delays(&out), [0.1, 0.2, 0.07, 0.05, 3.0]);
    assert_eq!(folder.names(), ["out.png"]);
}

/// Returns how many seconds each frame of an animated PNG file is shown.
fn delays(path: &Path) -> Vec<f64> {
    let delay = |chunk: Vec<u8>| {
        let number = |at: usize| f64::from(u16::from_be_bytes([chunk[at], chunk[at + 1]]));
        number(20) / number(22)
    };
    chunks(path, b"fcTL").into_iter().map(delay).collect()
}

/// Returns the data of all chunks of this type in a PNG file.
fn chunks(path: &Path, kind: &[u8; 4]) -> Vec<Vec<u8>> {
    let file = fs::read(path).unwrap();
    let mut rest = &file[8..];
    let mut chunks = Vec::new();
    while let Some((length, _)) = rest.split_first_chunk() {
        let length = u32::from_be_bytes(*length) as usize;
        let (chunk, next) = rest.split_at(12 + length);
        rest = next;
        if &chunk[4..8] == kind {
            chunks.push(chunk[8..][..length].to_vec());
        }
    }
    chunks
}

/// The animation plays 2^32 - 1 times; PNG allows at most 2^31 - 1.
#[test]
fn more_plays_than_png_has_are_its_most() {
    let Some(corpus) = corpus() else { return };
    let folder = Folder::new("plays");
    let out = folder.file("out.png");
    let file = corpus.join("field/apng_num_plays_over_31_bits.jxl");
    assert_succeeds(&decode(&file, &out, &[]));
    let control = chunks(&out, b"acTL");
    assert_eq!(control.len(), 1);
    assert_eq!(control[0][4..], (i32::MAX as u32).to_be_bytes());
}

#[test]
fn info_names_the_profile_once() {
    let Some(corpus) = corpus() else { return };
    let output = Command::new(env!("CARGO_BIN_EXE_jxl-arena"))
        .arg("info")
        .arg(corpus.join("field/info_repeats_icc_line.jxl"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.matches("ICC profile").count(), 1, "{text}");
    assert_eq!(text.matches("picture ").count(), 3, "{text}");
}

#[test]
fn animations_become_numbered_files() {
    let folder = Folder::new("numbered");
    let out = folder.file("out.pam");
    assert_succeeds(&decode(&sample("animation_lossless"), &out, &["--frames"]));
    let mut names = folder.names();
    names.sort();
    let expected = [
        "out-0001.pam",
        "out-0002.pam",
        "out-0003.pam",
        "out-0004.pam",
        "out-0005.pam",
    ];
    assert_eq!(names, expected);
    let reference = samples_folder().join("animation_lossless.ref.png");
    for (name, picture) in names.iter().zip(read_pngs(&reference)) {
        let written = fs::read(folder.file(name)).unwrap();
        let (_, pixels) = written.split_at(written.len() - picture.values.len());
        let expected: Vec<u8> = picture.values.iter().map(|&value| value as u8).collect();
        assert_same(name, (90, 4), pixels, &expected);
    }
}

#[test]
fn other_files_hold_the_first_picture_and_it_is_said() {
    let folder = Folder::new("first");
    let out = folder.file("out.ppm");
    let output = decode(&sample("animation_vardct"), &out, &[]);
    assert!(output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("first of 5 pictures"), "{said}");
    assert!(fs::read(&out).unwrap().starts_with(b"P6\n90 70\n255\n"));
}

#[test]
fn a_damaged_animation_leaves_no_file() {
    let folder = Folder::new("damaged-animation");
    let file = fs::read(sample("animation_vardct")).unwrap();
    let damaged = folder.file("damaged.jxl");
    fs::write(&damaged, &file[..file.len() - 1]).unwrap();
    for (out, options) in [
        ("out.png", &[][..]),
        ("out.png", &["--frames"]),
        ("out.ppm", &["--frames"]),
    ] {
        let output = decode(&damaged, &folder.file(out), options);
        assert_fails(&output, &damaged, "truncated");
        assert_eq!(folder.names(), ["damaged.jxl"]);
    }
    // Here the headers are intact, so that the damage is found while files are written.
    let mut changed = file.clone();
    let end = changed.len();
    changed[end - 150..].fill(0x5A);
    fs::write(&damaged, &changed).unwrap();
    for options in [&[][..], &["--frames"]] {
        let output = decode(&damaged, &folder.file("out.png"), options);
        assert_fails(&output, &damaged, "corrupt");
        assert_eq!(folder.names(), ["damaged.jxl"]);
    }
}

#[test]
fn the_report_names_the_memory_of_each_picture() {
    let folder = Folder::new("animation-report");
    let out = folder.file("out.png");
    let map = folder.file("map.svg");
    let option = format!("--record={}", map.display());
    let options = [
        "--report",
        "--repeat=2",
        "--threads=1",
        "--memory-limit=64MiB",
        &option,
    ];
    let output = decode(&sample("animation_lossless"), &out, &options);
    assert_succeeds(&output);
    let report = String::from_utf8_lossy(&output.stdout);
    for words in ["1: 100ms ", "3: 70ms ", "5: 3s ", "decode 2 of 2"] {
        assert!(report.contains(words), "{words:?} is not in\n{report}");
    }
    assert!(fs::read_to_string(&map).unwrap().contains(">channels<"));
}

#[test]
fn info_lists_the_pictures() {
    let output = Command::new(env!("CARGO_BIN_EXE_jxl-arena"))
        .arg("info")
        .arg(sample("animation_vardct"))
        .output()
        .unwrap();
    assert_succeeds(&output);
    let text = String::from_utf8_lossy(&output.stdout);
    for fact in [
        "1000 ticks per second, for ever",
        "1: 100ms, 100 ticks, VarDCT",
        "5: 3s, 3000 ticks, VarDCT",
    ] {
        assert!(text.contains(fact), "{fact:?} is not in\n{text}");
    }
}
