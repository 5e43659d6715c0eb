//! Headers, tables of contents and plans of pictures whose sections are never decoded.
#![no_main]
// This target does not use the functions that refuse memory.
#![allow(dead_code)]

#[path = "support/bounded.rs"]
mod bounded;

use std::num::NonZeroUsize;

use bounded::bounded;
use frame_arena::Arena;
use jxl_arena::{Decoder, Error};
use libfuzzer_sys::fuzz_target;

const LIMIT_BYTES: usize = 4 << 20;
/// Zeros after the headers, in place of the sections that they announce.
const PADDING_BYTES: usize = 1 << 18;
/// Most pictures of an animation that are checked.
const MOST_PICTURES: usize = 64;

fuzz_target!(|bytes: &[u8]| {
    let mut file = bytes.to_vec();
    file.resize(bytes.len() + PADDING_BYTES, 0);
    bounded(LIMIT_BYTES, |arena| {
        drop(read(bytes, arena));
        drop(read(&file, arena));
    });
});

fn read(file: &[u8], arena: &Arena) -> Result<(), Error> {
    let picture = Decoder::new(arena.clone()).read(file)?;
    let info = picture.info();
    assert!(info.width > 0 && info.height > 0);
    let named = picture.extra_channels().map(|channel| channel.name.len());
    assert!(named.max().unwrap_or(0) <= file.len());
    if let Some(profile) = info.profile.to_icc() {
        assert!(!profile.is_empty());
    }
    for (index, frame) in picture.frame_infos().take(MOST_PICTURES).enumerate() {
        assert_eq!(frame?.index, index);
    }
    let plan = |threads| picture.plan(NonZeroUsize::new(threads).unwrap());
    let (one, eight) = (plan(1)?, plan(8)?);
    assert!(one.held_bytes() <= eight.held_bytes());
    assert!(one.held_bytes() >= one.peak_bytes());
    Ok(())
}
