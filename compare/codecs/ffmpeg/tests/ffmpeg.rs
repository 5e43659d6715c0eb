//! Checks of FFmpeg's decoders.

#[path = "../decoder.rs"]
mod decoder;

use std::path::{Path, PathBuf};

use codecs_measure::checks::{self, Hooked};
use codecs_measure::digest::Digest;
use codecs_measure::{program, streams};
use decoder::{Decoder, Hook};

const PROGRAM: &str = env!("CARGO_BIN_EXE_codecs-ffmpeg");

/// Streams of each codec, and what its decoder returns when `get_buffer2` returns
/// `AVERROR(ENOMEM)`: the decoder of H.264 then has no picture and reports `AVERROR_INVALIDDATA`,
/// that of MJPEG reports -1. AV1 is decoded by libaom, from which FFmpeg copies.
const CODECS: [(&str, i32); 5] = [
    ("h264-", INVALID_DATA),
    ("hevc-", OUT_OF_MEMORY),
    ("vp9-", OUT_OF_MEMORY),
    ("av1-", OUT_OF_MEMORY),
    ("mjpeg-", -1),
];

/// `AVERROR_INVALIDDATA`: the negated letters "INDA".
const INVALID_DATA: i32 = -i32::from_le_bytes(*b"INDA");

/// `AVERROR(ENOMEM)`.
const OUT_OF_MEMORY: i32 = -12;

/// Codecs whose decoders decode several frames at once, on `THREADS` threads.
const FRAME_THREADED: [&str; 3] = ["h264-", "hevc-", "vp9-"];
const THREADS: i32 = 8;

/// Returns the streams of a codec without the largest one.
fn streams_of(codec: &str) -> Vec<PathBuf> {
    let mut streams = streams::starting_with(codec);
    streams.truncate(3);
    streams
}

/// The number of pictures and their digest, or the error of FFmpeg.
type Decoded = Result<(u32, u64), i32>;

/// Decodes a stream.
fn decode(file: &Path, threads: i32, hook: &Hook) -> Decoded {
    let (mut pictures, mut digest) = (0, Digest::default());
    let mut decoder = Decoder::open(file, threads, Some(hook))?;
    while decoder.next()? {
        pictures += 1;
        decoder.rows(&mut |row| digest.add(row));
    }
    Ok((pictures, digest.value()))
}

fn check_samples(codec: &str, threads: i32) {
    let threads = threads.to_string();
    for stream in streams_of(codec) {
        let threads = ("CODECS_THREADS", threads.as_str());
        let [own, _] = checks::same_samples(Path::new(PROGRAM), 1, &stream, &[threads]);
        assert_eq!(own.pictures, 48);
    }
}

#[test]
fn samples_are_the_same() {
    for (codec, _) in CODECS {
        check_samples(codec, 1);
    }
}

#[test]
fn samples_of_frame_threads_are_the_same() {
    for codec in FRAME_THREADED {
        check_samples(codec, THREADS);
    }
}

#[test]
fn samples_of_scenarios_are_the_same() {
    for (codec, _) in CODECS {
        checks::same_samples_in_scenarios(Path::new(PROGRAM), &streams_of(codec));
    }
}

#[test]
fn a_hook_takes_one_percent_more_instructions_at_most() {
    for (codec, _) in CODECS {
        for stream in streams::starting_with(&format!("{codec}320x180")) {
            checks::instructions(Path::new(PROGRAM), 2, &stream);
        }
    }
}

#[test]
fn warm_streams_take_no_memory_from_the_system() {
    let arena = program::arena();
    let hook = Hook::new(&arena);
    for (codec, _) in CODECS {
        checks::no_runs_when_warm(&arena, &streams_of(codec), |stream| {
            decode(stream, 1, &hook).unwrap();
        });
    }
}

fn check_limit(codec: &str, decode: fn(&Path, &Hook) -> Decoded, error: i32) {
    let hooked = Hooked {
        unlimited: Hook::new,
        limited: Hook::new,
        decode,
        take_refusal: Hook::take_refusal,
        out_of_memory: error,
    };
    checks::limit_in_the_middle(&streams_of(codec), &hooked);
}

#[test]
fn a_limit_in_the_middle_is_an_error_and_the_next_stream_decodes() {
    for (codec, error) in CODECS {
        check_limit(codec, |file, hook| decode(file, 1, hook), error);
        if FRAME_THREADED.contains(&codec) {
            check_limit(codec, |file, hook| decode(file, THREADS, hook), error);
        }
    }
}

/// Files of all codecs are open at once.
#[test]
fn mixed_streams_hold_what_they_need() {
    let files: Vec<PathBuf> = CODECS
        .iter()
        .flat_map(|(codec, _)| streams_of(codec))
        .collect();
    let arena = program::arena();
    let hook = Hook::new(&arena);
    checks::mixed_streams(
        &arena,
        &files,
        |file| Decoder::open(file, 1, Some(&hook)).unwrap(),
        |decoder| decoder.next().unwrap(),
        || {},
    );
}
