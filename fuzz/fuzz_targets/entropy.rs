//! Entropy codes, and the integers and permutations that they code.
#![no_main]
// This target does not use the functions that refuse memory.
#![allow(dead_code)]

#[path = "support/bounded.rs"]
mod bounded;

use bounded::bounded;
use frame_arena::Arena;
use jxl_arena::fuzzing::{ans_integers, integers, permutation, skipped_permutation};
use libfuzzer_sys::fuzz_target;

const LIMIT_BYTES: usize = 8 << 20;

fuzz_target!(|input: &[u8]| {
    let Some((&[contexts, count], bytes)) = input.split_first_chunk() else {
        return;
    };
    let contexts = 1 + usize::from(contexts);
    let count = 8 * usize::from(count);
    bounded(LIMIT_BYTES, |arena| {
        check_integers(bytes, (contexts, count), arena);
        check_permutation(bytes, count, arena);
    });
});

/// Checks that integers are constant where the code says so, and that all readers read the same.
fn check_integers(bytes: &[u8], counts: (usize, usize), arena: &Arena) {
    let mut read = Vec::with_capacity(counts.1);
    let bits = integers(bytes, counts, arena, |context, only, integer| {
        assert_eq!(only.unwrap_or(integer), integer);
        read.push((context, integer));
    });
    let mut expected = read.iter();
    let again = ans_integers(bytes, counts, arena, |context, integer| {
        assert_eq!(expected.next(), Some(&(context, integer)));
    });
    match (bits, again) {
        (Ok(bits), Ok(Some(again))) => {
            assert_eq!(bits, again);
            assert!(bits <= 8 * bytes.len() && expected.len() == 0);
        }
        (Ok(bits), Ok(None)) => assert!(bits <= 8 * bytes.len()),
        (Err(_), Err(_) | Ok(None)) => {}
        (bits, again) => panic!("{bits:?}, then {again:?}"),
    }
}

/// Checks that what is read is a permutation, and that skipping it reads as many bits.
fn check_permutation(bytes: &[u8], count: usize, arena: &Arena) {
    let mut counts = vec![0; count];
    let mut found = vec![false; count];
    let mut places = 0;
    let bits = permutation(bytes, &mut counts, arena, |place, number| {
        assert_eq!(place, places);
        assert!(!std::mem::replace(&mut found[number], true));
        places += 1;
    });
    let skipped = skipped_permutation(bytes, count, arena);
    match (bits, skipped) {
        (Ok(bits), Ok(skipped)) => {
            assert_eq!(bits, skipped);
            assert_eq!(places, count);
        }
        (Err(_), Err(_)) => {}
        (bits, skipped) => panic!("{bits:?}, then {skipped:?}"),
    }
}
