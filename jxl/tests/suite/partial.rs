//! Truncated files: what their headers tell, and the part of their pictures that is there.

use frame_arena::Arena;
use jxl_arena::{Completeness, Decoder, Error, Layout};
use rayon::ThreadPoolBuilder;

use super::sample_table::ANIMATED;
use super::support::{sample_bytes, sample_names};
use super::tier::is_slow_wanted;

/// How far the filters of a frame look, at most.
const BORDER: usize = 16;

fn tolerant() -> Decoder {
    Decoder::default().allowing_truncation()
}

/// Lengths below that of a file: each of the first ones, then steps.
fn cuts(length: usize, count: usize) -> impl Iterator<Item = usize> {
    let step = (length / count).max(1);
    (0..length.min(100)).chain((100..length).step_by(step))
}

/// The samples of the first picture that are there, as bits.
fn decode(decoder: &Decoder, file: &[u8]) -> Result<(Completeness, Vec<u32>), Error> {
    let picture = decoder.read(file)?;
    let samples = picture.decode::<f32>(picture.info().layout())?;
    let samples = samples.into_iter().map(f32::to_bits).collect();
    Ok((picture.completeness()?, samples))
}

#[test]
fn whole_files_decode_as_ever() {
    for name in sample_names() {
        let file = sample_bytes(name);
        let (found, samples) = decode(&tolerant(), &file).expect(name);
        assert!(found.is_complete() && found.percent() == 100, "{name}");
        let (_, expected) = decode(&Decoder::default(), &file).expect(name);
        assert!(samples == expected, "{name}");
    }
}

#[test]
fn headers_are_read_without_the_rest() {
    for name in sample_names() {
        let file = sample_bytes(name);
        let expected = Decoder::default().read(&file).expect(name).info().clone();
        let mut least = None;
        for length in cuts(file.len(), 60) {
            match Decoder::default().read_info(&file[..length]) {
                Err(Error::Truncated | Error::NotJpegXl) => {
                    assert!(least.is_none(), "{name}: {length}");
                }
                Err(error) => panic!("{name} cut to {length} bytes: {error}"),
                Ok(info) => {
                    least.get_or_insert(length);
                    assert_eq!((info.width, info.height), (expected.width, expected.height));
                    assert_eq!(info.depth, expected.depth, "{name}");
                    let coding = info.coding.or(expected.coding);
                    assert_eq!(coding, expected.coding, "{name}");
                }
            }
        }
        let least = least.unwrap_or_else(|| panic!("{name}: no headers"));
        assert!(
            2 * least < file.len() + 1000,
            "{name}: {least} of {}",
            file.len()
        );
    }
}

/// The more of a file is there, the more sections there are, and none is an error other than of
/// truncation.
#[test]
fn cut_files_are_pictures_or_truncated() {
    let arena = Arena::builder().limit_bytes(64 << 20).build();
    let decoder = Decoder::new(arena).allowing_truncation();
    let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let count = if is_slow_wanted("most cuts of files") {
        60
    } else {
        8
    };
    for name in sample_names() {
        let file = sample_bytes(name);
        let mut before = 0;
        let mut pictures = 0;
        for length in cuts(file.len(), count) {
            let part = &file[..length];
            match pool.install(|| decode(&decoder, part)) {
                Err(Error::Truncated | Error::NotJpegXl) => assert_eq!(pictures, 0, "{name}"),
                Err(error) => panic!("{name} cut to {length} bytes: {error}"),
                Ok((found, _)) => {
                    assert!(found.sections >= before, "{name} cut to {length} bytes");
                    before = found.sections;
                    pictures += 1;
                }
            }
        }
    }
    assert_eq!(decoder.arena().snapshot().live_bytes, 0);
}

/// Without the option, a truncated file stays an error.
#[test]
fn truncation_is_an_error_unless_it_is_allowed() {
    let file = sample_bytes("vardct_groups");
    let part = &file[..file.len() - 1];
    assert!(matches!(
        Decoder::default().read(part),
        Err(Error::Truncated)
    ));
    let (found, _) = decode(&tolerant(), part).unwrap();
    assert_eq!(found.sections + 1, found.total_sections);
}

