//! Inverse cosine transforms in the memory of the samples, for varblocks too large to copy.

#[cfg(test)]
mod tests;

use frame_arena::PlaneViewMut;
use jxl_simd::{F32SimdVec, SimdDescriptor};

use super::block::MOST_LANES;
use super::cosines::MAX_LEN;
use super::dct::{Array, idct};
use crate::grid::{Pos, Rect, Size};

/// Spare samples for two copies of a line of vectors.
pub(in crate::vardct) const IN_PLACE_SPARE: usize = 2 * MAX_LEN * MOST_LANES;

/// Transforms the samples in `rect`, whose width and height are powers of two from 16 to 256.
/// Frequency (0, 0) is at the top left. Vertical frequencies increase downward (ISO/IEC 18181-1,
/// I.2). `spare` has [`IN_PLACE_SPARE`] samples.
#[inline(always)]
pub(in crate::vardct) fn inverse_in_place<D: SimdDescriptor>(
    d: D,
    samples: &mut PlaneViewMut<'_, f32>,
    rect: Rect,
    spare: &mut [f32],
) {
    let (Pos { x, y }, Size { width, height }) = (rect.pos, rect.size);
    let lanes = D::F32Vec::LEN;
    let mut samples = samples.reborrow().into_rect(x, y, width, height);
    let spare = D::F32Vec::make_array_slice_mut(spare);
    let (line, spare) = spare.split_at_mut(MAX_LEN);
    d.call(
        #[inline(always)]
        |d| {
            let column = &mut line[..height];
            for x in (0..width).step_by(lanes) {
                for (vector, row) in column.iter_mut().zip(samples.rows()) {
                    D::F32Vec::load(d, &row[x..]).store_array(vector);
                }
                idct(d, column, &mut spare[..height]);
                for (vector, row) in column.iter().zip(samples.rows_mut()) {
                    D::F32Vec::load_array(d, vector).store(&mut row[x..]);
                }
            }
            let row = &mut line[..width];
            for y in (0..height).step_by(lanes) {
                for lane in 0..lanes {
                    let vectors = D::F32Vec::make_array_slice(samples.row(y + lane));
                    for (square, vector) in row.chunks_exact_mut(lanes).zip(vectors) {
                        square[lane] = *vector;
                    }
                }
                transpose_squares(d, row);
                idct(d, row, &mut spare[..width]);
                transpose_squares(d, row);
                for lane in 0..lanes {
                    let vectors = D::F32Vec::make_array_slice_mut(samples.row_mut(y + lane));
                    for (square, vector) in row.chunks_exact(lanes).zip(vectors) {
                        *vector = square[lane];
                    }
                }
            }
        },
    );
}

#[inline(always)]
fn transpose_squares<D: SimdDescriptor>(d: D, squares: &mut [Array<D>]) {
    for square in squares.chunks_exact_mut(D::F32Vec::LEN) {
        D::F32Vec::transpose_square(d, square, 1);
    }
}
