#[cfg(test)]
mod tests;

use frame_arena::{PlaneAlloc, Scratch};

use crate::Error;
use crate::modular::predictor::Neighbours;

/// Samples after the end of a row that repeat its last one, for neighbours to the right.
pub(super) const RIGHT_BORDER: usize = 2;

/// Decodes the rows of a channel one after the other.
pub(super) trait Kernel {
    /// What decodes the samples of one row. A value of its own, so that it can live in registers.
    type Row<'k>: RowKernel
    where
        Self: 'k;

    /// Starts row `y`.
    fn row(&mut self, y: usize) -> Self::Row<'_>;
}

/// Decodes the samples of a row one after the other.
pub(super) trait RowKernel {
    /// Decodes the sample in column `x` of the row.
    fn sample(&mut self, x: usize, at: &Neighbours) -> Result<i32, Error>;
}

/// The row being decoded and the two above it.
///
/// Rows are decoded here and copied to their plane: with the border every column but those of
/// the first row finds its neighbours in the same way.
pub(super) struct Rows<'s> {
    current: &'s mut [i32],
    above: &'s mut [i32],
    above2: &'s mut [i32],
    y: usize,
}

impl<'s> Rows<'s> {
    /// Room for rows of up to `width` samples.
    pub(super) fn new(scratch: &'s Scratch<'_>, width: usize) -> Result<Self, Error> {
        // Stale: each row is written before it is read.
        let row = || scratch.stale_slice(width + RIGHT_BORDER);
        Ok(Self {
            current: row()?,
            above: row()?,
            above2: row()?,
            y: 0,
        })
    }

    /// Starts a channel.
    pub(super) fn restart(&mut self) {
        self.y = 0;
    }

    /// Decodes the next row of the channel into `out`.
    #[inline(always)]
    pub(super) fn decode_row(
        &mut self,
        kernel: &mut impl Kernel,
        out: &mut [i32],
    ) -> Result<(), Error> {
        let width = out.len();
        if self.y == 0 {
            self.first_row(kernel.row(0), width)?;
        } else {
            self.inner_row(kernel.row(self.y), width)?;
        }
        out.copy_from_slice(&self.current[..width]);
        let last = self.current[width - 1];
        self.current[width..width + RIGHT_BORDER].fill(last);
        std::mem::swap(&mut self.above, &mut self.above2);
        std::mem::swap(&mut self.above, &mut self.current);
        self.y += 1;
        Ok(())
    }

    #[inline(always)]
    fn first_row(&mut self, mut kernel: impl RowKernel, width: usize) -> Result<(), Error> {
        let mut w = 0;
        let mut ww = 0;
        for (x, out) in self.current[..width].iter_mut().enumerate() {
            let at = Neighbours {
                n: w,
                w,
                nw: w,
                ne: w,
                nn: w,
                ww,
                nee: w,
            };
            *out = kernel.sample(x, &at)?;
            ww = if x == 0 { *out } else { w };
            w = *out;
        }
        Ok(())
    }

    #[inline(always)]
    fn inner_row(&mut self, mut kernel: impl RowKernel, width: usize) -> Result<(), Error> {
        let above = &self.above[..width + RIGHT_BORDER];
        let above2 = if self.y == 1 {
            &*self.above
        } else {
            &*self.above2
        };
        let mut w = above[0];
        let mut ww = w;
        let mut nw = w;
        let mut n = w;
        let mut ne = above[1];
        let columns = above[2..].iter().zip(&above2[..width]);
        let columns = self.current[..width].iter_mut().zip(columns);
        for (x, (out, (&nee, &nn))) in columns.enumerate() {
            let at = Neighbours {
                n,
                w,
                nw,
                ne,
                nn,
                ww,
                nee,
            };
            *out = kernel.sample(x, &at)?;
            ww = if x == 0 { *out } else { w };
            w = *out;
            nw = n;
            n = ne;
            ne = nee;
        }
        Ok(())
    }
}
