//! Decodes of AV1 streams, measured.

use std::fs;
use std::path::Path;

use anyhow::{Result, anyhow};
use codecs_measure::ivf;
use codecs_measure::meter::Meter;
use frame_arena::Arena;
use frame_arena_hooks::dav1d::Dav1dHook;

use super::decoder::{Decoder, Picture};

/// Decodes a stream on one thread.
pub(crate) fn decode(file: &Path, arena: Option<&Arena>, meter: &mut Meter) -> Result<()> {
    let file = fs::read(file)?;
    let packets = ivf::packets(&file)?;
    let hook = arena.map(Dav1dHook::new);
    let failed = |code| anyhow!("the decoder's error {code}");
    let mut decoder = Decoder::open(1, hook.as_ref()).map_err(failed)?;
    let mut each = |picture: &Picture| {
        if let Some(digest) = meter.digest() {
            picture.rows(&mut |row| digest.add(row));
        }
        meter.picture();
    };
    for packet in packets {
        decoder.decode(packet, &mut each).map_err(failed)?;
    }
    decoder.drain(&mut each).map_err(failed)
}
