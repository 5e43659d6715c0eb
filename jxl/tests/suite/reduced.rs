//! Pictures decoded smaller: averages of a full decode, in the space in which they are coded.

mod space;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use frame_arena::Arena;
use jxl_arena::{ColorProfile, Decoder, Error, Layout, Picture, Reduction, Region, SampleDepth};
use rayon::ThreadPool;

use super::damage::{damaged_behind_header, random_below};
use super::headers::with_orientation;
use super::support::{assert_same, corpus, pool, sample_bytes, sample_names};
use super::tier::is_slow_wanted;
use space::Samples;

pub(super) const SMALLER: [Reduction; 3] = [Reduction::Half, Reduction::Quarter, Reduction::Eighth];

fn decode(picture: &Picture<'_>) -> Result<Samples, Error> {
    let (info, layout) = (picture.info(), picture.info().layout());
    Ok(Samples {
        width: info.width as usize,
        channels: layout.channels(),
        values: picture.decode::<f32>(layout)?,
    })
}

/// What averages are of.
#[derive(Clone, Copy, PartialEq)]
enum Coding {
    /// The samples as they are decoded.
    Plain,
    /// X, Y and B, or the samples if frames are blended.
    XybOfSrgb,
    /// X, Y and B of colors that these tests do not convert.
    OtherXyb,
}

/// The full picture of a file, and its averages in the spaces in which it may be coded.
struct Full {
    samples: Samples,
    coding: Coding,
    /// Half a step of the samples: averages of stored integers are rounded.
    half_step: f32,
}

impl Full {
    fn decode(picture: &Picture<'_>) -> Result<Self, Error> {
        let info = picture.info();
        let is_srgb = match &info.profile {
            ColorProfile::Encoding(encoding) => encoding.is_srgb(),
            ColorProfile::Icc(_) => false,
        };
        let half_step = |depth| match depth {
            SampleDepth::Integer { bits } => 0.5 / ((1u64 << bits) - 1) as f32,
            SampleDepth::Float { .. } => 0.0,
        };
        let alpha = info.alpha.map_or(0.0, |alpha| half_step(alpha.depth));
        Ok(Self {
            samples: decode(picture)?,
            coding: match (info.xyb, is_srgb) {
                (false, _) => Coding::Plain,
                (true, true) => Coding::XybOfSrgb,
                (true, false) => Coding::OtherXyb,
            },
            half_step: half_step(info.depth).max(alpha),
        })
    }

    /// The root of the mean square of the differences of a reduced picture from averages in the
    /// space in which it is coded.
    fn rms_difference(&self, reduced: &Samples, reduction: Reduction) -> f64 {
        let factor = reduction.factor() as usize;
        match self.coding {
            Coding::XybOfSrgb => {
                let averages = self.samples.to_xyb().averaged(factor);
                reduced.to_xyb().rms_difference(&averages)
            }
            _ => reduced.rms_difference(&self.samples.averaged(factor)),
        }
    }

    /// The largest difference of a reduced picture from averages: of the samples, or of X, Y and B
    /// if the picture is coded in these.
    fn largest_difference(&self, reduced: &Samples, reduction: Reduction) -> f32 {
        let factor = reduction.factor() as usize;
        let plain = reduced.largest_difference(&self.samples.averaged(factor));
        match self.coding {
            Coding::Plain => plain,
            Coding::OtherXyb => 0.0,
            Coding::XybOfSrgb => {
                let averages = self.samples.to_xyb().averaged(factor);
                plain.min(reduced.to_xyb().largest_difference(&averages))
            }
        }
    }
}

