//! Larger files made by others, where they are at hand; see [`support::corpus`](super::support::corpus).

use std::fs;
use std::path::Path;

use jxl_arena::{Decoder, Error, Layout, PixelFormat, SampleFormat};
use rayon::ThreadPoolBuilder;

use super::support::{assert_same, corpus, decode_bits, layout_of, read_png};

/// Stills of one Modular frame without patches: all of them must decode.
const DECODED: &[&str] = &[
    "conformance/alpha_nonpremultiplied",
    "conformance/alpha_triangles",
    "conformance/bicycles",
    "conformance/delta_palette",
    "conformance/grayscale_public_university",
    "conformance/lossless_pfm",
    "features/3x3_srgb_lossless",
    "features/3x3a_srgb_lossless",
    "features/8x8_noise",
    "features/extra_channels",
    "features/gray_alpha_lossless",
    "features/green_queen_modular_e3",
    "features/hdr_hlg_test",
    "features/hdr_pq_test",
    "features/orientation1_identity",
    "features/orientation2_flip_horizontal",
    "features/orientation4_flip_vertical",
    "features/orientation6_rotate_90_cw",
    "features/pq_gradient",
    "features/splines",
    "features/with_icc",
    "photos/flower_lossless_e3",
];

fn read(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name).with_extension("jxl")).expect(name)
}

#[test]
fn every_file_is_decoded_or_refused_by_name() {
    let Some(folder) = corpus() else { return };
    let decoder = Decoder::default();
    let mut decoded = Vec::new();
    for part in ["conformance", "features", "photos"] {
        for entry in fs::read_dir(folder.join(part)).expect(part) {
            let path = entry.expect(part).path();
            if path.extension().is_none_or(|extension| extension != "jxl") {
                continue;
            }
            let stem = path.file_stem().unwrap_or_default();
            let name = format!("{part}/{}", stem.to_string_lossy());
            let file = fs::read(&path).expect(&name);
            let picture = decoder
                .read(&file)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            match picture.decode::<u8>(picture.info().layout()) {
                Ok(_) => decoded.push(name),
                Err(Error::Unsupported { feature }) => assert!(!feature.is_empty()),
                Err(error) => panic!("{name}: {error}"),
            }
        }
    }
    for name in DECODED {
        assert!(
            decoded.iter().any(|decoded| decoded == name),
            "{name} is refused"
        );
    }
}

#[test]
fn lossless_files_match_their_references() {
    let Some(folder) = corpus() else { return };
    let decoder = Decoder::default();
    // Depth of the file, and of the comparison: the less of the file's and the reference's. The reference of 12 bits was
    // scaled to 16 in single precision, which rounds some samples up that are below the half.
    for (name, bits) in [
        ("alpha_nonpremultiplied", 12),
        ("alpha_triangles", 8),
        ("delta_palette", 8),
    ] {
        let reference = read_png(&folder.join(format!("conformance/refs/{name}.ref.png")));
        let (max, reference_max) = ((1u32 << bits) - 1, (1u32 << reference.bits) - 1);
        let nearest =
            |&v: &u16| ((2 * u32::from(v) * max + reference_max) / (2 * reference_max)) as u16;
        let expected: Vec<u16> = reference.values.iter().map(nearest).collect();
        let file = read(&folder, &format!("conformance/{name}"));
        let picture = decoder.read(&file).unwrap();
        let decoded = decode_bits(&picture, layout_of(reference.channels), bits).expect(name);
        let shape = (reference.width, reference.channels);
        assert_same(name, shape, &decoded, &expected);
    }
}

#[test]
fn floats_match_their_reference() {
    let Some(folder) = corpus() else { return };
    let reference = fs::read(folder.join("conformance/refs/lossless_pfm.ref.pfm")).unwrap();
    let header = b"PF\n500 500\n-1.0\n";
    assert_eq!(&reference[..header.len()], header);
    let rows = reference[header.len()..].chunks_exact(500 * 3 * 4).rev();
    let expected: Vec<u32> = rows
        .flat_map(|row| row.as_chunks::<4>().0)
        .map(|&bytes| u32::from_le_bytes(bytes))
        .collect();
    let file = read(&folder, "conformance/lossless_pfm");
    let picture = Decoder::default().read(&file).unwrap();
    let decoded = picture.decode::<f32>(Layout::Rgb).unwrap();
    let decoded: Vec<u32> = decoded.into_iter().map(f32::to_bits).collect();
    assert_same("lossless_pfm", (500, 3), &decoded, &expected);
}

/// The bounds of the conformance suite's test.json, widened by the rounding of the reference picture to 8 bits.
fn check_conformance(name: &str, layout: Layout) {
    let Some(folder) = corpus() else { return };
    let (rms_bound, peak_bound) = (0.000976562, 0.000976562);
    let step = 1.0 / 255.0;
    let reference = read_png(&folder.join(format!("conformance/refs/{name}.ref.png")));
    let file = read(&folder, &format!("conformance/{name}"));
    let picture = Decoder::default().read(&file).unwrap();
    let decoded = picture.decode::<f32>(layout).unwrap();
    assert_eq!(decoded.len(), reference.values.len());
    let errors = decoded
        .iter()
        .zip(&reference.values)
        .map(|(&sample, &expected)| {
            (f64::from(sample).clamp(0.0, 1.0) - f64::from(expected) * step).abs()
        });
    let (mut peak, mut squares) = (0f64, 0f64);
    for error in errors {
        peak = peak.max(error);
        squares += error * error;
    }
    let rms = (squares / decoded.len() as f64).sqrt();
    assert!(peak <= peak_bound + step / 2.0, "peak error {peak}");
    assert!(rms <= rms_bound + step / 12f64.sqrt(), "rms error {rms}");
}

#[test]
fn xyb_is_within_the_conformance_error() {
    check_conformance("bicycles", Layout::Rgb);
}

#[test]
fn filtered_modular_frames_are_within_the_conformance_error() {
    check_conformance("grayscale_public_university", Layout::Grey);
}

#[test]
fn repeated_decodes_are_identical_on_any_number_of_threads() {
    let Some(folder) = corpus() else { return };
    for name in DECODED {
        let file = read(&folder, name);
        let decoder = Decoder::default();
        let picture = decoder.read(&file).unwrap();
        let format = PixelFormat::new(picture.info().layout(), SampleFormat::U16 { bits: 16 });
        let stride_bytes = picture.info().width as usize * format.pixel_bytes();
        let mut pixels = vec![0; stride_bytes * picture.info().height as usize];
        let mut first: Option<Vec<u8>> = None;
        for threads in [1, 2, 8] {
            let pool = ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let decode = || picture.decode_bytes_into(format, &mut pixels, stride_bytes);
            pool.install(decode).expect(name);
            let first = first.get_or_insert_with(|| pixels.clone());
            assert!(*first == pixels, "{name} on {threads} threads");
        }
        assert_eq!(decoder.arena().snapshot().live_bytes, 0, "{name}");
    }
}
