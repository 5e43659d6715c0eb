//! Checks of libvpx or libaom with the memory of an arena. `PREFIX` is that of the streams' names.

use std::fs;
use std::path::{Path, PathBuf};

use codecs_measure::checks::{self, Hooked};
use codecs_measure::digest::Digest;
use codecs_measure::{ivf, program};
use frame_arena_hooks::frame_buffers::FrameBufferHook;

use crate::decoder::{Decoder, Picture};

/// `VPX_CODEC_MEM_ERROR` and `AOM_CODEC_MEM_ERROR`.
const OUT_OF_MEMORY: i32 = 2;

/// Decodes a stream, and returns its number of pictures and their digest.
fn decode(file: &Path, hook: &FrameBufferHook) -> Result<(u32, u64), i32> {
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
    Ok((pictures, digest.value()))
}

pub(crate) fn same_samples(program: &str, files: &[PathBuf]) {
    for stream in files {
        let [own, _] = checks::same_samples(Path::new(program), 1, stream, &[]);
        assert_eq!(own.pictures, 48);
    }
}

pub(crate) fn no_runs_when_warm(files: &[PathBuf]) {
    let arena = program::arena();
    let hook = FrameBufferHook::new(&arena);
    checks::no_runs_when_warm(&arena, files, |stream| {
        decode(stream, &hook).unwrap();
    });
}

pub(crate) fn limit_in_the_middle(files: &[PathBuf]) {
    let hooked = Hooked {
        unlimited: FrameBufferHook::stale,
        limited: FrameBufferHook::new,
        decode,
        take_refusal: FrameBufferHook::take_refusal,
        out_of_memory: OUT_OF_MEMORY,
    };
    checks::limit_in_the_middle(files, &hooked);
}

pub(crate) fn mixed_streams(files: &[PathBuf]) {
    let arena = program::arena();
    let hook = FrameBufferHook::stale(&arena);
    checks::mixed_streams(
        &arena,
        files,
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
