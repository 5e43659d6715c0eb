//! Decodes streams by FFmpeg, with its own memory and with that of an arena.

#[path = "../decoder.rs"]
mod decoder;

use std::collections::VecDeque;
use std::path::PathBuf;

use codecs_measure::codec::{Codec, Stream};
use codecs_measure::meter::Meter;
use codecs_measure::scenarios;
use decoder::{Decoder, Hook};

struct Pictures<'h> {
    decoder: Decoder<'h>,
    /// The files after that which is open.
    files: VecDeque<PathBuf>,
}

impl Stream for Pictures<'_> {
    fn step(&mut self, meter: &mut Meter) -> Result<bool, i32> {
        if self.decoder.next()? {
            if let Some(digest) = meter.digest() {
                self.decoder.rows(&mut |row| digest.add(row));
            }
            meter.picture();
            return Ok(true);
        }
        match self.files.pop_front() {
            Some(file) => self.decoder.reopen(&file).map(|()| true),
            None => Ok(false),
        }
    }
}

fn open<'h>(
    files: &[PathBuf],
    threads: i32,
    hook: Option<&'h Hook>,
) -> Result<Box<dyn Stream + 'h>, i32> {
    Ok(Box::new(Pictures {
        decoder: Decoder::open(&files[0], threads, hook)?,
        files: files[1..].iter().cloned().collect(),
    }))
}

fn main() -> anyhow::Result<()> {
    scenarios::main(&Codec {
        name: "FFmpeg",
        hook: Hook::new,
        open,
        steps: 60,
    })
}
