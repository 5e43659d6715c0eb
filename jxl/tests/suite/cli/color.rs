use std::fs;
use std::process::Command;

use super::{Folder, assert_fails, assert_succeeds, decode, sample};
use crate::support::{read_png, samples_folder};

const ORIGINAL: [&str; 2] = ["--color", "original"];

#[test]
fn png_files_have_the_original_profile_on_request() {
    let folder = Folder::new("original-profile");
    let out = folder.file("out.png");
    let profile = || {
        let file = std::io::BufReader::new(fs::File::open(&out).unwrap());
        let reader = png::Decoder::new(file).read_info().unwrap();
        reader.info().icc_profile.as_deref().map(<[u8]>::to_vec)
    };
    assert_succeeds(&decode(&sample("xyb_icc"), &out, &[]));
    assert_eq!(profile(), None);
    let srgb = read_png(&out).values;
    assert_succeeds(&decode(&sample("xyb_icc"), &out, &ORIGINAL));
    assert_eq!(
        profile(),
        fs::read(samples_folder().join("s_curve.icc")).ok()
    );
    assert_ne!(read_png(&out).values, srgb);
}

/// Full ink is the largest sample of PAM, and 0 in JPEG XL.
#[test]
fn cmyk_fits_pam_files_only() {
    let folder = Folder::new("cmyk");
    let (png, pam) = (folder.file("out.png"), folder.file("out.pam"));
    assert_fails(&decode(&sample("cmyk"), &png, &ORIGINAL), &png, "CMYK");
    assert_succeeds(&decode(&sample("cmyk"), &pam, &ORIGINAL));
    let bytes = fs::read(&pam).unwrap();
    let header = b"P7\nWIDTH 61\nHEIGHT 43\nDEPTH 5\nMAXVAL 255\nTUPLTYPE CMYK_ALPHA\nENDHDR\n";
    let samples = bytes.strip_prefix(header.as_slice()).unwrap();
    assert_eq!(samples.len(), 61 * 43 * 5);
    // The first pixel is drawn with 0, 0, 255, 255, and an alpha of 255.
    assert_eq!(samples[..5], [255, 255, 0, 0, 255]);
    assert_succeeds(&decode(&sample("cmyk"), &png, &[]));
    assert_eq!(read_png(&png).channels, 4);
}

#[test]
fn info_tells_cmyk() {
    let output = Command::new(env!("CARGO_BIN_EXE_jxl-arena"))
        .arg("info")
        .arg(sample("cmyk"))
        .output()
        .unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let has = |line: &str| assert!(lines.lines().any(|found| found == line), "{lines}");
    has("samples      8-bit CMYK");
    has("stored as    the original colors below");
    has("original     ICC profile of 5124 bytes");
}
