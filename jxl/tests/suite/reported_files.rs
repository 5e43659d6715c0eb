//! Files from public reports of faults in other decoders and in this one, if they are available;
//! see [`support::corpus`](super::support::corpus). References are libjxl's samples.

use std::fs;
use std::path::Path;

use jxl_arena::{Decoder, Error, Picture};

use super::support::{corpus, layout_of};

/// A step of 8-bit samples: lossy pictures are rounded and dithered on their way to a reference.
const STEP: f32 = 1.0 / 255.0;

/// A reference picture: samples of all frames, one after the other.
struct Reference {
    frames: usize,
    channels: usize,
    /// Integers are scaled to 0.0 to 1.0.
    samples: Vec<f32>,
    /// The step of integers, 0 for floats.
    step: f32,
}

/// Reads a NumPy file of 8-bit or 16-bit integers or floats (NEP 1, version 1.0).
fn read_npy(path: &Path, bits: u32) -> Reference {
    let bytes = fs::read(path).expect("a reference");
    let header_bytes = usize::from(bytes[8]) + 256 * usize::from(bytes[9]);
    let (header, samples) = bytes[10..].split_at(header_bytes);
    let header = std::str::from_utf8(header).expect("a header");
    let (_, shape) = header.split_once("'shape': (").expect("a shape");
    let (shape, _) = shape.split_once(')').expect("a shape");
    let shape = shape
        .split(',')
        .map(str::trim)
        .filter(|side| !side.is_empty());
    let shape: Vec<usize> = shape.map(|side| side.parse().expect("a side")).collect();
    let (frames, channels) = match *shape {
        [_, _] => (1, 1),
        [_, _, channels] => (1, channels),
        [frames, _, _, channels] => (frames, channels),
        _ => panic!("{shape:?}"),
    };
    let max = ((1_u64 << bits) - 1) as f32;
    let words = || samples.as_chunks::<2>().0.iter();
    let (samples, step): (Vec<_>, _) = if header.contains("'|u1'") {
        (
            samples.iter().map(|&v| f32::from(v) / max).collect(),
            1.0 / max,
        )
    } else if header.contains("'<u2'") {
        (
            words()
                .map(|&v| f32::from(u16::from_le_bytes(v)) / max)
                .collect(),
            1.0 / max,
        )
    } else {
        let floats = samples.as_chunks::<4>().0.iter();
        (floats.map(|&v| f32::from_le_bytes(v)).collect(), 0.0)
    };
    assert_eq!(samples.len(), shape.iter().product::<usize>());
    Reference {
        frames,
        channels,
        samples,
        step,
    }
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(format!("field/{name}.jxl"))).expect(name)
}

/// Decodes all pictures to floats. Returns their number and their samples.
fn decode_all(picture: &Picture<'_>, channels: usize) -> Result<(usize, Vec<f32>), Error> {
    let (mut frames, mut samples) = (0, Vec::new());
    let mut pictures = picture.frames()?;
    while let Some((_, mut pixels)) = pictures.decode_next::<f32>(layout_of(channels))? {
        frames += 1;
        samples.append(&mut pixels);
    }
    Ok((frames, samples))
}

/// Checks that samples differ from the reference by at most `tolerance` plus its rounding.
fn check(name: &str, tolerance: f32) {
    let Some(folder) = corpus() else { return };
    let file = read(&folder, name);
    let decoder = Decoder::default();
    let picture = decoder
        .read(&file)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let bits = picture.info().depth.bits();
    let reference = read_npy(&folder.join(format!("field/{name}.ref.npy")), bits);
    let (frames, samples) =
        decode_all(&picture, reference.channels).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(
        (frames, samples.len()),
        (reference.frames, reference.samples.len()),
        "{name}"
    );
    let pairs = samples.iter().zip(&reference.samples);
    let is_integer = reference.step > 0.0;
    let differences = pairs.map(|(&sample, expected)| {
        let sample = if is_integer {
            sample.clamp(0.0, 1.0)
        } else {
            sample
        };
        (sample - expected).abs()
    });
    let largest = differences.fold(0.0, f32::max);
    let bound = tolerance + reference.step * 0.51;
    assert!(
        largest <= bound,
        "{name}: samples differ by {largest}, more than {bound}"
    );
}

#[test]
fn doubled_components_are_padded() {
    check("grey_jpeg_2x2_17x9", STEP);
    check("jpeg444_as_2x1_17x9", STEP);
}

#[test]
fn cropped_frames_use_a_part_of_an_lf_frame() {
    check("gif_partial_frames_d5", STEP);
    check("lf_frame_crop_small", STEP / 4.0);
}

#[test]
fn extra_channels_are_blended_by_their_own_mode() {
    check("ec_blend_add_alpha_replace", 0.0);
    check("ec_blend_silent_wrong_alpha", 0.0);
}

#[test]
fn xyb_by_name_has_no_transfer_function_in_the_header() {
    check("enum_colour_space_xyb", 0.0);
}

#[test]
fn what_follows_the_codestream_is_left_alone() {
    check("two_jxlc", 0.0);
}

#[test]
fn extra_channels_that_must_be_understood_are_refused() {
    let Some(folder) = corpus() else { return };
    let file = read(&folder, "extra_channel_type_15");
    let error = Decoder::default().read(&file).err();
    assert!(
        matches!(error, Some(Error::Unsupported { .. })),
        "{error:?}"
    );
}
