//! The part of a file and of its work that a region needs.

use std::fs;

use frame_arena::Arena;
use jxl_arena::{Decoder, Error, Limits, Region, WorkLimit};

use super::{Whole, decode_region};
use crate::support::{corpus, pool, sample_bytes};
use crate::tier::is_slow_wanted;

/// A region of a picture of several groups.
struct OfGroups {
    name: &'static str,
    region: Region,
    /// Groups that it touches with the borders of its filters.
    touched: u32,
    group_dim: u32,
    /// Most parts of the file, of [`PARTS`], that its decode may depend on: those of the groups
    /// that it touches, and of data for all groups, which are much of a small VarDCT file.
    most_parts: usize,
}

const PARTS: usize = 50;

#[rustfmt::skip]
const OF_GROUPS: [OfGroups; 8] = [
    // 4 x 3 groups.
    of_groups("rgb8_e3_g0", Region::new(10, 20, 100, 80), 1, 128, 8),
    of_groups("rgb8_e3_g0", Region::new(100, 130, 100, 80), 2, 128, 19),
    // 3 x 2 groups, of which two have nearly all pixels.
    of_groups("rgba8_g0", Region::new(140, 10, 50, 60), 1, 128, 28),
    // 3 x 2 groups with a palette.
    of_groups("palette_groups", Region::new(10, 20, 100, 80), 1, 128, 20),
    // 3 x 2 groups in another order.
    of_groups("vardct_center_first", Region::new(300, 10, 150, 200), 1, 256, 33),
    of_groups("vardct_center_first", Region::new(300, 240, 150, 40), 2, 256, 37),
    // 2 x 2 groups, the first of which has most pixels.
    of_groups("vardct_groups", Region::new(10, 20, 200, 190), 1, 256, 44),
    of_groups("vardct_seams_alpha", Region::new(10, 20, 200, 190), 1, 256, 49),
];

const fn of_groups(
    name: &'static str,
    region: Region,
    touched: u32,
    group_dim: u32,
    most_parts: usize,
) -> OfGroups {
    OfGroups {
        name,
        region,
        touched,
        group_dim,
        most_parts,
    }
}

/// Returns a decoder whose limit of work does not depend on the size of the picture.
fn with_work(floor: u64) -> Decoder {
    let mut limits = Limits::default();
    limits.work = WorkLimit {
        floor,
        per_pixel: 0,
    };
    Decoder::default().with_limits(limits)
}

/// Finds the least limit of work within which `decode` succeeds, up to a hundredth too large.
fn least_work(pixels: f64, decode: impl Fn(&Decoder) -> Result<(), Error>) -> u64 {
    let (mut refused, mut enough) = (0, 200 * pixels as u64);
    while enough - refused > enough / 100 {
        let floor = refused.midpoint(enough);
        match decode(&with_work(floor)) {
            Ok(()) => enough = floor,
            Err(Error::TooMuchWork) => refused = floor,
            Err(error) => panic!("{error}"),
        }
    }
    enough
}

/// Checks that the share of work that a region takes is at most the share of pixels that its groups
/// have, plus a tenth.
fn check_work(name: &str, file: &[u8], region: Region, group_pixels: u32) {
    let pool = pool(2);
    let info = Decoder::default().read(file).unwrap().info().clone();
    let pixels = f64::from(info.width) * f64::from(info.height);
    let whole = least_work(pixels, |decoder| {
        let picture = decoder.read(file)?;
        pool.install(|| picture.decode::<u8>(picture.info().layout()))?;
        Ok(())
    });
    let share = f64::from(group_pixels) / pixels + 0.1;
    let decoder = with_work((whole as f64 * share) as u64);
    let picture = decoder.read(file).unwrap();
    let decoded = pool.install(|| decode_region(&picture, region));
    assert!(decoded.is_ok(), "{name}, {region}: {:?}", decoded.err());
}

#[test]
fn regions_take_the_work_of_their_groups() {
    for of in OF_GROUPS {
        let pixels = of.touched * of.group_dim * of.group_dim;
        check_work(of.name, &sample_bytes(of.name), of.region, pixels);
    }
    if !is_slow_wanted("work of regions of the corpus") {
        return;
    }
    let Some(folder) = corpus() else { return };
    // LF groups are a fifth of the lossy files.
    for (name, most_parts) in [
        ("flower_d1_e4_epf3", 15),
        ("flower_d1_e4_prog", 17),
        ("flower_lossless_e3", 8),
    ] {
        let path = folder.join("photos").join(name).with_extension("jxl");
        let file = fs::read(path).unwrap();
        // 2 x 2 groups of 54.
        let region = Region::new(1100, 600, 400, 300);
        check_work(name, &file, region, 4 * 256 * 256);
        let read = parts_read(&file, PARTS, |file| {
            decode_region(&Decoder::default().read(file)?, region)
        });
        eprintln!("{name}, {region}: {read} of {PARTS} parts of the file");
        assert!(read <= most_parts, "{name}: {read} of {PARTS} parts");
    }
}

/// Counts how many of `parts` equal parts of the file a decode depends on: those whose damage
/// changes its result.
fn parts_read<T: PartialEq>(
    file: &[u8],
    parts: usize,
    decode: impl Fn(&[u8]) -> Result<T, Error>,
) -> usize {
    let expected = decode(file).ok();
    let is_read = |&part: &usize| {
        let mut damaged = file.to_vec();
        let (start, end) = (file.len() * part / parts, file.len() * (part + 1) / parts);
        damaged[start..end]
            .iter_mut()
            .for_each(|byte| *byte ^= 0xA5);
        decode(&damaged).ok() != expected
    };
    (0..parts).filter(is_read).count()
}

#[test]
fn damage_outside_of_the_region_is_not_noticed() {
    let limited = Decoder::new(Arena::builder().limit_bytes(64 << 20).build());
    let parts_of_whole = match is_slow_wanted("damage to most parts of whole pictures") {
        true => PARTS,
        false => 5,
    };
    for of in OF_GROUPS {
        let (name, region) = (of.name, of.region);
        let file = sample_bytes(name);
        let part = parts_read(&file, PARTS, |file| {
            decode_region(&limited.read(file)?, region)
        });
        let whole = parts_read(&file, parts_of_whole, |file| {
            Whole::decode(&limited.read(file)?).map(|whole| whole.samples)
        });
        assert_eq!(
            whole, parts_of_whole,
            "{name}: parts that a decode depends on"
        );
        assert!(part <= of.most_parts, "{name}, {region}: {part} parts");
    }
}
