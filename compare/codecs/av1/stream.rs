//! Streams of AV1, packet by packet.

use std::collections::VecDeque;
use std::path::PathBuf;

use codecs_measure::codec::{Codec, Stream};
use codecs_measure::ivf;
use codecs_measure::meter::Meter;
use frame_arena_hooks::dav1d::Dav1dHook;

use super::decoder::{Decoder, Picture};

struct Packets<'h> {
    decoder: Decoder<'h>,
    packets: VecDeque<Vec<u8>>,
}

impl Stream for Packets<'_> {
    fn step(&mut self, meter: &mut Meter) -> Result<bool, i32> {
        let mut each = |picture: &Picture| {
            if let Some(digest) = meter.digest() {
                picture.rows(&mut |row| digest.add(row));
            }
            meter.picture();
        };
        match self.packets.pop_front() {
            Some(packet) => self.decoder.decode(&packet, &mut each).map(|()| true),
            None => self.decoder.drain(&mut each).map(|()| false),
        }
    }
}

fn open<'h>(
    files: &[PathBuf],
    threads: i32,
    hook: Option<&'h Dav1dHook>,
) -> Result<Box<dyn Stream + 'h>, i32> {
    Ok(Box::new(Packets {
        packets: ivf::packets_of(files),
        decoder: Decoder::open(threads, hook)?,
    }))
}

/// A library with dav1d's C interface.
pub(crate) fn codec(name: &'static str) -> Codec<Dav1dHook> {
    Codec {
        name,
        hook: Dav1dHook::new,
        open,
        steps: 60,
    }
}
