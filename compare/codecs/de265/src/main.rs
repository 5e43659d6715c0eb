//! Decodes HEVC streams by libde265, with its own memory and with that of an arena.

#[path = "../decoder.rs"]
mod decoder;

use std::fs;
use std::path::Path;

use anyhow::{Result, anyhow};
use codecs_measure::meter::Meter;
use decoder::{Decoder, hook};
use frame_arena::Arena;

fn decode(file: &Path, arena: Option<&Arena>, meter: &mut Meter) -> Result<()> {
    let file = fs::read(file)?;
    let hook = arena.map(hook);
    let mut decoder = Decoder::new(hook.as_ref());
    let decoded = decoder.decode(&file, &mut |picture| {
        if let Some(digest) = meter.digest() {
            picture.rows(&mut |row| digest.add(row));
        }
        meter.picture();
    });
    decoded.map_err(|code| anyhow!("the decoder's error {code}"))
}

fn main() -> Result<()> {
    codecs_measure::program::main("libde265", decode)
}
