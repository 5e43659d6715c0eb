//! Rectangles of pictures: the samples of a whole decode, from the groups that they touch.

use std::fs;

use frame_arena::Arena;
use jxl_arena::{Decoder, Error, Layout, Limits, Picture, Region, WorkLimit};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::headers::with_orientation;
use super::support::{assert_same, corpus, sample_bytes, sample_names};

fn pool(threads: usize) -> ThreadPool {
    let builder = ThreadPoolBuilder::new().num_threads(threads);
    builder.build().unwrap()
}

/// A decoded picture.
struct Whole {
    width: u32,
    height: u32,
    layout: Layout,
    /// Bits of floats.
    samples: Vec<u32>,
}

impl Whole {
    fn decode(picture: &Picture<'_>) -> Result<Self, Error> {
        let info = picture.info();
        let samples = picture.decode::<f32>(info.layout())?;
        Ok(Self {
            width: info.width,
            height: info.height,
            layout: info.layout(),
            samples: bits(&samples),
        })
    }

    fn cropped(&self, region: Region) -> Vec<u32> {
        let channels = self.layout.channels();
        let stride = self.width as usize * channels;
        let (first, len) = (
            region.x as usize * channels,
            region.width as usize * channels,
        );
        let rows = self.samples.chunks_exact(stride);
        let rows = rows.skip(region.y as usize).take(region.height as usize);
        rows.flat_map(|row| &row[first..first + len])
            .copied()
            .collect()
    }

    /// Corners, single pixels, rows and columns, rectangles across the borders of groups.
    fn regions(&self) -> Vec<Region> {
        let (width, height) = (self.width, self.height);
        let spans = |length: u32| {
            let mut spans = vec![
                (0, length),
                (0, 1),
                (length - 1, 1),
                (length / 2, 1),
                (length / 3, length.div_ceil(3)),
            ];
            for border in [128, 256, 512, 1024] {
                for (before, after) in [(1, 1), (9, 0), (0, 9), (40, 40)] {
                    let start = border - before;
                    let end = length.min(border + after);
                    if start < end {
                        spans.push((start, end - start));
                    }
                }
            }
            spans
        };
        let (columns, rows) = (spans(width), spans(height));
        let mut regions = vec![Region::new(0, 0, width, height)];
        for (index, &(x, width)) in columns.iter().enumerate() {
            let (y, height) = rows[(index + 3) % rows.len()];
            regions.push(Region::new(x, y, width, height));
        }
        for &(y, height) in &rows {
            regions.push(Region::new(width / 4, y, width.div_ceil(2), height));
        }
        regions
    }
}

fn bits(samples: &[f32]) -> Vec<u32> {
    samples.iter().map(|sample| sample.to_bits()).collect()
}

fn decode_region(picture: &Picture<'_>, region: Region) -> Result<Vec<u32>, Error> {
    let layout = picture.info().layout();
    let samples = region.width as usize * region.height as usize * layout.channels();
    let mut pixels = vec![0f32; samples];
    picture.decode_region_into(region, layout, &mut pixels)?;
    Ok(bits(&pixels))
}

/// Checks rectangles of a file against its whole decode.
fn check(name: &str, file: &[u8], pools: &[ThreadPool]) {
    let arena = Arena::new();
    let decoder = Decoder::new(arena.clone());
    let picture = decoder.read(file).unwrap();
    let whole = Whole::decode(&picture).unwrap();
    let before = arena.snapshot().live_bytes;
    for region in whole.regions() {
        for pool in pools {
            let label = format!("{name}, {region}, {} threads", pool.current_num_threads());
            let decoded = pool.install(|| decode_region(&picture, region));
            let decoded = decoded.unwrap_or_else(|error| panic!("{label}: {error}"));
            let size = (region.width as usize, whole.layout.channels());
            assert_same(&label, size, &decoded, &whole.cropped(region));
        }
    }
    assert_eq!(arena.snapshot().live_bytes, before, "{name}");
}

#[test]
fn regions_are_crops_of_the_picture() {
    let pools = [pool(1), pool(2)];
    for name in sample_names() {
        check(name, &sample_bytes(name), &pools);
    }
}

