//! Random programs of frames, stages, scratch, requests and ends of scopes, compared with a plain
//! model after each step.
//!
//! `FRAME_ARENA_SEED=n cargo test --test allocator model` runs the program of one seed;
//! `FRAME_ARENA_PROGRAMS=n` sets how many run.

// Code that only collections use is unused without them.
#![cfg_attr(
    not(any(feature = "allocator-api2-02", feature = "allocator-api2-04")),
    allow(dead_code)
)]

#[cfg(feature = "allocator-api2-02")]
use allocator_api2_02 as api;
#[cfg(all(feature = "allocator-api2-04", not(feature = "allocator-api2-02")))]
use allocator_api2_04 as api;

#[cfg(any(feature = "allocator-api2-02", feature = "allocator-api2-04"))]
mod collections;
#[cfg(not(any(feature = "allocator-api2-02", feature = "allocator-api2-04")))]
#[path = "model/no_collections.rs"]
mod collections;
mod driver;
pub(crate) mod freed;
mod held;
mod oracle;
mod ranges;
mod request;
mod stats;
mod tape;

use std::panic::{catch_unwind, set_hook, take_hook};
use std::sync::atomic::Ordering;

/// Forgotten scopes are leaks, which LeakSanitizer would report.
fn may_forget(seed: u64) -> bool {
    seed % 2 == 1 && !cfg!(frame_arena_asan)
}

#[test]
fn random_programs_do_what_the_model_does() {
    let number = |name| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let seeds = match number("FRAME_ARENA_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("FRAME_ARENA_PROGRAMS").unwrap_or(1000),
    };
    let is_default = seeds == (0..1000);
    for seed in seeds {
        let program = program(seed);
        let fails =
            |program: &[u8]| catch_unwind(|| driver::run(program, may_forget(seed))).is_err();
        if fails(&program) {
            let shortest = shorten(program, fails);
            println!("seed {seed}, shortened to {shortest:?}");
            driver::run(&shortest, may_forget(seed));
        }
    }
    let did = [
        &oracle::COMPARED,
        &oracle::REFUSED,
        &collections::OPERATIONS,
        &collections::REFUSED,
    ];
    let did = did.map(|counter| counter.load(Ordering::Relaxed));
    println!("compared, refused; of collections, refused: {did:?}");
    // Programs of the default seeds do enough of each to assert it.
    let has_collections = cfg!(any(
        feature = "allocator-api2-02",
        feature = "allocator-api2-04"
    ));
    if is_default {
        assert!(did[0] > 3000 && did[1] > 500, "{did:?}");
        assert!(
            !has_collections || (did[2] > 1000 && did[3] > 50),
            "{did:?}"
        );
    }
}

/// A random program: splitmix64 of the seed.
fn program(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0xd134_2543_de82_ef95);
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) as u8
    };
    let len = 64 + usize::from(next()) * 6;
    (0..len).map(|_| next()).collect()
}

/// Removes parts of a failing program as long as it still fails.
fn shorten(mut program: Vec<u8>, fails: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let hook = take_hook();
    set_hook(Box::new(|_| ()));
    let mut part = program.len() / 2;
    while part > 0 {
        let mut start = 0;
        while start + part <= program.len() {
            let mut shorter = program.clone();
            shorter.drain(start..start + part);
            match fails(&shorter) {
                true => program = shorter,
                false => start += part,
            }
        }
        part /= 2;
    }
    set_hook(hook);
    program
}
