//! Rectangles of pictures: the same samples as a whole decode, from only the groups that they
//! touch.

mod groups;
mod shared;

use std::fs;

use frame_arena::Arena;
use jxl_arena::{Decoder, Error, Layout, Picture, Region, Regions};
use rayon::ThreadPool;

use super::damage::{damaged_behind_header, random_below};
use super::headers::with_orientation;
use super::support::{assert_same, corpus, pool, sample_bytes, sample_names};
use super::tier::is_slow_wanted;

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

/// A buffer for the samples of a region.
fn buffer(region: Region, layout: Layout) -> Vec<f32> {
    vec![0.0; region.width as usize * region.height as usize * layout.channels()]
}

fn decode_region(picture: &Picture<'_>, region: Region) -> Result<Vec<u32>, Error> {
    let layout = picture.info().layout();
    let mut pixels = buffer(region, layout);
    picture.decode_region_into(region, layout, &mut pixels)?;
    Ok(bits(&pixels))
}

fn decode_shared(regions: &Regions<'_>, region: Region) -> Result<Vec<u32>, Error> {
    let layout = regions.info().layout();
    let mut pixels = buffer(region, layout);
    regions.decode_into(region, layout, &mut pixels)?;
    Ok(bits(&pixels))
}

/// The step between rectangles that are checked.
fn step() -> usize {
    match is_slow_wanted("three of four regions") {
        true => 1,
        false => 4,
    }
}

/// Checks each `step`th rectangle of a file against its whole decode: decoded anew, and with what
/// all rectangles share.
fn check(name: &str, file: &[u8], pools: &[ThreadPool], step: usize) {
    let arena = Arena::new();
    let decoder = Decoder::new(arena.clone());
    let picture = decoder.read(file).unwrap();
    let whole = Whole::decode(&picture).unwrap();
    let before = arena.snapshot().live_bytes;
    let regions = picture.regions().unwrap();
    for region in whole.regions().into_iter().step_by(step) {
        for pool in pools {
            let label = format!("{name}, {region}, {} threads", pool.current_num_threads());
            let decoded = pool.install(|| decode_region(&picture, region));
            let decoded = decoded.unwrap_or_else(|error| panic!("{label}: {error}"));
            let size = (region.width as usize, whole.layout.channels());
            let expected = whole.cropped(region);
            assert_same(&label, size, &decoded, &expected);
            let decoded = pool.install(|| decode_shared(&regions, region));
            let decoded = decoded.unwrap_or_else(|error| panic!("{label}: {error}"));
            assert_same(&label, size, &decoded, &expected);
        }
    }
    drop(regions);
    assert_eq!(arena.snapshot().live_bytes, before, "{name}");
}

#[test]
fn regions_are_crops_of_the_picture() {
    let (pools, step) = ([pool(1), pool(2)], step());
    for name in sample_names() {
        check(name, &sample_bytes(name), &pools, step);
    }
}

/// Larger files, of several LF groups among them: three rectangles each.
#[test]
fn regions_of_the_corpus_are_crops() {
    if !is_slow_wanted("regions of the corpus") {
        return;
    }
    let Some(folder) = corpus() else { return };
    let pool = pool(2);
    let (mut checked, mut larger) = (0, Vec::new());
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
            let plans = [1, 2, 8].map(|threads| {
                let threads = threads.try_into().unwrap();
                (threads, picture.plan(threads).unwrap().held_bytes())
            });
            let near = |place: u32, end: u32| place.min(end - 1);
            let at = |x: u32, y: u32, columns: u32, rows: u32| {
                let (x, y) = (near(x, width), near(y, height));
                Region::new(x, y, columns.min(width - x), rows.min(height - y))
            };
            let regions = [
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
            ];
            for region in regions.into_iter().skip(checked % 3).step_by(3) {
                let label = format!("{name}, {region}");
                for (threads, whole_bytes) in plans {
                    let part_bytes = picture.plan_region(region, threads).unwrap().held_bytes();
                    if part_bytes > whole_bytes {
                        larger.push(format!("{label}: {part_bytes} planned of {whole_bytes}"));
                    }
                }
                let decoded = pool.install(|| decode_region(&picture, region));
                let decoded = decoded.unwrap_or_else(|error| panic!("{label}: {error}"));
                let size = (region.width as usize, whole.layout.channels());
                assert_same(&label, size, &decoded, &whole.cropped(region));
            }
            checked += 1;
        }
    }
    assert!(checked > 50, "{checked} files");
    assert!(
        larger.is_empty(),
        "plans above those of the pictures: {larger:#?}"
    );
}

#[test]
fn regions_are_of_the_picture_as_shown() {
    let (pools, step) = ([pool(2)], step());
    for name in ["rgb8_e3_g0", "rgba8_g0", "squeeze_g0", "palette_groups"] {
        let bare = sample_bytes(name);
        for orientation in 2..=8 {
            let file = with_orientation(&bare, orientation);
            let label = format!("{name}, orientation {orientation}");
            check(&label, &file, &pools, step);
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
    let is_slow = is_slow_wanted("plans of regions for other numbers of threads");
    for (index, name) in sample_names().enumerate() {
        let file = sample_bytes(name);
        for (place, threads) in [1, 2, 8].into_iter().enumerate() {
            if !is_slow && index % 3 != place {
                continue;
            }
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

/// Where a damaged file still decodes, its rectangles are crops of that; otherwise they are errors
/// or pictures.
#[test]
fn regions_of_damaged_files_are_crops_or_errors() {
    let decoder = Decoder::new(Arena::builder().limit_bytes(64 << 20).build());
    let mut random = random_below(0x9E37_79B9_7F4A_7C15);
    let pool = pool(2);
    let (mut decoded, mut refused) = (0, 0);
    for name in sample_names() {
        let file = sample_bytes(name);
        for _ in 0..6 {
            let Some((damaged, at)) = damaged_behind_header(&file, &mut random) else {
                continue;
            };
            let Ok(picture) = decoder.read(&damaged) else {
                continue;
            };
            let (width, height) = (picture.info().width, picture.info().height);
            if u64::from(width) * u64::from(height) > 1 << 20 {
                continue;
            }
            let whole = pool.install(|| Whole::decode(&picture));
            for _ in 0..2 {
                let (x, y) = (
                    random(width as usize) as u32,
                    random(height as usize) as u32,
                );
                let columns = 1 + random((width - x) as usize) as u32;
                let rows = 1 + random((height - y) as usize) as u32;
                let region = Region::new(x, y, columns, rows);
                let part = pool.install(|| decode_region(&picture, region));
                match &whole {
                    Ok(whole) => {
                        let label = format!("{name}, byte {at}, {region}");
                        let part = part.unwrap_or_else(|error| panic!("{label}: {error}"));
                        let size = (columns as usize, whole.layout.channels());
                        assert_same(&label, size, &part, &whole.cropped(region));
                        decoded += 1;
                    }
                    Err(_) => refused += 1,
                }
            }
        }
    }
    assert!(decoded > 100 && refused > 100, "{decoded}, {refused}");
    assert_eq!(decoder.arena().snapshot().live_bytes, 0);
}
