//! The pictures of animations, one after the other.

use std::fs;
use std::time::Duration;

use frame_arena::{AllocError, Arena, FrameReport};
use jxl_arena::{DecodedFrame, Decoder, Error, FrameInfo, Layout, Picture};

use super::frames::{frames, with_frames};
use super::sample_table::ANIMATED;
use super::support::{assert_same, corpus, pool, read_pngs, sample_bytes, samples_folder};
use super::tier::is_slow_wanted;

const NAMES: [&str; 2] = ["animation_lossless", "animation_vardct"];

/// Animations of the corpus, and their numbers of pictures.
const CORPUS: [(&str, usize); 6] = [
    ("conformance/animation_icos4d", 48),
    ("conformance/animation_newtons_cradle", 36),
    ("features/5_frames_numbered_jxli", 5),
    ("features/cropped_traffic_light", 4),
    ("photos/animation_patches_d1", 2),
    ("photos/traffic_light_lossless", 4),
];

/// Decodes pictures up to the first error, and returns them and the error.
fn decode_all(picture: &Picture<'_>) -> (Vec<(DecodedFrame, Vec<u8>)>, Option<Error>) {
    let mut decoded = Vec::new();
    let mut frames = match picture.frames() {
        Ok(frames) => frames,
        Err(error) => return (decoded, Some(error)),
    };
    let layout = picture.info().layout();
    loop {
        match frames.decode_next(layout) {
            Ok(Some(frame)) => decoded.push(frame),
            Ok(None) => return (decoded, None),
            Err(error) => {
                // A picture that had no memory for its vector can be requested again.
                let is_memory = matches!(error, Error::Memory(_));
                let further = frames.decode_next::<u8>(layout);
                let is_end = matches!(further, Ok(None)) || is_memory && further.is_err();
                assert!(is_end, "a picture after an error");
                return (decoded, Some(error));
            }
        }
    }
}

/// The samples of all pictures.
fn pictures(decoder: &Decoder, file: &[u8]) -> Vec<Vec<u8>> {
    let (decoded, error) = decode_all(&decoder.read(file).unwrap());
    assert!(error.is_none(), "{error:?}");
    decoded.into_iter().map(|(_, pixels)| pixels).collect()
}

fn made(report: &FrameReport) -> u64 {
    let made = report
        .stages
        .iter()
        .map(|stage| stage.blocks_made + stage.runs_made);
    made.sum()
}

#[test]
fn every_picture_is_as_the_reference_decoder_shows_it() {
    for name in NAMES {
        let references = read_pngs(&samples_folder().join(format!("{name}.ref.png")));
        let file = sample_bytes(name);
        for threads in [1, 2, 8] {
            let decoder = Decoder::default();
            let picture = decoder.read(&file).unwrap();
            let (decoded, error) = pool(threads).install(|| decode_all(&picture));
            assert!(
                error.is_none() && decoded.len() == references.len(),
                "{name}"
            );
            for ((frame, pixels), reference) in decoded.iter().zip(&references) {
                let pixels: Vec<u16> = pixels.iter().copied().map(u16::from).collect();
                if picture.info().xyb {
                    let pairs = pixels.iter().zip(&reference.values);
                    let largest = pairs.map(|(a, b)| a.abs_diff(*b)).max();
                    let index = frame.info.index;
                    assert!(largest <= Some(1), "{name}, {index}: {largest:?}");
                } else {
                    assert_same(name, (reference.width, 4), &pixels, &reference.values);
                }
            }
            let first: Vec<u8> = picture.decode(Layout::Rgba).unwrap();
            assert!(first == decoded[0].1, "{name}");
        }
    }
}

#[test]
fn headers_say_how_long_pictures_are_shown() {
    for (name, sample) in NAMES.into_iter().zip(ANIMATED) {
        let file = sample_bytes(name);
        let picture = Decoder::default().read(&file).unwrap();
        let animation = picture.info().animation.expect(name);
        assert_eq!(animation.plays, None);
        let drawn = (sample.draw)();
        let shown = drawn.iter().filter(|layer| layer.hundredths > 0);
        let expected: Vec<_> = shown
            .map(|layer| Duration::from_millis(10 * u64::from(layer.hundredths)))
            .collect();
        let infos: Vec<FrameInfo> = picture.frame_infos().map(Result::unwrap).collect();
        let durations = infos
            .iter()
            .map(|info| animation.duration(info.duration_ticks));
        assert_eq!(durations.collect::<Vec<_>>(), expected);
        assert!(infos.iter().map(|info| info.index).eq(0..expected.len()));
        assert!(infos.iter().all(|info| info.is_last == (info.index == 4)));
        let (decoded, _) = decode_all(&picture);
        assert!(decoded.iter().map(|(frame, _)| &frame.info).eq(&infos));
    }
    let still = sample_bytes("layers_lossless");
    let picture = Decoder::default().read(&still).unwrap();
    assert_eq!(picture.frame_infos().count(), 1);
    assert_eq!(decode_all(&picture).0.len(), 1);
}