/// Checks the reductions of a file against its full decode.
fn check(name: &str, file: &[u8], pools: &[ThreadPool]) {
    let arena = Arena::new();
    let decoder = Decoder::new(arena.clone());
    let mut picture = decoder.read(file).unwrap();
    let full = Full::decode(&picture).unwrap();
    let size = (picture.info().width, picture.info().height);
    let before = arena.snapshot().live_bytes;
    for reduction in SMALLER {
        picture = picture.reduced(reduction);
        let (width, height) = reduction.size(size.0, size.1);
        let info = picture.info();
        assert_eq!((info.width, info.height), (width, height), "{name}");
        let mut first: Option<Samples> = None;
        for pool in pools {
            let label = format!(
                "{name}, {reduction}, {} threads",
                pool.current_num_threads()
            );
            let decoded = pool.install(|| decode(&picture));
            let decoded = decoded.unwrap_or_else(|error| panic!("{label}: {error}"));
            let first = first.get_or_insert_with(|| decoded.clone());
            let shape = (first.width, first.channels);
            assert_same(&label, shape, &decoded.bits(), &first.bits());
        }
        let reduced = first.unwrap();
        let is_cheap = picture.reduces_cheaply(reduction).unwrap();
        match name {
            "squeeze_bands" => assert_eq!(is_cheap, reduction == Reduction::Eighth, "{name}"),
            "lf_frame"
            | "vardct_groups"
            | "vardct_passes_shifted"
            | "vardct_e8_d4"
            | "vardct_alpha"
            | "vardct_seams_alpha"
            | "jpeg_420"
            | "jpeg_422" => {
                assert!(is_cheap, "{name}, {reduction}");
            }
            _ => {}
        }
        if is_cheap {
            let rms = 255.0 * full.rms_difference(&reduced, reduction);
            eprintln!("{name}, {reduction}: {rms} / 255");
            let most = most_rms(name, reduction);
            assert!(rms < most, "{name}, {reduction}: {rms} / 255");
            continue;
        }
        let largest = full.largest_difference(&reduced, reduction);
        let allowed = full.half_step + 1e-6 * full.samples.largest();
        assert!(largest <= allowed, "{name}, {reduction}: {largest}");
    }
    let picture = picture.reduced(Reduction::Full);
    assert!(
        decode(&picture).unwrap().values == full.samples.values,
        "{name}"
    );
    assert_eq!(arena.snapshot().live_bytes, before, "{name}");
}

/// The bound on the root of the mean square of differences of a sample that is decoded in part, in
/// parts of 255. The drawn pictures have far sharper edges than photographs, and many of their
/// squares are cut by an edge of the picture.
fn most_rms(name: &str, reduction: Reduction) -> f64 {
    if reduction < Reduction::Eighth {
        return match name {
            // The edge-preserving filter at sharp edges.
            "vardct_groups" | "vardct_e8_d4" | "vardct_seams" => 2.1,
            "vardct_epf3_noise" => 1.5,
            // Without filters, transforms are exact; squares are cut, or are not.
            "jpeg_444" | "jpeg_gray" | "vardct_plain" if reduction == Reduction::Half => 1e-4,
            // Chroma is upsampled from neighbors before it is averaged.
            "jpeg_420" | "jpeg_422" => 1.0,
            "jpeg_440" => 2.0,
            // Some passes are not read.
            "vardct_passes" | "vardct_passes_shifted" => 1.0,
            _ => 0.7,
        };
    }
    match name {
        // Large transforms over sharp edges.
        "vardct_groups" | "vardct_e8_d4" => 5.0,
        // Noise of a high ISO number.
        "vardct_epf3_noise" => 3.0,
        // Averages that are rounded at each of six steps.
        "squeeze_bands" => 1.1,
        // Squares that are cut.
        "jpeg_444" | "jpeg_gray" => 1.5,
        "jpeg_440" => 4.5,
        _ => 1.0,
    }
}

/// The bound of [`most_rms`] for a photograph.
fn most_rms_of_photograph(name: &str, reduction: Reduction) -> f64 {
    match (name, reduction) {
        // The noise itself, which reductions leave out.
        ("flower_d1_e4_noise.jxl", Reduction::Half) => 1.2,
        ("flower_d1_e4_noise.jxl", Reduction::Quarter) => 0.4,
        // Averages of alpha that are rounded at each of six steps.
        ("flower_alpha_d1.jxl", Reduction::Eighth) => 0.5,
        // Not a photograph: text with sharp edges.
        ("animation_patches_d1.jxl", _) => 1.1,
        (_, Reduction::Eighth) => 0.2,
        _ => 0.3,
    }
}

/// Photographs that are decoded in part hardly differ from averages.
#[test]
fn reduced_photographs_are_averages() {
    if !is_slow_wanted("reduced photographs") {
        return;
    }
    let Some(folder) = corpus() else { return };
    let pool = pool(2);
    let (mut checked, mut borders) = (0, 0);
    for entry in fs::read_dir(folder.join("photos")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy();
        let Ok(file) = fs::read(&path) else { continue };
        let Ok(mut picture) = Decoder::default().read(&file) else {
            continue;
        };
        if !picture.reduces_cheaply(Reduction::Eighth).unwrap() {
            continue;
        }
        let full = pool.install(|| Full::decode(&picture)).unwrap();
        if full.coding != Coding::XybOfSrgb {
            continue;
        }
        let full = full.samples.to_xyb();
        for reduction in SMALLER {
            picture = picture.reduced(reduction);
            let reduced = pool.install(|| decode(&picture)).unwrap().to_xyb();
            let averages = full.averaged(reduction.factor() as usize);
            let rms = 255.0 * reduced.rms_difference(&averages);
            eprintln!("{name}, {reduction}: {rms:.3} / 255");
            let most = most_rms_of_photograph(&name, reduction);
            assert!(rms < most, "{name}, {reduction}: {rms} / 255");
            // The border of LF groups at 1:8, of groups otherwise.
            if reduced.width > 260 {
                let border = |samples: &Samples| samples.columns(254..258);
                let rms = 255.0 * border(&reduced).rms_difference(&border(&averages));
                assert!(
                    rms < 1.5 * most,
                    "{name}, {reduction}, column 256: {rms} / 255"
                );
                borders += 1;
            }
        }
        checked += 1;
    }
    assert!(checked > 3 && borders > 3, "{checked} files");
}

