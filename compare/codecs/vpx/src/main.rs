//! Decodes VP9 streams by libvpx, with its own memory and with that of an arena.

#[path = "../decoder.rs"]
mod decoder;

use std::fs;
use std::path::Path;

use anyhow::{Result, anyhow};
use codecs_measure::ivf;
use codecs_measure::meter::Meter;
use decoder::Decoder;
use frame_arena::Arena;
use frame_arena_hooks::frame_buffers::FrameBufferHook;

fn decode(file: &Path, arena: Option<&Arena>, meter: &mut Meter) -> Result<()> {
    let file = fs::read(file)?;
    let hook = arena.map(FrameBufferHook::stale);
    let failed = |code| anyhow!("the decoder's error {code}");
    let mut decoder = Decoder::new(hook.as_ref()).map_err(failed)?;
    for packet in ivf::packets(&file)? {
        let decoded = decoder.decode(packet, &mut |picture| {
            if let Some(digest) = meter.digest() {
                picture.rows(&mut |row| digest.add(row));
            }
            meter.picture();
        });
        decoded.map_err(failed)?;
    }
    Ok(())
}

fn main() -> Result<()> {
    codecs_measure::program::main("libvpx", decode)
}
