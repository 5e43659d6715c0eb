//! Decodes JPEG XL pictures by libjxl, with its own memory and with that of an arena.

#[path = "../decoder.rs"]
mod decoder;

use std::fs;
use std::path::PathBuf;

use codecs_measure::codec::{Codec, Stream};
use codecs_measure::meter::Meter;
use codecs_measure::scenarios;
use decoder::{Decoder, Hook};

/// Times that each file is decoded, as a stream.
const PICTURES: usize = 4;

struct Pictures<'h> {
    decoder: Decoder<'h>,
    files: Vec<Vec<u8>>,
    done: usize,
}

impl Stream for Pictures<'_> {
    fn step(&mut self, meter: &mut Meter) -> Result<bool, i32> {
        let Some(file) = self.files.get(self.done / PICTURES) else {
            return Ok(false);
        };
        let is_reading = meter.digest().is_some();
        if let Some(sum) = self.decoder.step(file, is_reading)? {
            if let Some(digest) = meter.digest() {
                digest.add(&sum.to_le_bytes());
            }
            meter.picture();
            self.done += 1;
            self.decoder.restart()?;
        }
        Ok(true)
    }
}

fn open<'h>(
    files: &[PathBuf],
    threads: i32,
    hook: Option<&'h Hook>,
) -> Result<Box<dyn Stream + 'h>, i32> {
    let read = |file: &PathBuf| fs::read(file).expect("a file");
    Ok(Box::new(Pictures {
        decoder: Decoder::open(threads as usize, hook)?,
        files: files.iter().map(read).collect(),
        done: 0,
    }))
}

fn main() -> anyhow::Result<()> {
    scenarios::main(&Codec {
        name: "libjxl",
        hook: Hook::new,
        open,
        steps: 60,
    })
}
