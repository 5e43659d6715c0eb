//! Files that are no pictures, or damaged ones: an error or a picture, all memory back, nothing beyond the limit.
#![no_main]

use std::sync::LazyLock;

use frame_arena::Arena;
use jxl_arena::Decoder;
use libfuzzer_sys::fuzz_target;
use rayon::{ThreadPool, ThreadPoolBuilder};

const LIMIT_BYTES: usize = 64 << 20;

/// Larger pictures are left out: they cost time and show nothing else.
const MOST_PIXELS: u64 = 1 << 20;

static DECODER: LazyLock<Decoder> =
    LazyLock::new(|| Decoder::new(Arena::builder().limit_bytes(LIMIT_BYTES).build()));

static POOL: LazyLock<ThreadPool> =
    LazyLock::new(|| ThreadPoolBuilder::new().num_threads(1).build().unwrap());

fuzz_target!(|file: &[u8]| {
    if let Ok(picture) = DECODER.read(file) {
        let info = picture.info();
        if u64::from(info.width) * u64::from(info.height) <= MOST_PIXELS {
            let decoded = POOL.install(|| picture.decode::<u8>(info.layout()));
            drop(decoded);
        }
    }
    let after = DECODER.arena().snapshot();
    assert_eq!(
        (after.live_bytes, after.in_use_bytes, after.charged_bytes),
        (0, 0, 0)
    );
    assert!(after.peak_held_bytes <= LIMIT_BYTES);
});
