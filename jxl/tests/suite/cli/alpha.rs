use std::path::Path;

use jxl_arena::Decoder;

use super::{Folder, assert_succeeds, decode, drawn, integers, sample};
use crate::color::read_npy;
use crate::support::{corpus, read_png};

/// The colors of the file, and so libjxl's samples, are multiplied by alpha.
#[test]
fn alpha_of_png_is_straight() {
    let Some(corpus) = corpus() else { return };
    let folder = Folder::new("premultiplied");
    let out = folder.file("picture.png");
    let file = corpus.join("field/premultiplied_png.jxl");
    assert_succeeds(&decode(&file, &out, &[]));
    let written = read_png(&out);
    let (shape, stored) = read_npy(&corpus.join("field/premultiplied_png.ref.npy"));
    assert_eq!(shape, [written.height, written.width, 4]);
    let pixels = written.values.chunks(4).zip(stored.chunks(4));
    let mut changed = 0;
    for (written, stored) in pixels {
        assert!(written[3].abs_diff(stored[3].into()) <= 1);
        if stored[3] == 0 {
            continue;
        }
        let alpha = f32::from(written[3]) / 255.0;
        for (&written, &stored) in written[..3].iter().zip(stored) {
            let multiplied = f32::from(written) * alpha;
            // A stored color brighter than alpha has no straight color, and is clamped.
            let stored_or_most = f32::from(stored).min(255.0 * alpha);
            assert!((multiplied - stored_or_most).abs() <= 2.0);
            changed += usize::from(written.abs_diff(stored.into()) > 8);
        }
    }
    assert!(
        changed > 1000,
        "only {changed} samples differ from the stored ones"
    );
}

/// Reads the header of a PAM file and its samples.
fn read_pam(path: &Path) -> (String, Vec<u16>) {
    let bytes = std::fs::read(path).unwrap();
    let end = b"ENDHDR\n";
    let header_bytes = bytes
        .windows(end.len())
        .position(|part| part == end)
        .unwrap();
    let (header, samples) = bytes.split_at(header_bytes + end.len());
    let header = String::from_utf8_lossy(header).into_owned();
    let samples = match header.contains("MAXVAL 65535") {
        true => {
            let pairs = samples.as_chunks::<2>().0.iter();
            pairs.map(|&pair| u16::from_be_bytes(pair)).collect()
        }
        false => samples.iter().map(|&sample| sample.into()).collect(),
    };
    (header, samples)
}

#[test]
fn written_files_are_as_deep_as_alpha() {
    let folder = Folder::new("deep-alpha");
    let (pam, png) = (folder.file("out.pam"), folder.file("out.png"));
    for name in ["rgb4_alpha8", "gray1_alpha8"] {
        assert_succeeds(&decode(&sample(name), &pam, &[]));
        assert_succeeds(&decode(&sample(name), &png, &[]));
        let expected = drawn(name);
        let (values, _) = integers(&expected);
        let (header, samples) = read_pam(&pam);
        assert!(header.contains("MAXVAL 255\n"), "{header}");
        assert_eq!(samples, values, "{name}");
        assert_eq!(read_png(&png).values, values, "{name}");
    }
    // Formats without alpha have the depth of the colors.
    let ppm = folder.file("out.ppm");
    assert_succeeds(&decode(&sample("rgb4_alpha8"), &ppm, &[]));
    assert!(std::fs::read(&ppm).unwrap().starts_with(b"P6\n70 50\n15\n"));
}

/// The files have gray of 2 bits with alpha of 8, and colors of 8 bits with alpha of 16. The
/// written samples must be those of the file, which a decode to floats gives exactly.
#[test]
fn alpha_of_field_files_is_not_cut() {
    let Some(corpus) = corpus() else { return };
    let folder = Folder::new("field-alpha");
    let cases = [
        ("pam_alpha_cut_to_2_bits", 255.0, 8, 255 / 3),
        ("alpha_deeper_than_colour", 65535.0, 16, 65535 / 255),
    ];
    for (name, max, png_bits, step) in cases {
        let file = corpus.join(format!("field/{name}.jxl"));
        let (pam, png) = (folder.file("out.pam"), folder.file("out.png"));
        assert_succeeds(&decode(&file, &pam, &[]));
        assert_succeeds(&decode(&file, &png, &[]));
        let bytes = std::fs::read(&file).unwrap();
        let decoder = Decoder::default();
        let picture = decoder.read(&bytes).unwrap();
        let layout = picture.info().layout();
        let floats = picture.decode::<f32>(layout).unwrap();
        let stored: Vec<u16> = floats
            .iter()
            .map(|value| (value * max).round() as u16)
            .collect();
        let exact = |(value, &stored): (&f32, &u16)| (value * max - f32::from(stored)).abs() < 0.01;
        let alpha = |samples: &[u16]| -> Vec<u16> {
            let pixels = samples.chunks_exact(layout.channels());
            pixels.map(|pixel| pixel[layout.channels() - 1]).collect()
        };
        assert!(floats.iter().zip(&stored).all(exact), "{name}");
        let alpha = alpha(&stored);
        let finer = alpha.iter().filter(|&&alpha| alpha % step != 0);
        assert!(finer.count() > alpha.len() / 4, "{name}");
        let (header, samples) = read_pam(&pam);
        assert!(header.contains(&format!("MAXVAL {max}\n")), "{header}");
        assert_eq!(samples, stored, "{name}");
        let written = read_png(&png);
        assert_eq!((written.bits, written.values), (png_bits, stored), "{name}");
    }
}