/// Sections before the groups of a frame that has one LF group: LF global, LF group, HF global.
const BEFORE_GROUPS: usize = 3;

/// Pixels whose groups, and those that filters look at from there, are whole are those of the full
/// decode.
#[test]
fn whole_groups_have_the_samples_of_a_full_decode() {
    let samples = [
        ("vardct_groups", 256, 1),
        ("vardct_e8_d4", 256, 1),
        ("vardct_alpha", 256, 1),
        ("vardct_seams", 256, 1),
        ("vardct_seams_alpha", 256, 1),
        ("vardct_passes", 256, 3),
        ("vardct_passes_shifted", 256, 2),
        ("rgb8_e3_g0", 128, 1),
        ("rgba8_g0", 128, 1),
        ("palette_groups", 128, 1),
    ];
    for (name, dim, passes) in samples {
        let file = sample_bytes(name);
        let (whole, expected) = decode(&tolerant(), &file).expect(name);
        let picture = Decoder::default();
        let picture = picture.read(&file).expect(name);
        let info = picture.info();
        let (width, height) = (info.width as usize, info.height as usize);
        let channels = info.layout().channels();
        let size = (width.div_ceil(dim), height.div_ceil(dim));
        let count = size.0 * size.1;
        assert_eq!(
            BEFORE_GROUPS + count * passes,
            whole.total_sections as usize,
            "{name}"
        );
        let mut compared = 0;
        for length in cuts(file.len(), 40) {
            let Ok((found, samples)) = decode(&tolerant(), &file[..length]) else {
                continue;
            };
            let there = (found.sections as usize).saturating_sub(BEFORE_GROUPS);
            // Groups of the last pass.
            let there = there.saturating_sub(count * (passes - 1));
            let is_whole = |x: usize, y: usize| y / dim * size.0 + x / dim < there;
            for y in 0..height {
                for x in 0..width {
                    let columns = [x.saturating_sub(BORDER), x, (x + BORDER).min(width - 1)];
                    let rows = [y.saturating_sub(BORDER), y, (y + BORDER).min(height - 1)];
                    let mut around = rows.iter().flat_map(|&y| columns.map(|x| (x, y)));
                    if !around.all(|(x, y)| is_whole(x, y)) {
                        continue;
                    }
                    let start = (y * width + x) * channels;
                    let pixel = start..start + channels;
                    assert_eq!(
                        samples[pixel.clone()],
                        expected[pixel],
                        "{} cut to {length} bytes: {x}, {y}",
                        name
                    );
                    compared += 1;
                }
            }
        }
        assert!(compared > 1000, "{name}: {compared} pixels compared");
    }
}

fn mean_difference(a: &[u8], b: &[u8]) -> f64 {
    let differences = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b)));
    differences.sum::<u64>() as f64 / a.len() as f64
}

/// With the LF groups alone a picture resembles the whole one, and each pass brings it nearer.
#[test]
fn pictures_are_refined_as_sections_arrive() {
    for name in [
        "vardct_groups",
        "vardct_passes",
        "vardct_passes_shifted",
        "vardct_center_first",
        "lf_frames_nested",
    ] {
        let file = sample_bytes(name);
        let decode = |length: usize| {
            let decoder = tolerant();
            let picture = decoder.read(&file[..length])?;
            let pixels = picture.decode::<u8>(Layout::Rgb)?;
            Ok::<_, Error>((picture.completeness()?.sections, pixels))
        };
        let (_, whole) = decode(file.len()).expect(name);
        let black = mean_difference(&vec![0; whole.len()], &whole);
        let mut differences = Vec::new();
        let count = if is_slow_wanted("most steps of refinement") {
            100
        } else {
            20
        };
        for length in cuts(file.len(), count) {
            let Ok((sections, pixels)) = decode(length) else {
                continue;
            };
            let difference = mean_difference(&pixels, &whole);
            match differences.last() {
                Some(&(last, _)) if last == sections => {}
                _ => differences.push((sections, difference)),
            }
        }
        println!("{name}: {differences:?}, {black} of black");
        // LF global, LF group.
        let with_lf = differences.iter().filter(|&&(sections, _)| sections >= 2);
        let with_lf: Vec<f64> = with_lf.map(|&(_, difference)| difference).collect();
        assert!(with_lf.len() > 2, "{name}");
        assert!(
            with_lf[0] < black / 5.0,
            "{name}: {} of {black}",
            with_lf[0]
        );
        let is_refined = with_lf
            .windows(2)
            .all(|pair| pair[1] <= pair[0] * 1.01 + 0.05);
        assert!(is_refined, "{name}: {with_lf:?}");
    }
}