#[test]
fn reduced_pictures_are_averages() {
    let is_slow = is_slow_wanted("reduced pictures on two threads for most samples");
    let pools = [pool(1), pool(2)];
    for (index, name) in sample_names().enumerate() {
        let pools = if is_slow || index % 4 == 0 {
            &pools[..]
        } else {
            &pools[..1]
        };
        check(name, &sample_bytes(name), pools);
    }
}

/// A transposed or mirrored picture has the averages of the picture as stored, transposed or
/// mirrored likewise.
#[test]
fn squares_are_those_of_the_stored_picture() {
    for name in ["rgb8_e3_g0", "rgba8_g0", "squeeze_g0", "palette_groups"] {
        let bare = sample_bytes(name);
        let decoder = Decoder::default();
        for reduction in SMALLER {
            let stored = decode(&decoder.read(&bare).unwrap().reduced(reduction)).unwrap();
            for orientation in 2..=8 {
                let file = with_orientation(&bare, orientation);
                let shown = decode(&decoder.read(&file).unwrap().reduced(reduction)).unwrap();
                let label = format!("{name}, {reduction}, orientation {orientation}");
                let shape = (shown.width, shown.channels);
                let expected = stored.oriented(orientation);
                assert_eq!(shown.width, expected.width, "{label}");
                assert_same(&label, shape, &shown.bits(), &expected.bits());
            }
        }
    }
}

#[test]
fn pictures_of_an_animation_are_reduced() {
    for name in ["animation_lossless", "animation_vardct"] {
        let file = sample_bytes(name);
        for decoder in [Decoder::default(), Decoder::default().reserving()] {
            let full = decoder.read(&file).unwrap();
            let layout = full.info().layout();
            let mut fulls = full.frames().unwrap();
            let half = decoder.read(&file).unwrap().reduced(Reduction::Half);
            let width = half.info().width as usize;
            let mut halves = half.into_frames().unwrap();
            let mut count = 0;
            while let Some((decoded, values)) = fulls.decode_next::<f32>(layout).unwrap() {
                let (reduced, reduced_values) = halves.decode_next::<f32>(layout).unwrap().unwrap();
                assert_eq!(reduced.info, decoded.info, "{name}");
                let channels = layout.channels();
                let full = Samples {
                    width: full.info().width as usize,
                    channels,
                    values,
                };
                let reduced = Samples {
                    width,
                    channels,
                    values: reduced_values,
                };
                let largest = reduced.largest_difference(&full.averaged(2));
                assert!(largest < 1e-6, "{name}, {count}: {largest}");
                count += 1;
            }
            assert!(halves.decode_next::<f32>(layout).unwrap().is_none());
            assert!(count > 1, "{name}");
        }
    }
}

#[test]
fn reduced_pictures_have_no_regions() {
    let file = sample_bytes("rgb8_e3_g0");
    let picture = Decoder::default().read(&file).unwrap();
    let picture = picture.reduced(Reduction::Half);
    let region = Region::new(0, 0, 1, 1);
    let mut pixels = [0x5A_u8; 3];
    let refused = |error: Error| {
        assert!(matches!(error, Error::Output(_)), "{error}");
        let message = "the region 1x1+0+0 of a picture reduced 1:2";
        assert!(error.to_string().contains(message), "{error}");
    };
    refused(
        picture
            .plan_region(region, 1.try_into().unwrap())
            .unwrap_err(),
    );
    let decoded = picture.decode_region_into(region, Layout::Rgb, &mut pixels);
    refused(decoded.unwrap_err());
    assert_eq!(pixels, [0x5A; 3]);
}

/// Buffers have the reduced size: a byte less is refused.
#[test]
fn buffers_have_the_reduced_size() {
    let file = sample_bytes("rgb8_e3_g0");
    let picture = Decoder::default().read(&file).unwrap();
    let picture = picture.reduced(Reduction::Eighth);
    let (width, height) = (picture.info().width, picture.info().height);
    let mut pixels = vec![0u8; width as usize * height as usize * 3];
    picture.decode_into(Layout::Rgb, &mut pixels).unwrap();
    assert_eq!(pixels, picture.decode::<u8>(Layout::Rgb).unwrap());
    pixels.pop();
    let refused = picture.decode_into(Layout::Rgb, &mut pixels);
    assert!(matches!(refused, Err(Error::Output(_))));
}

