//! Files of several frames: their contents, saved frames that outlive their frame, and files with
//! missing or moved frames.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use frame_arena::{AllocError, Arena, PlaneAlloc};
use jxl_arena::{Decoder, Error, Layout};
use jxl_bitstream::Bitstream;
use jxl_frame::FrameHeader;
use jxl_frame::data::Toc;
use jxl_frame::header::{BlendMode, FrameType};
use jxl_image::ImageHeader;
use jxl_oxide_common::Bundle;

use super::headers::{end_of_header, with_bits, with_size};
use super::pictures::layers;
use super::sample_table::LAYERED;
use super::support::{integers, sample_bytes};

const PATCHES: [&str; 7] = [
    "patches_lossless",
    "patches_lossless_gray",
    "patches_lossless_alpha",
    "patches_modular",
    "vardct_patches",
    "vardct_patches_alpha",
    "lf_frame_patches",
];
const LF_FRAMES: [&str; 3] = ["lf_frame", "lf_frames_nested", "lf_frame_patches"];
const LAYERS: [&str; 2] = ["layers_lossless", "layers_vardct"];

/// Returns the header of each frame of a bare codestream, and the bytes of the frame.
pub(crate) fn frames(codestream: &[u8]) -> Vec<(FrameHeader, Range<usize>)> {
    let image = ImageHeader::parse(&mut Bitstream::new(codestream), ()).unwrap();
    let mut start = end_of_header(codestream).div_ceil(8);
    let mut frames = Vec::new();
    loop {
        let mut bits = Bitstream::new(&codestream[start..]);
        let header = FrameHeader::parse(&mut bits, &image).unwrap();
        let toc = Toc::parse(&mut bits, &header).unwrap();
        let end = start + bits.num_read_bits() / 8 + toc.total_byte_size();
        let is_last = header.is_last;
        frames.push((header, start..end));
        start = end;
        if is_last {
            return frames;
        }
    }
}

/// Returns the codestream with only these of its frames, in this order.
pub(crate) fn with_frames(codestream: &[u8], numbers: &[usize]) -> Vec<u8> {
    let frames = frames(codestream);
    let mut out = codestream[..frames[0].1.start].to_vec();
    for &number in numbers {
        out.extend_from_slice(&codestream[frames[number].1.clone()]);
    }
    out
}

fn try_decode(decoder: &Decoder, file: &[u8]) -> Result<Vec<u8>, Error> {
    let picture = decoder.read(file)?;
    picture.decode::<u8>(picture.info().layout())
}

#[test]
fn samples_hold_what_they_are_named_after() {
    for name in PATCHES {
        let frames = frames(&sample_bytes(name));
        let mut headers = frames.iter().map(|(header, _)| header);
        assert!(
            headers.clone().any(|header| header.flags.patches()),
            "{name}"
        );
        assert!(
            headers.any(|header| header.frame_type == FrameType::ReferenceOnly),
            "{name}"
        );
    }
    for name in LF_FRAMES {
        let frames = frames(&sample_bytes(name));
        let levels = frames.iter().map(|(header, _)| header.lf_level).max();
        let expected = if name == "lf_frames_nested" { 2 } else { 1 };
        assert_eq!(levels, Some(expected), "{name}");
        assert!(
            frames.iter().any(|(header, _)| header.flags.use_lf_frame()),
            "{name}"
        );
    }
    for name in LAYERS {
        let frames = frames(&sample_bytes(name));
        let sample = LAYERED.iter().find(|sample| sample.name == name);
        let drawn = (sample.expect(name).draw)();
        assert_eq!(frames.len(), drawn.len(), "{name}");
        for ((header, _), layer) in frames.iter().zip(&drawn) {
            let is_blended = header.blending_info.mode == BlendMode::Blend;
            assert_eq!(is_blended, layer.is_blended, "{name}");
            let place = (header.x0 as u32, header.y0 as u32);
            assert_eq!(place, layer.place, "{name}");
        }
    }
}