#[test]
fn the_corpus_has_so_many_pictures() {
    let Some(folder) = corpus() else { return };
    for (name, count) in CORPUS {
        let file = fs::read(folder.join(name).with_extension("jxl")).unwrap();
        let picture = Decoder::default().read(&file).unwrap();
        assert_eq!(picture.frame_infos().count(), count, "{name}");
    }
}

/// The bounds are those of the conformance suite's test.json, the same for all pictures, plus the
/// rounding of the reference to 8 bits.
#[test]
fn pictures_are_within_the_conformance_error() {
    let Some(folder) = corpus() else { return };
    let path = folder.join("conformance/refs/animation_icos4d.ref.apng");
    let references = read_pngs(&path);
    let file = fs::read(folder.join("conformance/animation_icos4d.jxl")).unwrap();
    let picture = Decoder::default().read(&file).unwrap();
    let mut frames = picture.frames().unwrap();
    let step = 1.0 / 255.0;
    for (index, reference) in references.iter().enumerate() {
        let (_, pixels) = frames.decode_next::<f32>(Layout::Rgba).unwrap().unwrap();
        let errors = pixels
            .iter()
            .zip(&reference.values)
            .map(|(&sample, &expected)| {
                (f64::from(sample).clamp(0.0, 1.0) - f64::from(expected) * step).abs()
            });
        let errors: Vec<f64> = errors.collect();
        let peak = errors.iter().copied().fold(0.0, f64::max);
        let rms = (errors.iter().map(|e| e * e).sum::<f64>() / errors.len() as f64).sqrt();
        assert!(peak <= 0.005 + step / 2.0, "{index}: peak error {peak}");
        assert!(
            rms <= 0.0001 + step / 12f64.sqrt(),
            "{index}: rms error {rms}"
        );
    }
    assert!(frames.decode_next::<f32>(Layout::Rgba).unwrap().is_none());
}

#[test]
fn equal_pictures_after_the_second_take_no_new_memory() {
    for name in NAMES {
        let file = sample_bytes(name);
        // Repeats frame 2, which is blended with a slot and saved in the same slot.
        let file = with_frames(&file, &[0, 2, 2, 2, 2, 2, 2, 5]);
        let decoder = Decoder::default();
        let picture = decoder.read(&file).unwrap();
        let (decoded, error) = pool(1).install(|| decode_all(&picture));
        assert!(error.is_none(), "{name}: {error:?}");
        assert!(
            made(&decoded[0].0.report) > 0,
            "{name}: the first picture made no blocks or runs"
        );
        for (frame, _) in &decoded[2..7] {
            assert_eq!(made(&frame.report), 0, "{name}, {}", frame.info.index);
        }
        // The blocks of scratches swap roles from picture to picture, so it takes some pictures
        // until each is touched up to the deepest use. With the red zones of AddressSanitizer, uses
        // differ more in depth, so it takes more pictures.
        let first_warm = if cfg!(frame_arena_asan) { 6 } else { 5 };
        for (frame, _) in &decoded[first_warm..7] {
            for kind in &frame.report.kinds {
                assert_eq!(
                    kind.hits, kind.requests,
                    "{name}, {}: {kind:?}",
                    frame.info.index
                );
            }
        }
        let again = pool(1).install(|| decode_all(&picture)).0;
        assert!(
            again.iter().all(|(frame, _)| made(&frame.report) == 0),
            "{name}"
        );
        assert_eq!(decoder.arena().snapshot().live_bytes, 0, "{name}");
    }
}

fn check_plan(name: &str, file: &[u8]) {
    for threads in [1, 2, 8] {
        let pool = pool(threads);
        let pixels = pool.install(|| pictures(&Decoder::default(), file));
        let arena = Arena::new();
        let reserving = Decoder::new(arena.clone()).reserving();
        let reserved = pool.install(|| pictures(&reserving, file));
        assert!(reserved == pixels, "{name}: samples differ with a reserve");
        let after = arena.snapshot();
        assert_eq!(
            (after.live_bytes, after.beyond_plan_bytes),
            (0, 0),
            "{name}"
        );
    }
}