/// Larger files, of several LF groups among them.
#[test]
fn regions_of_the_corpus_are_crops() {
    let Some(folder) = corpus() else { return };
    let pool = pool(2);
    let mut checked = 0;
    for folder in ["conformance", "features", "photos"].map(|name| folder.join(name)) {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "jxl") {
                continue;
            }
            let name = path.file_name().unwrap().to_string_lossy();
            let file = fs::read(&path).unwrap();
            let Ok(picture) = Decoder::default().read(&file) else {
                continue;
            };
            let Ok(whole) = pool.install(|| Whole::decode(&picture)) else {
                continue;
            };
            let (width, height) = (whole.width, whole.height);
            let near = |place: u32, end: u32| place.min(end - 1);
            let at = |x: u32, y: u32, columns: u32, rows: u32| {
                let (x, y) = (near(x, width), near(y, height));
                Region::new(x, y, columns.min(width - x), rows.min(height - y))
            };
            for region in [
                at(0, 0, 40, 30),
                at(width, height, 1, 1),
                at(width / 2, height / 3, 300, 200),
                // Across the borders of groups and of LF groups, and beside them.
                at(250, 500, 20, 30),
                at(2040, 250, 16, 12),
                at(2048, 1020, 50, 70),
                at(2000, 1020, 47, 3),
                at(2055, 2040, 300, 13),
                at(1000, 2043, 3, 300),
            ] {
                let label = format!("{name}, {region}");
                let decoded = pool.install(|| decode_region(&picture, region));
                let decoded = decoded.unwrap_or_else(|error| panic!("{label}: {error}"));
                let size = (region.width as usize, whole.layout.channels());
                assert_same(&label, size, &decoded, &whole.cropped(region));
            }
            checked += 1;
        }
    }
    assert!(checked > 50, "{checked} files");
}

#[test]
fn regions_are_of_the_picture_as_shown() {
    let pools = [pool(2)];
    for name in ["rgb8_e3_g0", "rgba8_g0", "squeeze_g0", "palette_groups"] {
        let bare = sample_bytes(name);
        for orientation in 2..=8 {
            let file = with_orientation(&bare, orientation);
            check(&format!("{name}, orientation {orientation}"), &file, &pools);
        }
    }
}

/// Regions of each picture of an animation, each another one.
#[test]
fn pictures_of_an_animation_have_regions() {
    for name in ["animation_lossless", "animation_vardct"] {
        let file = sample_bytes(name);
        for decoder in [Decoder::default(), Decoder::default().reserving()] {
            let picture = decoder.read(&file).unwrap();
            let layout = picture.info().layout();
            let (width, height) = (picture.info().width, picture.info().height);
            let (mut wholes, mut parts) = (picture.frames().unwrap(), picture.frames().unwrap());
            let mut index = 0;
            while let Some((decoded, samples)) = wholes.decode_next::<f32>(layout).unwrap() {
                let whole = Whole {
                    width,
                    height,
                    layout,
                    samples: bits(&samples),
                };
                let region = Region::new(index, 2 * index, width / 2 - index, height / 3);
                let expected = whole.cropped(region);
                let mut pixels = vec![0f32; expected.len()];
                let part = parts.decode_next_region_into(region, layout, &mut pixels);
                assert_eq!(part.unwrap().unwrap().info, decoded.info, "{name}");
                let size = (region.width as usize, layout.channels());
                assert_same(&format!("{name}, {index}"), size, &bits(&pixels), &expected);
                index += 1;
            }
            let mut pixels = [0f32; 4];
            let none = parts.decode_next_region_into(Region::new(0, 0, 1, 1), layout, &mut pixels);
            assert!(none.unwrap().is_none() && index > 1, "{name}");
        }
    }
}

#[test]
fn regions_that_the_picture_does_not_have_are_errors() {
    let decoder = Decoder::default();
    let file = sample_bytes("animation_lossless");
    let picture = decoder.read(&file).unwrap();
    let info = picture.info();
    let (width, height) = (info.width, info.height);
    let mut frames = picture.frames().unwrap();
    for (region, what) in [
        (Region::new(0, 0, 0, 5), "the region 0x5+0+0 has no pixels"),
        (Region::new(3, 4, 5, 0), "the region 5x0+3+4 has no pixels"),
        (Region::new(width, 0, 1, 1), "exceeds the picture of"),
        (Region::new(0, height, 1, 1), "exceeds the picture of"),
        (Region::new(1, 0, width, 1), "exceeds the picture of"),
        (Region::new(0, 1, 1, height), "exceeds the picture of"),
        (Region::new(1, 1, u32::MAX, 1), "exceeds the picture of"),
        (Region::new(u32::MAX, 0, 1, 1), "exceeds the picture of"),
    ] {
        let mut pixels = [0x5Au8; 4];
        let refused = |result: Result<(), Error>| {
            let error = result.unwrap_err();
            assert!(matches!(error, Error::Output(_)), "{region}: {error}");
            assert!(error.to_string().contains(what), "{region}: {error}");
        };
        refused(region.check(info));
        let threads = 1.try_into().unwrap();
        refused(picture.plan_region(region, threads).map(|_| ()));
        let decoded = picture.decode_region_into(region, Layout::Rgba, &mut pixels);
        refused(decoded.map(|_| ()));
        let decoded = frames.decode_next_region_into(region, Layout::Rgba, &mut pixels);
        refused(decoded.map(|_| ()));
        assert_eq!(pixels, [0x5A; 4], "{region}");
    }
    // One byte less than the region has.
    let region = Region::new(1, 1, 5, 3);
    let mut pixels = vec![0u8; 5 * 3 * 4 - 1];
    let decoded = picture.decode_region_into(region, Layout::Rgba, &mut pixels);
    assert!(matches!(decoded, Err(Error::Output(_))));
    // Nothing is lost: all pictures are there.
    let mut count = 0;
    while frames.decode_next::<u8>(Layout::Rgba).unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, picture.frame_infos().count());
    drop(frames);
    assert_eq!(decoder.arena().snapshot().live_bytes, 0);
}

