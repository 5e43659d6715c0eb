//! Decodes streams by FFmpeg, with its own memory and with that of an arena. The environment's
//! `CODECS_THREADS` is the number of threads, 1 by default.

#[path = "../decoder.rs"]
mod decoder;

use std::env;
use std::path::Path;

use anyhow::{Result, anyhow};
use codecs_measure::meter::Meter;
use decoder::{Decoder, Hook};
use frame_arena::Arena;

fn decode(file: &Path, arena: Option<&Arena>, meter: &mut Meter) -> Result<()> {
    let threads = env::var("CODECS_THREADS").map_or(Ok(1), |threads| threads.parse())?;
    let hook = arena.map(Hook::new);
    let failed = |code| anyhow!("the decoder's error {code}");
    let mut decoder = Decoder::open(file, threads, hook.as_ref()).map_err(failed)?;
    while decoder.next().map_err(failed)? {
        if let Some(digest) = meter.digest() {
            decoder.rows(&mut |row| digest.add(row));
        }
        meter.picture();
    }
    Ok(())
}

fn main() -> Result<()> {
    codecs_measure::program::main("FFmpeg", decode)
}
