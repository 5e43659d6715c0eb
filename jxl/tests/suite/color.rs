//! Colors of small files that other decoders got wrong, compared with libjxl's samples.

use std::fs;
use std::path::Path;

use jxl_arena::{Decoder, Error, OutputSample, Picture};

use super::support::corpus;

/// Reads the shape of a NumPy file and its 8-bit samples.
pub(crate) fn read_npy(path: &Path) -> (Vec<usize>, Vec<u8>) {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    let header_bytes = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let (header, samples) = bytes[10..].split_at(header_bytes);
    let header = String::from_utf8_lossy(header);
    assert!(header.contains("'|u1'") && header.contains("'fortran_order': False"));
    let (_, shape) = header.split_once("'shape': (").unwrap();
    let (shape, _) = shape.split_once(')').unwrap();
    let sides = shape.split(',').filter_map(|side| side.trim().parse().ok());
    let shape: Vec<usize> = sides.collect();
    assert_eq!(shape.iter().product::<usize>(), samples.len());
    (shape, samples.to_vec())
}

/// Returns the samples of all pictures of a file.
fn decode_all<T: OutputSample>(picture: &Picture<'_>) -> Result<Vec<T>, Error> {
    let mut frames = picture.frames()?;
    let mut samples = Vec::new();
    while let Some((_, decoded)) = frames.decode_next::<T>(picture.info().layout())? {
        samples.extend(decoded);
    }
    Ok(samples)
}

/// Decodes `field/NAME.jxl` as bytes and as floats, and asserts that all are finite. All pixels
/// except at most `others` must be within 1.5 of libjxl's bytes, which are dithered.
fn check(name: &str, others: usize) {
    let Some(folder) = corpus() else { return };
    let file = fs::read(folder.join(format!("field/{name}.jxl"))).expect(name);
    let (shape, expected) = read_npy(&folder.join(format!("field/{name}.ref.npy")));
    let channels = *shape.last().filter(|&&side| side <= 4).unwrap_or(&1);
    let decoder = Decoder::default();
    let picture = decoder.read(&file).expect(name);
    let bytes = decode_all::<u8>(&picture).expect(name);
    let floats = decode_all::<f32>(&picture).expect(name);
    assert!(floats.iter().all(|sample| sample.is_finite()), "{name}");
    let floats = floats.iter().map(|sample| sample.clamp(0.0, 1.0) * 255.0);
    for samples in [bytes.into_iter().map(f32::from).collect(), floats.collect()] {
        let samples: Vec<f32> = samples;
        assert_eq!(samples.len(), expected.len(), "{name}");
        let apart = |(found, &expected): (&f32, &u8)| (found - f32::from(expected)).abs();
        let apart: Vec<f32> = samples.iter().zip(&expected).map(apart).collect();
        let pixels = apart.chunks(channels);
        let found = pixels.filter(|pixel| pixel.iter().any(|&apart| apart > 1.5));
        assert!(found.count() <= others, "{name}");
        let near: Vec<f32> = apart.into_iter().filter(|&apart| apart <= 1.5).collect();
        let mean = near.iter().sum::<f32>() / near.len() as f32;
        assert!(mean < 0.35, "{name}: the mean difference is {mean}");
    }
}

/// Up to 36 pixels have a negative luminance. libjxl raises it to a power, so that they are bright
/// between dark neighbors there.
#[test]
fn hybrid_log_gamma_of_colors_out_of_gamut_is_finite() {
    check("hlg_nan_animation", 36);
}

#[test]
fn gray_hybrid_log_gamma_is_decoded() {
    check("grey_hlg_xyb", 0);
}

/// 449 x 676 pixels of BT.2100, of which 452 have a negative luminance.
#[test]
fn hybrid_log_gamma_of_a_photo_is_finite() {
    let Some(folder) = corpus() else { return };
    let file = fs::read(folder.join("photos/hdr_room_d1.jxl")).unwrap();
    let decoder = Decoder::default();
    let floats = decode_all::<f32>(&decoder.read(&file).unwrap()).unwrap();
    assert_eq!(floats.len(), 449 * 676 * 3);
    let range = -0.5..1.5;
    assert!(floats.iter().all(|sample| range.contains(sample)));
}
