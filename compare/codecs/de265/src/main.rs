//! Decodes HEVC streams by libde265, with its own memory and with that of an arena.

#[path = "../decoder.rs"]
mod decoder;

use std::collections::VecDeque;
use std::fs;
use std::path::PathBuf;

use codecs_measure::codec::{Codec, Stream};
use codecs_measure::meter::Meter;
use codecs_measure::scenarios;
use decoder::{Decoder, PART_BYTES, Picture, hook};
use frame_arena_hooks::libde265::De265Hook;

struct Parts<'h> {
    decoder: Decoder<'h>,
    /// The parts of files; `None` for the end of one.
    parts: VecDeque<Option<Vec<u8>>>,
}

impl Stream for Parts<'_> {
    fn step(&mut self, meter: &mut Meter) -> Result<bool, i32> {
        let mut each = |picture: &Picture| {
            if let Some(digest) = meter.digest() {
                picture.rows(&mut |row| digest.add(row));
            }
            meter.picture();
        };
        match self.parts.pop_front() {
            Some(Some(part)) => self.decoder.push(&part, &mut each)?,
            Some(None) => self.decoder.flush(&mut each)?,
            None => return Ok(false),
        }
        Ok(true)
    }
}

fn open<'h>(
    files: &[PathBuf],
    threads: i32,
    hook: Option<&'h De265Hook>,
) -> Result<Box<dyn Stream + 'h>, i32> {
    let mut parts = VecDeque::new();
    for file in files {
        let file = fs::read(file).unwrap();
        parts.extend(file.chunks(PART_BYTES).map(|part| Some(part.to_vec())));
        parts.push_back(None);
    }
    Ok(Box::new(Parts {
        decoder: Decoder::open(threads, hook),
        parts,
    }))
}

fn main() -> anyhow::Result<()> {
    scenarios::main(&Codec {
        name: "libde265",
        hook,
        open,
        steps: 60,
    })
}
