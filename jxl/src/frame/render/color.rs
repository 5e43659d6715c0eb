use std::ops::Range;

use super::{Extra, Renderer};
use crate::format::SampleFormat;
use crate::output::ChannelConversion;
use crate::render::{Band, Placed, Source};

/// Decoded color channels of a rectangle of a frame.
pub(in crate::frame) enum Color<'a> {
    /// The samples of a VarDCT frame.
    Floats(Band<'a>),
    /// The channels of a Modular frame: one if it is gray, otherwise three.
    Integers(&'a [Placed<'a, i32>]),
}

/// The meaning of a Modular frame's integers.
#[derive(Clone, Copy)]
pub(super) enum Meaning {
    /// Y, X and B - Y, with the factors of X, Y and B.
    Xyb([f32; 3]),
    /// Samples of a bit depth; a gray channel is used for all three.
    Samples(ChannelConversion),
}

impl<'a> Renderer<'a> {
    /// Color channels as floats, with extra channels in addition.
    pub(super) fn source<'s>(
        &'s self,
        color: &'s Color<'s>,
        extra: &'s [Placed<'s, i32>],
    ) -> impl Source {
        let frame = self.frame;
        let meaning = if frame.context.is_xyb {
            Meaning::Xyb(frame.global.dequantization)
        } else {
            let depth = frame.image.metadata.bit_depth;
            Meaning::Samples(ChannelConversion::new(depth, SampleFormat::F32))
        };
        Decoded {
            color,
            meaning,
            extra,
            conversions: self.extra,
        }
    }
}

struct Decoded<'s> {
    color: &'s Color<'s>,
    meaning: Meaning,
    extra: &'s [Placed<'s, i32>],
    conversions: &'s [Extra],
}

impl Source for Decoded<'_> {
    fn read(&self, channel: usize, y: usize, columns: Range<usize>, out: &mut [f32]) {
        if let Some(index) = channel.checked_sub(3) {
            let stored = self.extra[index].row(y, columns);
            let to_float = self.conversions[index].to_float;
            return to_float.run(stored, bytemuck::cast_slice_mut(out));
        }
        match self.color {
            Color::Floats(band) => band.read(channel, y, columns, out),
            Color::Integers(channels) => {
                let row = |channel: usize| channels[channel].row(y, columns.clone());
                self.meaning.read(channel, row, channels.len(), out);
            }
        }
    }
}

impl Meaning {
    /// Writes a row of a color channel into `out`. `row` returns rows of the `count` coded
    /// channels.
    fn read<'a>(
        self,
        channel: usize,
        row: impl Fn(usize) -> &'a [i32],
        count: usize,
        out: &mut [f32],
    ) {
        match self {
            Self::Samples(to_float) => {
                let stored = row(channel.min(count - 1));
                to_float.run(stored, bytemuck::cast_slice_mut(out));
            }
            Self::Xyb(factors) => {
                let factor = factors[channel];
                if channel == 2 {
                    for (out, (&b, &y)) in out.iter_mut().zip(row(2).iter().zip(row(0))) {
                        *out = b.wrapping_add(y) as f32 * factor;
                    }
                } else {
                    for (out, &coded) in out.iter_mut().zip(row(1 - channel)) {
                        *out = coded as f32 * factor;
                    }
                }
            }
        }
    }
}
