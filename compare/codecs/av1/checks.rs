//! Checks of an AV1 decoder with the memory of an arena.

use std::fs;
use std::path::Path;

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

pub(crate) fn scenarios(program: &Path) {
    checks::same_samples_in_scenarios(program, &streams::starting_with("av1-"));
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

pub(crate) fn mixed_streams() {
    let arena = program::arena();
    let hook = Dav1dHook::new(&arena);
    checks::mixed_streams(
        &arena,
        &streams::starting_with("av1-"),
        |path| {
            let packets = ivf::packets_of(&[path.to_owned()]);
            (Decoder::open(1, Some(&hook)).unwrap(), packets)
        },
        |(decoder, packets)| match packets.pop_front() {
            Some(packet) => {
                decoder.decode(&packet, &mut |_| {}).unwrap();
                true
            }
            None => false,
        },
        || {},
    );
}
