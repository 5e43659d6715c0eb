//! Arbitrary bytes and damaged files: a decode gives an error or a picture, returns all memory, and
//! never exceeds the limit.
#![no_main]

use std::sync::LazyLock;

use frame_arena::Arena;
use jxl_arena::{Decoder, Error, Picture, Reduction};
use libfuzzer_sys::fuzz_target;
use rayon::{ThreadPool, ThreadPoolBuilder};

const LIMIT_BYTES: usize = 64 << 20;

/// Most pixels of a file that are decoded. Larger pictures, and further ones of an animation, cost
/// time and show nothing else.
const MOST_PIXELS: u64 = 1 << 20;

static DECODER: LazyLock<Decoder> =
    LazyLock::new(|| Decoder::new(Arena::builder().limit_bytes(LIMIT_BYTES).build()));

static POOL: LazyLock<ThreadPool> =
    LazyLock::new(|| ThreadPoolBuilder::new().num_threads(1).build().unwrap());

/// Decodes the first picture reduced, then at most 32 pictures, and at most [`MOST_PIXELS`] pixels
/// in all.
fn decode_all(mut picture: Picture<'_>) -> Result<(), Error> {
    if u64::from(picture.info().width) * u64::from(picture.info().height) <= MOST_PIXELS {
        for reduction in [Reduction::Half, Reduction::Quarter, Reduction::Eighth] {
            picture = picture.reduced(reduction);
            drop(picture.decode::<u8>(picture.info().layout()));
        }
        picture = picture.reduced(Reduction::Full);
    }
    let mut frames = picture.into_frames()?;
    let info = frames.info();
    let (layout, pixels) = (
        info.layout(),
        u64::from(info.width) * u64::from(info.height),
    );
    for _ in 0..MOST_PIXELS / pixels.max(MOST_PIXELS >> 5) {
        if frames.decode_next::<u8>(layout)?.is_none() {
            break;
        }
    }
    Ok(())
}

fuzz_target!(|file: &[u8]| {
    if let Ok(picture) = DECODER.read(file) {
        let decoded = POOL.install(|| decode_all(picture));
        drop(decoded);
    }
    let after = DECODER.arena().snapshot();
    assert_eq!(
        (after.live_bytes, after.in_use_bytes, after.charged_bytes),
        (0, 0, 0)
    );
    assert!(after.peak_held_bytes <= LIMIT_BYTES);
});
