//! ICC profiles: the entropy-coded stream, and its commands.
#![no_main]
// This target does not use the functions that refuse memory.
#![allow(dead_code)]

#[path = "support/bounded.rs"]
mod bounded;

use bounded::bounded;
use jxl_arena::fuzzing::{icc_commands, icc_profile};
use libfuzzer_sys::fuzz_target;

/// Larger profiles cost time and show nothing else.
const LIMIT_BYTES: usize = 1 << 20;

fuzz_target!(|bytes: &[u8]| {
    bounded(LIMIT_BYTES, |arena| {
        if let Ok(profile) = icc_profile(bytes, arena) {
            assert!(!profile.is_empty());
            assert!(icc_profile(bytes, arena).is_ok_and(|again| again == profile));
        }
        if let Ok(profile) = icc_commands(bytes, arena) {
            assert_eq!(Some(profile.len() as u64), number(bytes));
            assert!(icc_commands(bytes, arena).is_ok_and(|again| again == profile));
        }
    });
});

/// Reads the number at the start: seven bits in each byte, the lowest first.
fn number(bytes: &[u8]) -> Option<u64> {
    let last = bytes.iter().position(|byte| byte & 0x80 == 0)?;
    let bytes = bytes[..=last].iter().rev();
    Some(bytes.fold(0, |value, byte| value << 7 | u64::from(byte & 0x7F)))
}