#[test]
fn progress_counts_the_pixels_of_the_reduced_picture() {
    let finished = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&finished);
    let decoder = Decoder::default().with_progress(move |finished, total| {
        assert!(finished <= total);
        seen.fetch_max(finished, Ordering::Relaxed);
    });
    for name in ["rgb8_e3_g0", "vardct_groups", "layers_vardct", "squeeze_g0"] {
        let file = sample_bytes(name);
        for reduction in SMALLER {
            finished.store(0, Ordering::Relaxed);
            let picture = decoder.read(&file).unwrap().reduced(reduction);
            decode(&picture).unwrap();
            let info = picture.info();
            let pixels = u64::from(info.width) * u64::from(info.height);
            assert_eq!(
                finished.load(Ordering::Relaxed),
                pixels,
                "{name}, {reduction}"
            );
        }
    }
}

#[test]
fn plans_of_reduced_pictures_hold() {
    let is_slow = is_slow_wanted("plans of reduced pictures for other numbers of threads");
    for (index, name) in sample_names().enumerate() {
        let file = sample_bytes(name);
        for (place, threads) in [1, 2, 8].into_iter().enumerate() {
            if !is_slow && index % 3 != place {
                continue;
            }
            let pool = pool(threads);
            let arena = Arena::new();
            let decoder = Decoder::new(arena.clone()).reserving();
            for reduction in SMALLER {
                let picture = decoder.read(&file).unwrap().reduced(reduction);
                pool.install(|| decode(&picture)).unwrap();
                let beyond_plan_bytes = arena.snapshot().beyond_plan_bytes;
                assert_eq!(
                    beyond_plan_bytes, 0,
                    "{name}, {reduction}, {threads} threads"
                );
            }
        }
    }
}

/// A truncated file gives the averages of what its full decode shows.
#[test]
fn truncated_pictures_are_reduced() {
    let decoder = Decoder::default().allowing_truncation();
    let mut shown = 0;
    for name in [
        "vardct_groups",
        "lf_frame",
        "rgb8_e3_g0",
        "squeeze_g0",
        "layers_vardct",
    ] {
        let file = sample_bytes(name);
        for part in [3, 5, 7, 9] {
            let file = &file[..file.len() * part / 10];
            let Ok(picture) = decoder.read(file) else {
                continue;
            };
            let full = Full::decode(&picture);
            for reduction in [Reduction::Half, Reduction::Quarter] {
                let picture = decoder.read(file).unwrap().reduced(reduction);
                let reduced = decode(&picture);
                let label = format!("{name}, {part} tenths, {reduction}");
                assert_eq!(reduced.is_ok(), full.is_ok(), "{label}");
                let (Ok(full), Ok(reduced)) = (&full, &reduced) else {
                    continue;
                };
                shown += 1;
                if picture.reduces_cheaply(reduction).unwrap() {
                    let rms = 255.0 * full.rms_difference(reduced, reduction);
                    assert!(rms < most_rms(name, reduction), "{label}: {rms} / 255");
                } else {
                    let largest = full.largest_difference(reduced, reduction);
                    assert!(largest <= full.half_step + 1e-6, "{label}: {largest}");
                }
            }
        }
    }
    assert!(shown > 20, "{shown}");
}

/// A damaged file gives a picture or an error, within the limit. Where its full decode succeeds, so
/// does a reduced one.
#[test]
fn damaged_files_give_pictures_or_errors() {
    let decoder = Decoder::new(Arena::builder().limit_bytes(64 << 20).build());
    let mut random = random_below(0x9E37_79B9_7F4A_7C15);
    let pool = pool(2);
    let (mut decoded, mut refused) = (0, 0);
    for name in sample_names() {
        let file = sample_bytes(name);
        for _ in 0..4 {
            let Some((damaged, at)) = damaged_behind_header(&file, &mut random) else {
                continue;
            };
            let Ok(mut picture) = decoder.read(&damaged) else {
                continue;
            };
            let (width, height) = (picture.info().width, picture.info().height);
            if u64::from(width) * u64::from(height) > 1 << 20 {
                continue;
            }
            let full = pool.install(|| decode(&picture));
            for reduction in SMALLER {
                picture = picture.reduced(reduction);
                let reduced = pool.install(|| decode(&picture));
                match (&full, reduced) {
                    (Ok(_), Err(error)) => panic!("{name}, byte {at}, {reduction}: {error}"),
                    (Ok(_), Ok(_)) => decoded += 1,
                    (Err(_), _) => refused += 1,
                }
            }
        }
    }
    assert!(decoded > 100 && refused > 100, "{decoded}, {refused}");
    assert_eq!(decoder.arena().snapshot().live_bytes, 0);
}