#[test]
fn plans_of_regions_hold() {
    for name in sample_names() {
        let file = sample_bytes(name);
        for threads in [1, 2, 8] {
            let count = threads.try_into().unwrap();
            let pool = pool(threads);
            let arena = Arena::new();
            let decoder = Decoder::new(arena.clone()).reserving();
            let picture = decoder.read(&file).unwrap();
            let whole = Whole::decode(&picture).unwrap();
            let whole_bytes = picture.plan(count).unwrap().held_bytes();
            for region in whole.regions().into_iter().step_by(7) {
                let label = format!("{name}, {region}, {threads} threads");
                let part_bytes = picture.plan_region(region, count).unwrap().held_bytes();
                assert!(
                    part_bytes <= whole_bytes,
                    "{label}: {part_bytes} planned, {whole_bytes} of the picture"
                );
                let decoded = pool.install(|| decode_region(&picture, region)).unwrap();
                assert!(decoded == whole.cropped(region), "{label}");
            }
            let beyond_plan_bytes = arena.snapshot().beyond_plan_bytes;
            assert_eq!(beyond_plan_bytes, 0, "{name}, {threads} threads");
        }
    }
}

/// A rectangle of a picture of several groups.
struct OfGroups {
    name: &'static str,
    region: Region,
    /// Groups that it touches with the borders of its filters.
    touched: u32,
    group_dim: u32,
    /// Most parts of the file that it depends on, of [`PARTS`]: the groups that it touches, and
    /// what all groups share, which is much of a small VarDCT file.
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

/// Least work per pixel that `decode` takes, at most a hundredth above it: what is less is refused.
fn least_work(pixels: f64, decode: impl Fn(&Decoder) -> Result<(), Error>) -> f64 {
    let (mut refused, mut enough) = (0, 200 * pixels as u64);
    while enough - refused > enough / 100 {
        let floor = refused.midpoint(enough);
        let mut limits = Limits::default();
        limits.work = WorkLimit {
            floor,
            per_pixel: 0,
        };
        match decode(&Decoder::default().with_limits(limits)) {
            Ok(()) => enough = floor,
            Err(Error::TooMuchWork) => refused = floor,
            Err(error) => panic!("{error}"),
        }
    }
    enough as f64 / pixels
}

/// Checks that a region takes at most the share of work that its groups have of the pixels, and a
/// tenth.
fn check_work(name: &str, file: &[u8], region: Region, group_pixels: u32) {
    let pool = pool(2);
    let decoder = Decoder::default();
    let info = decoder.read(file).unwrap().info().clone();
    let pixels = f64::from(info.width) * f64::from(info.height);
    let whole = least_work(pixels, |decoder| {
        let picture = decoder.read(file)?;
        pool.install(|| picture.decode::<u8>(picture.info().layout()))?;
        Ok(())
    });
    let part = least_work(pixels, |decoder| {
        let picture = decoder.read(file)?;
        pool.install(|| decode_region(&picture, region))?;
        Ok(())
    });
    let (share, of_pixels) = (part / whole, f64::from(group_pixels) / pixels);
    let line = format!("{name}, {region}: {share:.3} of the work, {of_pixels:.3} of the pixels");
    eprintln!("{line}");
    assert!(share <= of_pixels + 0.1, "{line}");
}

#[test]
fn regions_take_the_work_of_their_groups() {
    for of in OF_GROUPS {
        let pixels = of.touched * of.group_dim * of.group_dim;
        check_work(of.name, &sample_bytes(of.name), of.region, pixels);
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

/// Parts of the file that a decode depends on: those of `parts` equal ones whose damage makes
/// another picture or none.
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
    for of in OF_GROUPS {
        let (name, region) = (of.name, of.region);
        let file = sample_bytes(name);
        let part = parts_read(&file, PARTS, |file| {
            decode_region(&limited.read(file)?, region)
        });
        let whole = parts_read(&file, PARTS, |file| {
            Whole::decode(&limited.read(file)?).map(|whole| whole.samples)
        });
        assert_eq!(whole, PARTS, "{name}: parts that a decode depends on");
        assert!(part <= of.most_parts, "{name}, {region}: {part} parts");
    }
}
