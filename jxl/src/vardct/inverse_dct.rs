//! Inverse cosine transforms in the memory of the samples, for varblocks that are too large to be
//! copied.

#[cfg(test)]
mod tests;

use std::f64::consts::PI;
use std::sync::OnceLock;

use frame_arena::PlaneViewMut;
use jxl_simd::{F32SimdVec, SimdDescriptor};

use crate::grid::{Pos, Rect, Size};

/// Longest transform.
const MAX_LEN: usize = 256;

/// 1 / (2 cos((i + 1/2) pi / n)) for i below n / 2, from `n / 2` on, for each power of two `n` up
/// to [`MAX_LEN`].
fn secants() -> &'static [f32; MAX_LEN] {
    static SECANTS: OnceLock<[f32; MAX_LEN]> = OnceLock::new();
    SECANTS.get_or_init(|| {
        let mut secants = [0.0; MAX_LEN];
        for (place, secant) in secants.iter_mut().enumerate().skip(1) {
            let half = 1 << place.ilog2();
            let angle = ((place - half) as f64 + 0.5) * PI / (2 * half) as f64;
            *secant = (0.5 / angle.cos()) as f32;
        }
        secants
    })
}

/// Transforms the samples in `rect`, whose width and height are powers of two from 16 to 256.
/// Frequency (0, 0) is at the top left and vertical frequencies follow one another downwards
/// (ISO/IEC 18181-1, I.2). `rows` is working memory for 16 rows.
#[inline(always)]
pub(super) fn inverse_dct<D: SimdDescriptor>(
    d: D,
    samples: &mut PlaneViewMut<'_, f32>,
    rect: Rect,
    rows: &mut [f32],
) {
    let (Pos { x, y }, Size { width, height }) = (rect.pos, rect.size);
    let lanes = D::F32Vec::LEN;
    let mut columns = [D::F32Vec::zero(d); MAX_LEN];
    let mut spare = [D::F32Vec::zero(d); MAX_LEN];
    for x in (x..x + width).step_by(lanes) {
        for (row, column) in (y..).zip(&mut columns[..height]) {
            *column = D::F32Vec::load(d, &samples.row(row)[x..]);
        }
        inverse_dct_1d(d, &mut columns[..height], &mut spare[..height]);
        for (row, column) in (y..).zip(&columns[..height]) {
            column.store(&mut samples.row_mut(row)[x..]);
        }
    }
    let rows = &mut rows[..lanes * width];
    let stride = width / lanes;
    for y in (y..y + height).step_by(lanes) {
        for (y, row) in (y..).zip(rows.chunks_exact_mut(width)) {
            row.copy_from_slice(&samples.row(y)[x..x + width]);
        }
        let squares = D::F32Vec::make_array_slice_mut(rows);
        for square in 0..stride {
            D::F32Vec::transpose_square(d, &mut squares[square..], stride);
            for lane in 0..lanes {
                columns[square * lanes + lane] =
                    D::F32Vec::load_array(d, &squares[square + lane * stride]);
            }
        }
        inverse_dct_1d(d, &mut columns[..width], &mut spare[..width]);
        for square in 0..stride {
            for lane in 0..lanes {
                columns[square * lanes + lane].store_array(&mut squares[square + lane * stride]);
            }
            D::F32Vec::transpose_square(d, &mut squares[square..], stride);
        }
        for (y, row) in (y..).zip(rows.chunks_exact(width)) {
            samples.row_mut(y)[x..x + width].copy_from_slice(row);
        }
    }
}

/// Transforms `values` by halves: the even frequencies, and the odd ones added to their neighbors,
/// are transforms of half the length.
#[inline(always)]
fn inverse_dct_1d<D: SimdDescriptor>(d: D, values: &mut [D::F32Vec], spare: &mut [D::F32Vec]) {
    let len = values.len();
    let sqrt_2 = D::F32Vec::splat(d, std::f32::consts::SQRT_2);
    let mut size = len;
    while size > 1 {
        let half = size / 2;
        let pieces = values.chunks_exact_mut(size);
        for (piece, spare) in pieces.zip(spare.chunks_exact_mut(size)) {
            let (even, odd) = spare.split_at_mut(half);
            let mut previous = None;
            for ((pair, even), odd) in piece.chunks_exact(2).zip(even).zip(odd) {
                *even = pair[0];
                *odd = match previous {
                    None => pair[1] * sqrt_2,
                    Some(previous) => pair[1] + previous,
                };
                previous = Some(pair[1]);
            }
            piece.copy_from_slice(spare);
        }
        size = half;
    }
    let secants = secants();
    while size < len {
        let half = size;
        size *= 2;
        let pieces = values.chunks_exact_mut(size);
        for (piece, spare) in pieces.zip(spare.chunks_exact_mut(size)) {
            let (even, odd) = piece.split_at(half);
            for (i, (&even, &odd)) in even.iter().zip(odd).enumerate() {
                let secant = D::F32Vec::splat(d, secants[half + i]);
                spare[i] = odd.mul_add(secant, even);
                spare[size - 1 - i] = odd.neg_mul_add(secant, even);
            }
            piece.copy_from_slice(spare);
        }
    }
}
