//! Checks of libde265.

#[path = "../decoder.rs"]
mod decoder;

use std::collections::VecDeque;
use std::fs;
use std::path::Path;

use codecs_measure::checks::{self, Hooked};
use codecs_measure::digest::Digest;
use codecs_measure::{program, streams};
use decoder::{Decoder, PART_BYTES, Picture, hook};
use frame_arena_hooks::libde265::De265Hook;

const PROGRAM: &str = env!("CARGO_BIN_EXE_codecs-de265");

/// `DE265_ERROR_OUT_OF_MEMORY`.
const OUT_OF_MEMORY: i32 = 7;

/// Decodes a stream, and returns its number of pictures and their digest.
fn decode(file: &Path, hook: &De265Hook) -> Result<(u32, u64), i32> {
    let file = fs::read(file).unwrap();
    let (mut pictures, mut digest) = (0, Digest::default());
    let mut each = |picture: &Picture| {
        pictures += 1;
        picture.rows(&mut |row| digest.add(row));
    };
    let mut decoder = Decoder::open(1, Some(hook));
    for part in file.chunks(PART_BYTES) {
        decoder.push(part, &mut each)?;
    }
    decoder.flush(&mut each)?;
    drop(decoder);
    Ok((pictures, digest.value()))
}

#[test]
fn samples_are_the_same() {
    for stream in streams::starting_with("hevc-") {
        let [own, _] = checks::same_samples(Path::new(PROGRAM), 1, &stream, &[]);
        assert_eq!(own.pictures, 48);
    }
}

#[test]
fn samples_of_scenarios_are_the_same() {
    let streams = streams::starting_with("hevc-");
    checks::same_samples_in_scenarios(Path::new(PROGRAM), &streams);
}

#[test]
fn a_hook_takes_one_percent_more_instructions_at_most() {
    for stream in streams::starting_with("hevc-320x180.h265") {
        checks::instructions(Path::new(PROGRAM), 2, &stream);
    }
}

#[test]
fn warm_streams_take_no_memory_from_the_system() {
    let arena = program::arena();
    let hook = hook(&arena);
    checks::no_runs_when_warm(&arena, &streams::starting_with("hevc-"), |stream| {
        decode(stream, &hook).unwrap();
    });
}

#[test]
fn a_limit_in_the_middle_is_an_error_and_the_next_stream_decodes() {
    let hooked = Hooked {
        unlimited: hook,
        limited: hook,
        decode,
        take_refusal: De265Hook::take_refusal,
        out_of_memory: OUT_OF_MEMORY,
    };
    checks::limit_in_the_middle(&streams::starting_with("hevc-"), &hooked);
}

#[test]
fn mixed_streams_hold_what_they_need() {
    let arena = program::arena();
    let hook = hook(&arena);
    checks::mixed_streams(
        &arena,
        &streams::starting_with("hevc-"),
        |path| {
            let file = fs::read(path).unwrap();
            let parts: VecDeque<_> = file.chunks(PART_BYTES).map(<[u8]>::to_vec).collect();
            (Decoder::open(1, Some(&hook)), parts)
        },
        |(decoder, parts)| match parts.pop_front() {
            Some(part) => {
                decoder.push(&part, &mut |_| {}).unwrap();
                true
            }
            None => false,
        },
        || {},
    );
}
