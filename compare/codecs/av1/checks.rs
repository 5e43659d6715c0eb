//! Checks of an AV1 decoder with the memory of an arena.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

use codecs_measure::digest::Digest;
use codecs_measure::{instructions, ivf, program, streams};
use frame_arena::{AllocError, Arena};
use frame_arena_hooks::dav1d::{Dav1dHook, OUT_OF_MEMORY};

use super::decoder::{Decoder, Picture};

/// Keeps glibc from unmapping memory, so that the decoder's other memory faults no pages once it is
/// warm.
const KEEPING: (&str, &str) = (
    "GLIBC_TUNABLES",
    "glibc.malloc.trim_threshold=1000000000:glibc.malloc.mmap_threshold=1000000000:\
     glibc.malloc.top_pad=67108864",
);

/// Samples of the first `most_streams` streams are the same. Warm pictures fault no more pages than
/// with the decoder's own memory.
pub(crate) fn samples_and_faults(program: &Path, most_streams: usize) {
    for stream in streams::starting_with("av1-").iter().take(most_streams) {
        let measured = |memory: &str| program::apart(program, memory, 2, stream, &[KEEPING]);
        let (own, arena) = (measured("own").unwrap(), measured("arena").unwrap());
        eprintln!("{}: own {own:?}, arena {arena:?}", stream.display());
        assert_eq!((own.pictures, own.digest), (arena.pictures, arena.digest));
        assert_eq!(own.pictures, 2 * 48);
        assert!(arena.warm_faults <= own.warm_faults);
    }
}

/// From the second decode on, all pictures are in memory that the arena retained, whose pages were
/// faulted in before.
pub(crate) fn no_runs_when_warm(most_streams: usize) {
    let arena = program::arena();
    let hook = Dav1dHook::new(&arena);
    for stream in streams::starting_with("av1-").iter().take(most_streams) {
        decode(stream, &hook).unwrap();
        let made = arena.snapshot().runs_made;
        for _ in 0..2 {
            decode(stream, &hook).unwrap();
        }
        assert_eq!(arena.snapshot().runs_made, made, "{}", stream.display());
    }
}

/// A decode takes at most one percent more instructions than with the decoder's own memory.
pub(crate) fn instructions(program: &Path, stream: &str) {
    let streams = streams::starting_with(stream);
    for stream in &streams {
        let file = stream.to_str().unwrap();
        let of_lap = |memory: &str| {
            let of = |laps| instructions::of(program, &["--one", memory, laps, file]).unwrap();
            of("1") - of("0")
        };
        let (own, arena) = (of_lap("quiet-own"), of_lap("quiet-arena"));
        eprintln!("{file}: own {own}, arena {arena} instructions");
        assert!(arena as f64 <= own as f64 * 1.01);
    }
}

/// A limit that is met in the middle of a stream is the decoder's error for memory, and the next
/// stream decodes.
pub(crate) fn limit_in_the_middle() {
    let files = streams::starting_with("av1-");
    let (Some(small), Some(large)) = (files.first(), files.last()) else {
        return;
    };
    let unlimited = Arena::new();
    let hook = Dav1dHook::new(&unlimited);
    let expected = decode(small, &hook).unwrap();
    decode(large, &hook).unwrap();
    let limit_bytes = unlimited.snapshot().peak_held_bytes / 2;

    let arena = Arena::builder().limit_bytes(limit_bytes).build();
    let hook = Dav1dHook::new(&arena);
    for _ in 0..3 {
        assert_eq!(decode(large, &hook), Err(OUT_OF_MEMORY));
        let refusal = hook.take_refusal();
        assert!(matches!(refusal, Some(AllocError::LimitExceeded { .. })));
        assert_eq!(decode(small, &hook), Ok(expected));
        assert_eq!(hook.take_refusal(), None);
    }
    let snapshot = arena.snapshot();
    assert_eq!(snapshot.in_use_bytes, 0);
    assert!(snapshot.peak_held_bytes <= limit_bytes);
}

/// Decodes a stream, and returns its number of pictures and their digest.
fn decode(file: &Path, hook: &Dav1dHook) -> Result<(u64, u64), i32> {
    let file = fs::read(file).unwrap();
    let (mut pictures, mut digest) = (0, Digest::default());
    let mut each = |picture: &Picture| {
        pictures += 1;
        picture.rows(&mut |row| digest.add(row));
    };
    let mut decoder = Decoder::open(1, Some(hook))?;
    for packet in ivf::packets(&file).unwrap() {
        decoder.decode(packet, &mut each)?;
    }
    decoder.drain(&mut each)?;
    drop(decoder);
    Ok((pictures, digest.value()))
}

/// 16 streams of several sizes are open at once, and each is replaced by another one when it ends.
/// The arena holds at most 1.1 times what they need.
pub(crate) fn mixed_streams() {
    const STREAMS: usize = 16;
    let files: Vec<Vec<u8>> = streams::starting_with("av1-")
        .into_iter()
        .map(|path: PathBuf| fs::read(path).unwrap())
        .collect();
    if files.is_empty() {
        return;
    }
    let arena = program::arena();
    let hook = Dav1dHook::new(&arena);
    let mut opened = 0;
    let mut open = || {
        let file = &files[(opened * 7) % files.len()];
        opened += 1;
        let packets: VecDeque<&[u8]> = ivf::packets(file).unwrap().into();
        (Decoder::open(1, Some(&hook)).unwrap(), packets)
    };
    let mut decoders = Vec::new();
    let mut pictures = 0;
    for step in 0..40 * STREAMS {
        if step % 3 == 0 && decoders.len() < STREAMS {
            decoders.push(open());
        }
        let index = step % decoders.len();
        let (decoder, packets) = &mut decoders[index];
        match packets.pop_front() {
            Some(packet) => decoder.decode(packet, &mut |_| pictures += 1).unwrap(),
            None => decoders[index] = open(),
        }
    }
    let snapshot = arena.snapshot();
    let ratio = snapshot.peak_held_bytes as f64 / snapshot.peak_bytes as f64;
    eprintln!(
        "{pictures} pictures of {STREAMS} streams: {} KiB live, {} KiB held, {ratio:.3}",
        snapshot.peak_bytes >> 10,
        snapshot.peak_held_bytes >> 10
    );
    assert!(pictures > 20 * STREAMS && ratio <= 1.1);
    drop(decoders);
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}
