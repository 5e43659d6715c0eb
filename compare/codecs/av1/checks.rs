//! Checks of an AV1 decoder with the memory of an arena.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

use codecs_measure::checks::{self, Hooked};
use codecs_measure::digest::Digest;
use codecs_measure::{ivf, program, streams};
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
        let [own, arena] = checks::same_samples(program, 2, stream, &[KEEPING]);
        assert_eq!(own.pictures, 2 * 48);
        assert!(arena.warm_faults <= own.warm_faults);
    }
}

pub(crate) fn no_runs_when_warm(most_streams: usize) {
    let arena = program::arena();
    let hook = Dav1dHook::new(&arena);
    let mut streams = streams::starting_with("av1-");
    streams.truncate(most_streams);
    checks::no_runs_when_warm(&arena, &streams, |stream| {
        decode(stream, &hook).unwrap();
    });
}

pub(crate) fn instructions(program: &Path, stream: &str) {
    for stream in streams::starting_with(stream) {
        checks::instructions(program, 1, &stream);
    }
}

pub(crate) fn limit_in_the_middle() {
    let hooked = Hooked {
        unlimited: Dav1dHook::new,
        limited: Dav1dHook::new,
        decode,
        take_refusal: Dav1dHook::take_refusal,
        out_of_memory: OUT_OF_MEMORY,
    };
    checks::limit_in_the_middle(&streams::starting_with("av1-"), &hooked);
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