#[test]
fn pictures_take_at_most_what_is_planned() {
    for name in NAMES {
        let file = sample_bytes(name);
        check_plan(name, &file);
        for order in [
            vec![0, 3, 3, 3, 5],
            vec![0, 2, 4, 2, 4, 5],
            vec![3, 1, 1, 1, 2, 0, 5],
        ] {
            check_plan(name, &with_frames(&file, &order));
        }
    }
    if !is_slow_wanted("plans of the corpus's animations") {
        return;
    }
    let Some(folder) = corpus() else { return };
    for (name, _) in CORPUS {
        let file = fs::read(folder.join(name).with_extension("jxl")).unwrap();
        check_plan(name, &file);
    }
}

#[test]
fn a_truncated_animation_gives_the_pictures_before_its_end() {
    for name in NAMES {
        let file = sample_bytes(name);
        let expected = pictures(&Decoder::default(), &file);
        let frames = frames(&file);
        let ends: Vec<_> = frames.iter().map(|(_, bytes)| bytes.end).collect();
        for decoder in [Decoder::default(), Decoder::default().reserving()] {
            for length in (ends[0]..file.len()).step_by(61) {
                let picture = decoder.read(&file[..length]).unwrap();
                let (decoded, error) = decode_all(&picture);
                assert!(matches!(error, Some(Error::Truncated)), "{name}: {error:?}");
                let complete = ends.iter().filter(|&&end| end <= length).count();
                let hidden = usize::from(complete > 1);
                assert_eq!(decoded.len(), complete - hidden, "{name}");
                for ((_, pixels), expected) in decoded.iter().zip(&expected) {
                    assert!(pixels == expected, "{name}");
                }
                let infos = picture.frame_infos().filter(Result::is_ok);
                assert_eq!(infos.count(), decoded.len(), "{name}");
            }
            assert_eq!(decoder.arena().snapshot().live_bytes, 0, "{name}");
            assert!(pictures(&decoder, &file) == expected, "{name}");
        }
    }
}

#[test]
fn a_corrupt_frame_ends_the_pictures_before_it() {
    for name in NAMES {
        let file = sample_bytes(name);
        let expected = pictures(&Decoder::default(), &file);
        let mut failures = 0;
        for (number, (_, bytes)) in frames(&file).iter().enumerate().skip(2) {
            for at in bytes.clone().step_by(7) {
                let mut damaged = file.clone();
                damaged[at] ^= 0x5A;
                for decoder in [Decoder::default(), Decoder::default().reserving()] {
                    let picture = decoder.read(&damaged).unwrap();
                    let (decoded, error) = decode_all(&picture);
                    failures += usize::from(error.is_some());
                    // The second frame is not shown.
                    assert!(decoded.len() >= number - 1, "{name}, {at}: {error:?}");
                    let before = decoded.iter().zip(&expected).take(number - 1);
                    for ((_, pixels), expected) in before {
                        assert!(pixels == expected, "{name}, {at}");
                    }
                    assert_eq!(decoder.arena().snapshot().live_bytes, 0, "{name}");
                }
            }
        }
        assert!(failures > 20, "{name}: only {failures} errors");
    }
}

#[test]
fn a_limit_ends_the_pictures_and_leaves_the_arena_usable() {
    for name in NAMES {
        let file = sample_bytes(name);
        let unlimited = Decoder::default();
        let expected = pictures(&unlimited, &file);
        let needed_bytes = unlimited.arena().snapshot().peak_held_bytes;
        let mut counts = Vec::new();
        for sixteenths in 1..=20 {
            let limit_bytes = needed_bytes * sixteenths / 16;
            let decoder = Decoder::new(Arena::builder().limit_bytes(limit_bytes).build());
            let picture = decoder.read(&file).unwrap();
            let (decoded, error) = decode_all(&picture);
            let is_limit = |error| match error {
                Error::Memory(AllocError::LimitExceeded {
                    limit_bytes: said, ..
                }) => said == limit_bytes,
                _ => false,
            };
            assert_eq!(error.is_none(), decoded.len() == expected.len(), "{name}");
            assert!(error.is_none_or(is_limit), "{name} within {limit_bytes}");
            for ((_, pixels), expected) in decoded.iter().zip(&expected) {
                assert!(pixels == expected, "{name} within {limit_bytes} bytes");
            }
            let after = decoder.arena().snapshot();
            assert_eq!((after.live_bytes, after.charged_bytes), (0, 0), "{name}");
            assert!(after.peak_held_bytes <= limit_bytes, "{name}");
            counts.push(decoded.len());
        }
        assert_eq!(
            (counts[0], counts[19]),
            (0, expected.len()),
            "{name}: {counts:?}"
        );
    }
}

