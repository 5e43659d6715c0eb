//! Streams of libvpx or libaom, packet by packet.

use std::collections::VecDeque;
use std::path::PathBuf;

use codecs_measure::codec::{Codec, Stream};
use codecs_measure::ivf;
use codecs_measure::meter::Meter;
use frame_arena_hooks::frame_buffers::FrameBufferHook;

use crate::decoder::Decoder;

struct Packets<'h> {
    decoder: Decoder<'h>,
    packets: VecDeque<Vec<u8>>,
}

impl Stream for Packets<'_> {
    fn step(&mut self, meter: &mut Meter) -> Result<bool, i32> {
        let Some(packet) = self.packets.pop_front() else {
            return Ok(false);
        };
        self.decoder.decode(&packet, &mut |picture| {
            if let Some(digest) = meter.digest() {
                picture.rows(&mut |row| digest.add(row));
            }
            meter.picture();
        })?;
        Ok(true)
    }
}

fn open<'h>(
    files: &[PathBuf],
    threads: i32,
    hook: Option<&'h FrameBufferHook>,
) -> Result<Box<dyn Stream + 'h>, i32> {
    Ok(Box::new(Packets {
        packets: ivf::packets_of(files),
        decoder: Decoder::open(threads as u32, hook)?,
    }))
}

/// The library of this package.
pub(crate) fn codec(name: &'static str) -> Codec<FrameBufferHook> {
    Codec {
        name,
        hook: FrameBufferHook::stale,
        open,
        steps: 60,
    }
}