/// Squeezed channels show their lower resolutions.
#[test]
fn squeezed_pictures_are_refined() {
    let file = sample_bytes("squeeze_g0");
    let decode = |length: usize| {
        let decoder = tolerant();
        let picture = decoder.read(&file[..length])?;
        picture.decode::<u8>(Layout::Rgb)
    };
    let whole = decode(file.len()).unwrap();
    let parts = (1..=10).filter_map(|part| decode(file.len() * part / 10).ok());
    let differences: Vec<f64> = parts.map(|part| mean_difference(&part, &whole)).collect();
    println!("{differences:?}");
    assert!(
        differences.len() > 4 && differences[0] < 40.0,
        "{differences:?}"
    );
    assert!(differences.is_sorted_by(|a, b| b <= a), "{differences:?}");
    assert_eq!(differences.last(), Some(&0.0));
}

/// Pictures before the end are whole, one may be there in part, and then there are none.
#[test]
fn animations_end_where_the_file_does() {
    for sample in ANIMATED {
        let name = sample.name;
        let file = sample_bytes(name);
        let decode = |decoder: &Decoder, file: &[u8]| {
            let mut frames = decoder.read(file)?.into_frames()?;
            let mut pictures = Vec::new();
            while let Some((decoded, pixels)) = frames.decode_next::<u8>(Layout::Rgba)? {
                pictures.push((decoded.completeness, pixels));
            }
            Ok::<_, Error>(pictures)
        };
        let whole = decode(&Decoder::default(), &file).expect(name);
        let mut counts = Vec::new();
        for length in cuts(file.len(), 80) {
            let part = &file[..length];
            let Ok(pictures) = decode(&tolerant(), part) else {
                assert!(counts.is_empty(), "{name} cut to {length} bytes");
                continue;
            };
            let last = pictures.len() - 1;
            for (index, (part, whole)) in pictures.iter().zip(&whole).enumerate() {
                let is_whole = part.0.is_complete();
                assert!(
                    is_whole || index == last,
                    "{name} cut to {length} bytes: {index}"
                );
                assert!(
                    !is_whole || part.1 == whole.1,
                    "{name} cut to {length} bytes: {index}"
                );
            }
            let picture = tolerant();
            let picture = picture.read(part).expect(name);
            assert_eq!(
                picture.frame_infos().count(),
                pictures.len(),
                "{name} {length}"
            );
            counts.push(pictures.len());
        }
        assert!(
            counts.is_sorted() && counts.first() < counts.last(),
            "{name}: {counts:?}"
        );
    }
}

/// Truncated files within plans and reserves: the decode takes no more than was planned.
#[test]
fn truncated_files_are_planned() {
    for name in sample_names() {
        let file = sample_bytes(name);
        for length in cuts(file.len(), 12) {
            let decoder = tolerant().reserving();
            match decode(&decoder, &file[..length]) {
                Ok(_) | Err(Error::Truncated | Error::NotJpegXl) => {}
                Err(error) => panic!("{name} cut to {length} bytes: {error}"),
            }
            assert_eq!(
                decoder.arena().snapshot().beyond_plan_bytes,
                0,
                "{name} {length}"
            );
        }
    }
}
