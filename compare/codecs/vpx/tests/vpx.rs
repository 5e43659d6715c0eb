//! Checks of libvpx.

#[path = "../decoder.rs"]
mod decoder;

use std::fs;
use std::path::Path;

use codecs_measure::digest::Digest;
use codecs_measure::{instructions, ivf, program, streams};
use decoder::{Decoder, Picture};
use frame_arena::{AllocError, Arena};
use frame_arena_hooks::frame_buffers::FrameBufferHook;

const PROGRAM: &str = env!("CARGO_BIN_EXE_codecs-vpx");

/// `VPX_CODEC_MEM_ERROR`.
const OUT_OF_MEMORY: i32 = 2;

/// Decodes a stream, and returns its number of pictures and their digest.
fn decode(file: &Path, hook: &FrameBufferHook) -> Result<(u32, u64), i32> {
    let file = fs::read(file).unwrap();
    let (mut pictures, mut digest) = (0, Digest::default());
    let mut each = |picture: &Picture| {
        pictures += 1;
        picture.rows(&mut |row| digest.add(row));
    };
    let mut decoder = Decoder::new(Some(hook))?;
    for packet in ivf::packets(&file).unwrap() {
        decoder.decode(packet, &mut each)?;
    }
    Ok((pictures, digest.value()))
}

#[test]
fn samples_are_the_same() {
    for stream in streams::starting_with("vp9-") {
        let measured =
            |memory| program::apart(Path::new(PROGRAM), memory, 1, &stream, &[]).unwrap();
        let (own, arena) = (measured("own"), measured("arena"));
        eprintln!("{}: own {own:?}, arena {arena:?}", stream.display());
        assert_eq!((own.pictures, own.digest), (arena.pictures, arena.digest));
        assert_eq!(own.pictures, 48);
    }
}

#[test]
fn a_hook_takes_one_percent_more_instructions_at_most() {
    for stream in streams::starting_with("vp9-320x180") {
        let file = stream.to_str().unwrap();
        let of_lap = |memory: &str| {
            let of = |laps| {
                instructions::of(Path::new(PROGRAM), &["--one", memory, laps, file]).unwrap()
            };
            of("2") - of("1")
        };
        let (own, arena) = (of_lap("quiet-own"), of_lap("quiet-arena"));
        eprintln!("{file}: own {own}, arena {arena} instructions");
        assert!(arena as f64 <= own as f64 * 1.01);
    }
}

#[test]
fn warm_streams_take_no_memory_from_the_system() {
    let arena = program::arena();
    let hook = FrameBufferHook::new(&arena);
    for stream in streams::starting_with("vp9-") {
        decode(&stream, &hook).unwrap();
        let made = arena.snapshot().runs_made;
        for _ in 0..2 {
            decode(&stream, &hook).unwrap();
        }
        assert_eq!(arena.snapshot().runs_made, made, "{}", stream.display());
        assert_eq!(arena.snapshot().in_use_bytes, 0);
    }
}

#[test]
fn a_limit_in_the_middle_is_an_error_and_the_next_stream_decodes() {
    let streams = streams::starting_with("vp9-");
    let (Some(small), Some(large)) = (streams.first(), streams.last()) else {
        return;
    };
    let unlimited = Arena::new();
    let hook = FrameBufferHook::stale(&unlimited);
    let expected = decode(small, &hook).unwrap();
    decode(large, &hook).unwrap();
    let limit_bytes = unlimited.snapshot().peak_held_bytes / 2;
    let arena = Arena::builder().limit_bytes(limit_bytes).build();
    let hook = FrameBufferHook::new(&arena);
    for _ in 0..3 {
        assert_eq!(decode(large, &hook), Err(OUT_OF_MEMORY));
        let refusal = hook.take_refusal();
        assert!(matches!(refusal, Some(AllocError::LimitExceeded { .. })));
        assert_eq!(decode(small, &hook), Ok(expected));
    }
    assert_eq!(arena.snapshot().in_use_bytes, 0);
    assert!(arena.snapshot().peak_held_bytes <= limit_bytes);
}
