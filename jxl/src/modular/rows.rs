#[cfg(test)]
mod tests;

use std::ops::Range;

use frame_arena::PlaneViewMut;
use jxl_simd::SimdDescriptor;

use crate::Error;
use crate::modular::predictor::Neighbors;

/// Decodes the rows of a channel one after the other.
pub(super) trait Kernel {
    /// Whether to compile the row loop for other instruction sets too.
    const HAS_VECTORS: bool = false;

    /// Decodes the samples of one row. It is a separate value, so that it can live in registers.
    type Row<'k, D: SimdDescriptor>: RowKernel
    where
        Self: 'k;

    /// Starts row `y`, which is decoded with the vectors of `d`, of up to four numbers.
    fn row<D: SimdDescriptor>(&mut self, d: D, y: usize) -> Self::Row<'_, D>;

    /// Number of levels of trees walked for the previous row.
    fn levels(&mut self) -> u64 {
        0
    }
}

/// Columns of most pieces of a row. The last column is a piece of its own.
pub(super) const PIECE: usize = 32;

/// Room for a piece, and for a vector that starts at its last column.
pub(super) const ROOM: usize = PIECE + 16;

/// Copies as many items as the shorter one of two slices has. Whole pieces need no call.
#[inline(always)]
pub(super) fn copy<T: Copy>(from: &[T], to: &mut [T]) {
    match (from.first_chunk::<PIECE>(), to.first_chunk_mut::<PIECE>()) {
        (Some(from), Some(to)) => *to = *from,
        _ => to.iter_mut().zip(from).for_each(|(to, from)| *to = *from),
    }
}

/// The end of the piece of a row that starts at `start`.
#[inline(always)]
pub(super) fn piece_end(start: usize, width: usize) -> usize {
    match start + 1 == width {
        true => width,
        false => (start + PIECE).min(width - 1),
    }
}

/// Decodes the samples of a row one after the other.
pub(super) trait RowKernel {
    /// Whether the kernel needs [`begin`](Self::begin) and [`end`](Self::end).
    const HAS_PIECES: bool = false;

    /// Starts a [piece](piece_end) of the row, which has two rows `above`.
    #[inline(always)]
    fn begin(&mut self, _: &Range<usize>, _above: Option<[&[i32]; 2]>) {}

    /// Ends a piece of the row.
    #[inline(always)]
    fn end(&mut self, _: &Range<usize>) {}

    /// Decodes the sample in column `x` of the row.
    fn sample(&mut self, x: usize, at: &Neighbors) -> Result<i32, Error>;
}

/// Decodes row `y` of a channel; the rows above must be decoded already.
///
/// # Panics
/// If there is no such row, or the row is empty.
#[inline(always)]
pub(super) fn decode_row<D: SimdDescriptor>(
    d: D,
    kernel: &mut impl Kernel,
    channel: &mut PlaneViewMut<'_, i32>,
    y: usize,
) -> Result<(), Error> {
    let (above, mut current) = channel.reborrow().split_at_row(y);
    let row = current.row_mut(0);
    match y {
        0 => first_row(kernel.row(d, 0), row),
        1 => inner_row(kernel.row(d, 1), [above.row(0); 2], row),
        _ => inner_row(kernel.row(d, y), [above.row(y - 2), above.row(y - 1)], row),
    }
}

#[inline(always)]
fn first_row<K: RowKernel>(mut kernel: K, row: &mut [i32]) -> Result<(), Error> {
    let mut w = 0;
    let mut ww = 0;
    let mut start = 0;
    while start < row.len() {
        let columns = start..end_for::<K>(start, row.len());
        kernel.begin(&columns, None);
        for (i, out) in row[columns.clone()].iter_mut().enumerate() {
            let x = start + i;
            let at = Neighbors {
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
        kernel.end(&columns);
        start = columns.end;
    }
    Ok(())
}

/// Decodes a row that has the two rows `above` it.
#[inline(always)]
fn inner_row<K: RowKernel>(
    mut kernel: K,
    above: [&[i32]; 2],
    row: &mut [i32],
) -> Result<(), Error> {
    let [above2, above] = above;
    let mut w = above[0];
    let mut ww = w;
    let mut nw = w;
    let mut n = w;
    let mut ne = above.get(1).copied().unwrap_or(w);
    let mut start = 0;
    while start < row.len() {
        let columns = start..end_for::<K>(start, row.len());
        kernel.begin(&columns, Some([above2, above]));
        let samples = &mut row[columns.clone()];
        let samples = samples.iter_mut().zip(&above2[columns.clone()]);
        for (i, (out, &nn)) in samples.enumerate() {
            let x = start + i;
            // At the right the last sample is repeated.
            let nee = above.get(x + 2).copied().unwrap_or(ne);
            let at = Neighbors {
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
        kernel.end(&columns);
        start = columns.end;
    }
    Ok(())
}

/// The end of the piece that starts at `start`: that of the row if the kernel needs no pieces.
#[inline(always)]
fn end_for<K: RowKernel>(start: usize, width: usize) -> usize {
    match K::HAS_PIECES {
        true => piece_end(start, width),
        false => width,
    }
}
