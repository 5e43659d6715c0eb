use frame_arena::{Plane, PlaneAlloc, PlaneView, Scratch};

use super::context::FrameContext;
use super::lf_global::LfGlobal;
use crate::Error;
use crate::output::{ExtraRows, OutputTile};

/// Hands finished rows of all channels to the output.
pub(super) struct RowWriter<'s> {
    colour_channels: usize,
    xyb: Option<Xyb<'s>>,
}

/// Conversion of coded Y, X, B - Y to X, Y, B.
struct Xyb<'s> {
    /// Of X, Y, B.
    factors: [f32; 3],
    rows: Plane<'s, f32>,
}

impl<'s> RowWriter<'s> {
    /// A writer of rows of up to `width` samples.
    pub(super) fn new(
        context: &FrameContext<'_>,
        global: &LfGlobal,
        width: usize,
        scratch: &'s Scratch<'_>,
    ) -> Result<Self, Error> {
        let xyb = if context.is_xyb {
            Some(Xyb {
                factors: global.dequantisation,
                // Stale: a row is written before it is handed out.
                rows: scratch.stale_plane(width, 3)?,
            })
        } else {
            None
        };
        Ok(Self {
            colour_channels: context.colour_channels,
            xyb,
        })
    }

    /// Writes the rows of `channels`, which are as large as the tile.
    pub(super) fn put_tile(
        &mut self,
        tile: &mut OutputTile<'_>,
        channels: &[PlaneView<'_, i32>],
    ) -> Result<(), Error> {
        let mut rows: Vec<&[i32]> = Vec::with_capacity(channels.len());
        for y in 0..tile.height() {
            rows.clear();
            rows.extend(channels.iter().map(|channel| channel.row(y)));
            match &mut self.xyb {
                None => tile.put_integer_row(y, &rows)?,
                Some(xyb) => {
                    let (colour, extra) = rows.split_at(self.colour_channels);
                    tile.put_xyb_row(y, xyb.convert(colour), ExtraRows::Integers(extra))?;
                }
            }
        }
        Ok(())
    }
}

impl Xyb<'_> {
    fn convert(&mut self, coded: &[&[i32]]) -> [&[f32]; 3] {
        let width = coded[0].len();
        let [x_factor, y_factor, b_factor] = self.factors;
        let scale = |out: &mut [f32], coded: &[i32], factor: f32| {
            for (out, &sample) in out.iter_mut().zip(coded) {
                *out = sample as f32 * factor;
            }
        };
        scale(self.rows.row_mut(0), coded[1], x_factor);
        scale(self.rows.row_mut(1), coded[0], y_factor);
        let blue = coded[2].iter().zip(coded[0]);
        for (out, (&b, &y)) in self.rows.row_mut(2).iter_mut().zip(blue) {
            *out = b.wrapping_add(y) as f32 * b_factor;
        }
        [0, 1, 2].map(|i| &self.rows.row(i)[..width])
    }
}
