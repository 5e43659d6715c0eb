//! Regions of intact and damaged pictures. If the whole picture decodes, a region equals its crop;
//! otherwise the region gives an error or a picture.
#![no_main]

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use frame_arena::Arena;
use jxl_arena::{Decoder, Layout, Picture, Region};
use libfuzzer_sys::fuzz_target;
use rayon::{ThreadPool, ThreadPoolBuilder};

const LIMIT_BYTES: usize = 64 << 20;

/// Larger pictures are left out: they cost time and show nothing else.
const MOST_PIXELS: u64 = 1 << 18;

const REGIONS: u64 = 4;

static DECODER: LazyLock<Decoder> =
    LazyLock::new(|| Decoder::new(Arena::builder().limit_bytes(LIMIT_BYTES).build()));

static POOL: LazyLock<ThreadPool> =
    LazyLock::new(|| ThreadPoolBuilder::new().num_threads(2).build().unwrap());

/// Returns a region of the picture, chosen by a hash of the file.
fn region(file: &[u8], index: u64, (width, height): (u32, u32)) -> Region {
    let mut hasher = DefaultHasher::new();
    (file, index).hash(&mut hasher);
    let random = hasher.finish();
    let span = |random: u64, length: u32| {
        let start = random as u32 % length;
        let left = length - start;
        // Regions are large and small by turns.
        let most = if index.is_multiple_of(2) {
            left
        } else {
            left.min(20)
        };
        (start, 1 + (random >> 16) as u32 % most)
    };
    let (x, columns) = span(random & 0xFFFF_FFFF, width);
    let (y, rows) = span(random >> 32, height);
    Region::new(x, y, columns, rows)
}

fn check(picture: &Picture<'_>, file: &[u8]) {
    let info = picture.info();
    let (width, height) = (info.width, info.height);
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return;
    }
    let whole = picture.decode::<u8>(Layout::Rgba).ok();
    for index in 0..REGIONS {
        let region = region(file, index, (width, height));
        let row_bytes = 4 * region.width as usize;
        let mut pixels = vec![0; row_bytes * region.height as usize];
        let decoded = picture.decode_region_into(region, Layout::Rgba, &mut pixels);
        let Some(whole) = &whole else { continue };
        decoded.unwrap_or_else(|error| panic!("{region}: {error}"));
        let start = 4 * region.x as usize;
        let rows = whole.chunks_exact(4 * width as usize);
        let rows = rows.skip(region.y as usize);
        for (row, expected) in pixels.chunks_exact(row_bytes).zip(rows) {
            assert!(row == &expected[start..][..row_bytes], "{region}");
        }
    }
}

fuzz_target!(|file: &[u8]| {
    if let Ok(picture) = DECODER.read(file) {
        POOL.install(|| check(&picture, file));
    }
    let after = DECODER.arena().snapshot();
    assert_eq!(
        (after.live_bytes, after.in_use_bytes, after.charged_bytes),
        (0, 0, 0)
    );
    assert!(after.peak_held_bytes <= LIMIT_BYTES);
});
