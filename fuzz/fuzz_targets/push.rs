//! Intact and damaged files in random pieces. They give the pictures of the whole file under the
//! same limits, or an error if the whole file is one. Flushes change nothing.
#![no_main]

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use frame_arena::Arena;
use jxl_arena::{Decoder, Error, Event, Layout, PushDecoder};
use libfuzzer_sys::fuzz_target;
use rayon::{ThreadPool, ThreadPoolBuilder};

const LIMIT_BYTES: usize = 64 << 20;

/// Larger pictures are left out: they cost time and show nothing else.
const MOST_PIXELS: u64 = 1 << 18;

const MOST_PICTURES: usize = 8;

static DECODER: LazyLock<Decoder> =
    LazyLock::new(|| Decoder::new(Arena::builder().limit_bytes(LIMIT_BYTES).build()));

static POOL: LazyLock<ThreadPool> =
    LazyLock::new(|| ThreadPoolBuilder::new().num_threads(2).build().unwrap());

/// Returns digests of the pictures of a whole file, or `None` if they are too large.
fn whole(file: &[u8]) -> Result<Option<Vec<u64>>, Error> {
    let mut frames = DECODER.read(file)?.into_frames()?;
    let info = frames.info();
    if u64::from(info.width) * u64::from(info.height) > MOST_PIXELS {
        return Ok(None);
    }
    let mut pictures = Vec::new();
    while pictures.len() < MOST_PICTURES
        && let Some((_, pixels)) = frames.decode_next::<u8>(Layout::Rgba)?
    {
        pictures.push(digest(&pixels));
    }
    Ok(Some(pictures))
}

fn digest(pixels: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    pixels.hash(&mut hasher);
    hasher.finish()
}

/// Returns a buffer for a picture of the file, or `None` if it is too large.
fn buffer(push: &PushDecoder) -> Option<Vec<u8>> {
    let info = push.info()?;
    let pixels = u64::from(info.width) * u64::from(info.height);
    (pixels <= MOST_PIXELS).then(|| vec![0; 4 * pixels as usize])
}

/// Returns digests of the pictures of a file in pieces, or `None` if they are too large.
fn pushed(file: &[u8]) -> Result<Option<Vec<u64>>, Error> {
    let mut random = digest(file) | 1;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random as usize
    };
    let mut push = DECODER.push();
    let (mut rest, mut pictures) = (file, Vec::new());
    loop {
        let length = (1 + next() % (1 << (next() % 13))).min(rest.len());
        let (mut bytes, others) = rest.split_at(length);
        rest = others;
        loop {
            let event = match bytes.is_empty() && rest.is_empty() {
                false => push.feed(&mut bytes)?,
                true => push.finish()?,
            };
            match event {
                Event::Headers if buffer(&push).is_none() => return Ok(None),
                Event::Headers | Event::Frame => {}
                Event::Picture => {
                    let Some(mut pixels) = buffer(&push) else {
                        return Ok(None);
                    };
                    push.decode_into(Layout::Rgba, &mut pixels)?;
                    pictures.push(digest(&pixels));
                    if pictures.len() == MOST_PICTURES {
                        return Ok(Some(pictures));
                    }
                }
                Event::End => return Ok(Some(pictures)),
                _ => break,
            }
        }
        if next().is_multiple_of(4)
            && let Some(mut pixels) = buffer(&push)
        {
            // A flush of a damaged file may be an error.
            let _ = push.flush_into(Layout::Rgba, &mut pixels);
        }
    }
}

fuzz_target!(|file: &[u8]| {
    let (whole, pushed) = POOL.install(|| (whole(file), pushed(file)));
    match (whole, pushed) {
        (Ok(Some(whole)), Ok(pushed)) => assert_eq!(Some(whole), pushed),
        // Only a decode in pieces counts the bytes of the file against the limit.
        (Ok(Some(_)), Err(error)) => assert!(matches!(error, Error::Memory(_)), "{error}"),
        (Err(error), Ok(Some(_))) => panic!("only the whole file is an error: {error}"),
        _ => {}
    }
    let after = DECODER.arena().snapshot();
    assert_eq!(
        (after.live_bytes, after.in_use_bytes, after.charged_bytes),
        (0, 0, 0)
    );
    assert!(after.peak_held_bytes <= LIMIT_BYTES);
});