/// Must hold however a frame is decoded and wherever its rows go.
#[test]
fn progress_ends_with_all_pixels() {
    let names = ["rgb8_e3_g0", "squeeze_g0", "xyb_groups", "vardct_groups"];
    for name in names.into_iter().chain(PATCHES).chain(LAYERS) {
        let (calls, largest) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counter, finished_pixels) = (Arc::clone(&calls), Arc::clone(&largest));
        let decoder = Decoder::default().with_progress(move |finished, total| {
            assert!(finished <= total);
            counter.fetch_add(usize::from(finished == total), Ordering::Relaxed);
            finished_pixels.fetch_max(finished as usize, Ordering::Relaxed);
        });
        let picture = try_decode(&decoder, &sample_bytes(name));
        assert!(picture.is_ok(), "{name}");
        assert_eq!(calls.load(Ordering::Relaxed), 1, "{name}");
        assert!(largest.load(Ordering::Relaxed) > 0, "{name}");
    }
}

/// Fills all memory that earlier frames returned with NaN while the shown frame still has rows to
/// decode.
#[test]
fn what_is_kept_outlives_the_memory_of_its_frame() {
    // Files whose shown frame is finished in several steps.
    let patches_and_lf_frames = ["vardct_patches", "lf_frames_nested"];
    for name in patches_and_lf_frames.into_iter().chain(LAYERS) {
        let file = sample_bytes(name);
        let expected = try_decode(&Decoder::default(), &file).unwrap();
        let arena = Arena::new();
        let spoiled = Arc::new(AtomicUsize::new(0));
        let (other, counter) = (arena.clone(), Arc::clone(&spoiled));
        let decoder = Decoder::new(arena).with_progress(move |finished, total| {
            if finished == total {
                return;
            }
            let frame = other.frame();
            // Requests sizes from the largest run down to the smallest block, several of each.
            for bytes in (10..23).rev().map(|log| 1usize << log) {
                for _ in 0..6 {
                    let mut plane = frame.stale_plane::<f32>(bytes / 4, 1).unwrap();
                    plane.row_mut(0).fill(f32::NAN);
                }
            }
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
        let decoded = pool.unwrap().install(|| try_decode(&decoder, &file));
        assert!(decoded.unwrap() == expected, "{name}");
        assert!(
            spoiled.load(Ordering::Relaxed) > 0,
            "{name}: nothing was spoiled"
        );
    }
}

#[test]
fn patches_and_lf_frames_that_are_not_there_are_corrupt() {
    for name in PATCHES.into_iter().chain(LF_FRAMES) {
        let file = sample_bytes(name);
        let count = frames(&file).len();
        for missing in 0..count - 1 {
            let kept: Vec<_> = (0..count).filter(|&number| number != missing).collect();
            let result = try_decode(&Decoder::default(), &with_frames(&file, &kept));
            assert!(
                matches!(result, Err(Error::Corrupt(_))),
                "{name} without {missing}"
            );
        }
        let unfinished: Vec<_> = (0..count - 1).collect();
        let unfinished = with_frames(&file, &unfinished);
        let result = Decoder::default().read(&unfinished);
        assert!(matches!(result, Err(Error::Truncated)), "{name}");
    }
}

#[test]
fn frames_in_other_orders_are_no_panic() {
    let decoder = Decoder::new(Arena::builder().limit_bytes(64 << 20).build());
    for name in PATCHES.into_iter().chain(LF_FRAMES).chain(LAYERS) {
        let file = sample_bytes(name);
        let count = frames(&file).len();
        let mut last_twice: Vec<_> = (0..count).collect();
        last_twice.push(count - 1);
        let whole = try_decode(&decoder, &file).unwrap();
        assert!(try_decode(&decoder, &with_frames(&file, &last_twice)).unwrap() == whole);
        for first in 0..count {
            for second in 0..count {
                let order = [first, second, first, count - 1];
                let _ = try_decode(&decoder, &with_frames(&file, &order));
            }
        }
        // Frames of another size than the image, or LF frames and patches for another size.
        for size in [(1, 1), (64, 64), (151, 121), (3000, 10)] {
            let _ = try_decode(&decoder, &with_size(&file, size));
        }
        assert_eq!(decoder.arena().snapshot().live_bytes, 0, "{name}");
    }
}

#[test]
fn a_missing_layer_counts_as_transparent() {
    let file = with_frames(&sample_bytes("layers_lossless"), &[1, 2]);
    let decoded = try_decode(&Decoder::default(), &file).unwrap();
    assert_eq!(decoded, composed(&[1, 2], &[(10, 5), (35, 28)]));
}

#[test]
fn a_canvas_beyond_the_limit_is_refused() {
    let file = with_frames(&sample_bytes("layers_lossless"), &[1, 2]);
    let file = with_size(&file, (4000, 4000));
    let limit_bytes = 100 << 20;
    let decoder = Decoder::new(Arena::builder().limit_bytes(limit_bytes).build());
    let picture = decoder.read(&file).unwrap();
    let mut pixels = vec![0u8; 4000 * 4000 * 4];
    let result = picture.decode_into(Layout::Rgba, &mut pixels);
    assert!(matches!(
        result,
        Err(Error::Memory(AllocError::LimitExceeded { .. }))
    ));
    let after = decoder.arena().snapshot();
    assert!(after.peak_held_bytes <= limit_bytes);
    assert_eq!(after.live_bytes, 0);
}

/// Draws the layers with these numbers at these places, one over the other, on a transparent
/// canvas.
fn composed(numbers: &[usize], places: &[(i32, i32)]) -> Vec<u8> {
    let layers = layers();
    let (width, height) = (layers[0].picture.width, layers[0].picture.height);
    let mut canvas = vec![[0f64; 4]; width * height];
    for (&number, &(left, top)) in numbers.iter().zip(places) {
        let layer = &layers[number];
        let (values, _) = integers(&layer.picture);
        for (index, pixel) in values.chunks_exact(4).enumerate() {
            let x = left + (index % layer.picture.width) as i32;
            let y = top + (index / layer.picture.width) as i32;
            if x < 0 || y < 0 || x >= width as i32 || y >= height as i32 {
                continue;
            }
            let below = &mut canvas[y as usize * width + x as usize];
            let above = [0, 1, 2, 3].map(|c| f64::from(pixel[c]) / 255.0);
            if !layer.is_blended {
                *below = above;
                continue;
            }
            let rest = below[3] * (1.0 - above[3]);
            let alpha = above[3] + rest;
            for (below, above_color) in below.iter_mut().zip(above).take(3) {
                let sum = above_color * above[3] + *below * rest;
                *below = if alpha > 0.0 { sum / alpha } else { 0.0 };
            }
            below[3] = alpha;
        }
    }
    let sample = |sample: f64| (sample * 255.0 + 0.5) as u8;
    canvas.into_iter().flatten().map(sample).collect()
}

/// Returns the codestream with its last frame moved from `from` to `to`.
fn with_last_frame_at(codestream: &[u8], from: (i32, i32), to: (i32, i32)) -> Vec<u8> {
    let start = frames(codestream).pop().unwrap().1.start;
    let packed = |place: i32| if place < 0 { -2 * place - 1 } else { 2 * place } as u32;
    // Both coordinates are U32 fields: two bits of 0 select the form with 8 bits, which follow.
    let bits = |(x, y): (i32, i32)| (packed(x) << 2) | (packed(y) << 12);
    let mut reader = Bitstream::new(&codestream[start..]);
    let found = (0..64).find(|_| {
        let is_here = reader.peek_bits(20) == bits(from);
        reader.skip_bits(1).unwrap();
        is_here
    });
    let position = 8 * start + found.expect("the place in the header");
    with_bits(codestream, position, 20, bits(to))
}

#[test]
fn layers_reach_out_of_the_picture() {
    let file = sample_bytes("layers_lossless");
    for to in [
        (0, 0),
        (-7, -12),
        (80, 60),
        (-49, 69),
        (60, -39),
        (100, 0),
        (0, -100),
    ] {
        let moved = with_last_frame_at(&file, (35, 28), to);
        let decoded = try_decode(&Decoder::default(), &moved).unwrap();
        let expected = composed(&[0, 1, 2], &[(0, 0), (10, 5), to]);
        let differences = decoded.iter().zip(&expected).map(|(a, b)| a.abs_diff(*b));
        assert!(
            decoded.len() == expected.len() && differences.max() <= Some(1),
            "{to:?}"
        );
    }
}