/// Returns the file with frame `number` saved before its colors are converted: one bit of its
/// header differs.
fn with_frame_kept_as_coded(file: &[u8], number: usize) -> Vec<u8> {
    let header_of = |file: &[u8]| format!("{:?}", frames(file)[number].0);
    let expected = header_of(file).replace("save_before_ct: false", "save_before_ct: true");
    let bits = frames(file)[number].1.start * 8..;
    let changed = bits.take(200).map(|bit| {
        let mut changed = file.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        changed
    });
    // Other bits may change where the header ends.
    let parses = |file: &Vec<u8>| {
        Decoder::default()
            .read(file)
            .is_ok_and(|picture| picture.frame_infos().all(|info| info.is_ok()))
    };
    let mut changed = changed.filter(parses);
    changed.find(|file| header_of(file) == expected).unwrap()
}

/// Asserts that there are as many pictures, and that samples differ by at most a step: a picture
/// that is only shown is converted from XYB to bytes directly.
fn assert_near(name: &str, decoded: &[Vec<u8>], expected: &[Vec<u8>]) {
    assert_eq!(decoded.len(), expected.len(), "{name}");
    let pairs = decoded.iter().flatten().zip(expected.iter().flatten());
    let largest = pairs.map(|(a, b)| a.abs_diff(*b)).max();
    assert!(largest <= Some(1), "{name}: {largest:?}");
}

#[test]
fn a_picture_may_be_kept_before_its_colors_are_converted() {
    for name in NAMES {
        let file = sample_bytes(name);
        let changed = with_frame_kept_as_coded(&file, 3);
        check_plan(name, &changed);
        // The next frame draws on another slot.
        let expected = pictures(&Decoder::default(), &file);
        assert_near(name, &pictures(&Decoder::default(), &changed), &expected);

        let order = [0, 3, 2, 5];
        let expected = pictures(&Decoder::default(), &with_frames(&file, &order));
        let blended = with_frames(&changed, &order);
        for decoder in [Decoder::default(), Decoder::default().reserving()] {
            let (decoded, error) = decode_all(&decoder.read(&blended).unwrap());
            let decoded: Vec<_> = decoded.into_iter().map(|(_, pixels)| pixels).collect();
            if name == "animation_lossless" {
                // Its colors are not converted, so saving before or after makes no difference.
                assert!(error.is_none() && decoded == expected, "{error:?}");
            } else {
                assert!(matches!(error, Some(Error::Corrupt(_))), "{error:?}");
                assert_near(name, &decoded, &expected[..2]);
            }
        }
    }
}

#[test]
fn a_buffer_that_is_too_small_leaves_the_picture_to_be_decoded() {
    let file = sample_bytes(NAMES[0]);
    let expected = pictures(&Decoder::default(), &file);
    let mut frames = Decoder::default()
        .read(&file)
        .unwrap()
        .into_frames()
        .unwrap();
    let mut pixels = vec![0u8; expected[0].len()];
    for expected in &expected {
        let (small, layout) = (&mut pixels[1..], Layout::Rgba);
        let refused = frames.decode_next_into(layout, small);
        assert!(matches!(refused, Err(Error::Output(_))));
        let decoded = frames.decode_next_into(layout, &mut pixels).unwrap();
        assert!(decoded.is_some() && pixels == *expected);
    }
    assert!(
        frames
            .decode_next_into(Layout::Rgba, &mut pixels[..0])
            .unwrap()
            .is_none()
    );
}

#[test]
fn frames_in_other_orders_are_no_panic() {
    let decoder = Decoder::new(Arena::builder().limit_bytes(64 << 20).build());
    let reserving = decoder.clone().reserving();
    for name in NAMES {
        let file = sample_bytes(name);
        for first in 0..6 {
            for second in 0..6 {
                let damaged = with_frames(&file, &[first, second, first, 2, second, 5]);
                for decoder in [&decoder, &reserving] {
                    let decoded = decoder.read(&damaged).map(|picture| decode_all(&picture));
                    assert!(decoded.is_ok_and(|(decoded, _)| !decoded.is_empty()));
                }
            }
        }
        assert_eq!(decoder.arena().snapshot().live_bytes, 0, "{name}");
    }
}
