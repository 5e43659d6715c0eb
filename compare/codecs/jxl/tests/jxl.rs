//! Checks of libjxl.

#[path = "../decoder.rs"]
mod decoder;

use std::fs;
use std::path::{Path, PathBuf};

use codecs_measure::checks::{self, Hooked};
use codecs_measure::{program, streams};
use decoder::{Decoder, ERROR, Hook};
use frame_arena::Arena;

const PROGRAM: &str = env!("CARGO_BIN_EXE_codecs-jxl");

fn pictures() -> Vec<PathBuf> {
    let mut files = streams::starting_with("still-");
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jxl"));
    files
}

/// Decodes a picture, and returns its digest.
fn decode(file: &Path, hook: &Hook) -> Result<u64, i32> {
    let file = fs::read(file).unwrap();
    let mut decoder = Decoder::open(1, Some(hook))?;
    loop {
        if let Some(digest) = decoder.step(&file, true)? {
            return Ok(digest);
        }
    }
}

#[test]
fn samples_are_the_same() {
    for file in pictures() {
        let [own, _] = checks::same_samples(Path::new(PROGRAM), 1, &file, &[]);
        assert_eq!(own.pictures, 4);
    }
}

#[test]
fn samples_of_scenarios_are_the_same() {
    checks::same_samples_in_scenarios(Path::new(PROGRAM), &pictures());
}

#[test]
fn a_hook_takes_one_percent_more_instructions_at_most() {
    for file in pictures().iter().take(2) {
        checks::instructions(Path::new(PROGRAM), 2, file);
    }
}

#[test]
fn warm_pictures_take_no_memory_from_the_system() {
    let arena = program::arena();
    let hook = Hook::new(&arena);
    checks::no_runs_when_warm(&arena, &pictures(), |file| {
        decode(file, &hook).unwrap();
        hook.trim();
    });
}

#[test]
fn a_limit_in_the_middle_is_an_error_and_the_next_picture_decodes() {
    let hooked = Hooked {
        unlimited: Hook::new,
        limited: Hook::new,
        decode,
        take_refusal: Hook::take_refusal,
        out_of_memory: ERROR,
    };
    checks::limit_in_the_middle(&pictures(), &hooked);
}

/// Whatever allocation the limit refuses, the library returns its error.
#[test]
fn any_limit_is_an_error_or_met() {
    const LIMITS: usize = 64;
    let Some(file) = pictures().into_iter().next() else {
        return;
    };
    let unlimited = Arena::new();
    let expected = decode(&file, &Hook::new(&unlimited));
    let need_bytes = unlimited.snapshot().peak_held_bytes;
    let mut refused = 0;
    for step in 0..=LIMITS {
        let arena = Arena::builder()
            .limit_bytes(need_bytes * step / LIMITS)
            .build();
        let hook = Hook::new(&arena);
        match decode(&file, &hook) {
            Err(ERROR) => {
                refused += 1;
                assert!(hook.take_refusal().is_some());
            }
            decoded => assert_eq!(decoded, expected),
        }
        hook.trim();
        assert_eq!(arena.snapshot().in_use_bytes, 0);
    }
    assert!((LIMITS / 2..=LIMITS).contains(&refused));
}

#[test]
fn mixed_pictures_hold_what_they_need() {
    let arena = program::arena();
    let hook = Hook::new(&arena);
    checks::mixed_streams(
        &arena,
        &pictures(),
        |path| {
            let file = fs::read(path).unwrap();
            (Decoder::open(1, Some(&hook)).unwrap(), file)
        },
        |(decoder, file)| decoder.step(file, true).unwrap().is_none(),
        || hook.trim(),
    );
}
