use frame_arena::{Plane, PlaneSpec, PlaneView, Scratch, Spec};

use super::context::FrameContext;
use super::lf_global::LfGlobal;
use crate::Error;
use crate::memory::list_in;
use crate::output::{ExtraRows, OutputTile};

/// Hands finished rows of all channels to the output.
pub(super) struct RowWriter<'s> {
    color_channels: usize,
    xyb: Option<Xyb<'s>>,
    scratch: &'s Scratch<'s>,
}

/// Conversion of coded Y, X, B - Y to X, Y, B.
struct Xyb<'s> {
    /// Of X, Y, B.
    factors: [f32; 3],
    rows: Plane<'s, f32>,
}

impl<'s> RowWriter<'s> {
    /// X, Y and B of a row of up to `width` samples, if they are converted.
    pub(super) fn spec(context: &FrameContext<'_>, width: usize) -> Option<PlaneSpec<f32>> {
        // Stale: a row is written before it is handed out.
        context.is_xyb.then(|| PlaneSpec::stale(width, 3))
    }

    /// A writer of rows of up to `width` samples.
    pub(super) fn new(
        context: &FrameContext<'_>,
        global: &LfGlobal<'_>,
        width: usize,
        scratch: &'s Scratch<'s>,
    ) -> Result<Self, Error> {
        let rows = Self::spec(context, width).open(scratch)?;
        let factors = global.dequantization;
        Ok(Self {
            color_channels: context.color_channels,
            xyb: rows.map(|rows| Xyb { factors, rows }),
            scratch,
        })
    }

    /// Writes the rows of `channels`, which are as large as the tile.
    pub(super) fn put_tile(
        &mut self,
        tile: &mut OutputTile<'_>,
        channels: &[PlaneView<'_, i32>],
    ) -> Result<(), Error> {
        let mut rows = list_in(self.scratch, channels.len())?;
        for y in 0..tile.height() {
            rows.clear();
            rows.extend(channels.iter().map(|channel| channel.row(y)));
            match &mut self.xyb {
                None => tile.put_integer_row(y, &rows)?,
                Some(xyb) => {
                    let (color, extra) = rows.split_at(self.color_channels);
                    tile.put_xyb_row(y, xyb.convert(color), ExtraRows::Integers(extra))?;
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
