//! Inverse transforms into fewer samples: the averages of rectangles of a varblock's samples.
//!
//! The average of samples 2 i and 2 i + 1 of frequency k of n is sample i of frequency k of n / 2,
//! times cos(k pi / 2 n). Frequency n - k is the negative of frequency k there, and frequency n / 2
//! is 0. So half of the frequencies are folded onto the others, and a transform of half the length
//! makes the averages.

#[cfg(test)]
mod tests;

use frame_arena::{PlaneView, PlaneViewMut};
use jxl_simd::{F32SimdVec, ScalarDescriptor, SimdDescriptor};

use super::TransformType;
use super::block::{Last, MAX_SIDE, Matrix, Positions, one_square, one_varblock};
use super::cosines::{FOLD_COSINES, FOLD_SINES};
use super::dct::{Array, idct4, idct8, idct16};
use crate::grid::Size;

/// Samples along a side of a block.
const BLOCK: usize = 8;

/// As [`inverse`](super::inverse), into averages: `block` has the columns and rows of averages that
/// are made of a block, powers of two. If these differ, the varblock is a single block. `out` has
/// the size of the averages of the varblock.
#[inline(never)]
pub(in crate::vardct) fn inverse_reduced<D: SimdDescriptor>(
    d: D,
    transform: TransformType,
    coefficients: &mut [f32],
    positions: Positions,
    spare: &mut [f32],
    block: Size,
    mut out: PlaneViewMut<'_, f32>,
) {
    if block.width * block.height == 1 && transform == TransformType::Dct8x8 {
        // Only the lowest frequency has an average.
        out.row_mut(0)[0] = coefficients[0];
        return;
    }
    d.call(
        #[inline(always)]
        |d| {
            if block.width == block.height && transform.is_dct() {
                return fold_and_invert(
                    d,
                    transform,
                    coefficients,
                    positions,
                    spare,
                    BLOCK / block.width,
                    out,
                );
            }
            assert!(transform.log_blocks() == 0);
            let mut samples = [0.0; BLOCK * BLOCK];
            let view = PlaneViewMut::from_slice(&mut samples, BLOCK, BLOCK, BLOCK);
            one_varblock(d, transform, coefficients, positions, view);
            average(
                PlaneView::from_slice(&samples, BLOCK, BLOCK, BLOCK),
                &mut out,
            );
        },
    );
}

/// Fills `out` with averages of the rectangles of `from` that it divides `from` into.
pub(crate) fn average(from: PlaneView<'_, f32>, out: &mut PlaneViewMut<'_, f32>) {
    let (columns, rows) = (from.width() / out.width(), from.height() / out.height());
    let scale = 1.0 / (columns * rows) as f32;
    for (y, out) in out.rows_mut().enumerate() {
        for (x, out) in out.iter_mut().enumerate() {
            let mut sum = 0.0;
            for y in y * rows..(y + 1) * rows {
                for sample in &from.row(y)[x * columns..(x + 1) * columns] {
                    sum += sample;
                }
            }
            *out = sum * scale;
        }
    }
}

/// Folds the matrix of coefficients until its sides are smaller by `factor`, and transforms it.
#[inline(always)]
fn fold_and_invert<D: SimdDescriptor>(
    d: D,
    transform: TransformType,
    coefficients: &mut [f32],
    positions: Positions,
    spare: &mut [f32],
    factor: usize,
    out: PlaneViewMut<'_, f32>,
) {
    let (long, is_wide) = (transform.long(), transform.is_wide());
    let mut last = Last::new(positions, long);
    let (mut columns, mut rows) = (long, coefficients.len() / long);
    let folded = (columns / factor, rows / factor);
    // Rows first, as vectors hold several columns.
    while rows > folded.1 {
        fold_rows(d, &mut coefficients[..rows * long], long, last);
        rows /= 2;
        last.row = last.row.min(rows - 1);
    }
    while columns > folded.0 {
        columns /= 2;
        let row_count = last.row + 1;
        for row in coefficients.chunks_exact_mut(long).take(row_count) {
            fold_row(row, columns, last.column >= columns);
        }
        last.column = last.column.min(columns - 1);
    }
    let quads = d.maybe_downgrade_128bit();
    match (rows, columns) {
        (1, 1) => pairs::<1, 1>(coefficients, long, is_wide, out),
        (1, 2) => pairs::<1, 2>(coefficients, long, is_wide, out),
        (1, 4) => pairs::<1, 4>(coefficients, long, is_wide, out),
        (2, 2) => pairs::<2, 2>(coefficients, long, is_wide, out),
        (2, 4) => pairs::<2, 4>(coefficients, long, is_wide, out),
        (2, 8) => pairs::<2, 8>(coefficients, long, is_wide, out),
        (4, 4) => four_rows::<_, 4>(quads, coefficients, long, is_wide, out),
        (4, 8) => four_rows::<_, 8>(quads, coefficients, long, is_wide, out),
        (4, 16) => four_rows::<_, 16>(quads, coefficients, long, is_wide, out),
        _ => {
            for row in 1..rows {
                coefficients.copy_within(row * long..row * long + columns, row * columns);
            }
            let coefficients = &mut coefficients[..rows * columns];
            if rows == 8 && columns == 8 && D::F32Vec::LEN == 8 {
                return one_square(d, coefficients, last, out);
            }
            let matrix = Matrix::new(coefficients, columns, last);
            let spare = D::F32Vec::make_array_slice_mut(spare);
            matrix.inverse(d, is_wide, spare, out);
        }
    }
}

/// Folds rows of `long` values onto the first half of them. Values after `last` are zero.
#[inline(always)]
fn fold_rows<D: SimdDescriptor>(d: D, rows: &mut [f32], long: usize, last: Last) {
    let (half, lanes) = (rows.len() / long / 2, D::F32Vec::LEN);
    let (low, high) = rows.split_at_mut(half * long);
    // Whole vectors: the width of the matrix is a multiple of them.
    let columns = (last.column + 1).next_multiple_of(lanes);
    let has_high = last.row >= half;
    let count = if has_high { half } else { last.row + 1 };
    for row in 1..count {
        let cosine = D::F32Vec::splat(d, FOLD_COSINES[half + row]);
        let low = low[row * long..][..columns].chunks_exact_mut(lanes);
        if !has_high {
            for low in low {
                (D::F32Vec::load(d, low) * cosine).store(low);
            }
            continue;
        }
        let sine = D::F32Vec::splat(d, FOLD_SINES[half + row]);
        let high = high[(half - row) * long..][..columns].chunks_exact(lanes);
        for (low, high) in low.zip(high) {
            (D::F32Vec::load(d, low) * cosine - D::F32Vec::load(d, high) * sine).store(low);
        }
    }
}

/// Folds the first 2 `half` values of a row onto the first half of them. Without `has_high`, the
/// second half is zero.
#[inline(always)]
fn fold_row(row: &mut [f32], half: usize, has_high: bool) {
    match half {
        1 => {}
        2 => fold_line::<2>(row, has_high),
        4 => fold_line::<4>(row, has_high),
        8 => fold_line::<8>(row, has_high),
        16 => fold_line::<16>(row, has_high),
        _ => fold_line::<32>(row, has_high),
    }
}

/// [`fold_row`] with a constant length, as straight code.
#[inline(always)]
fn fold_line<const HALF: usize>(row: &mut [f32], has_high: bool) {
    let (low, high) = row.split_at_mut(HALF);
    let (Some(low), Some(high)) = (low.first_chunk_mut(), high.first_chunk()) else {
        return;
    };
    let low: &mut [f32; HALF] = low;
    let mut high: [f32; HALF] = *high;
    for (low, cosine) in low.iter_mut().zip(&FOLD_COSINES[HALF..2 * HALF]) {
        *low *= cosine;
    }
    if has_high {
        // Frequency n / 2, which comes first, has a sine of 0.
        high[1..].reverse();
        for ((low, high), sine) in low.iter_mut().zip(high).zip(&FOLD_SINES[HALF..2 * HALF]) {
            *low -= high * sine;
        }
    }
}

/// The transform of a matrix of four rows, which start every `long` coefficients, with vectors of
/// four numbers.
#[inline(always)]
fn four_rows<D: SimdDescriptor, const COLUMNS: usize>(
    d: D,
    coefficients: &[f32],
    long: usize,
    is_wide: bool,
    out: PlaneViewMut<'_, f32>,
) {
    if D::F32Vec::LEN != 4 {
        return pairs::<4, COLUMNS>(coefficients, long, is_wide, out);
    }
    let mut columns = [D::F32Vec::zero(d); COLUMNS];
    for (square, columns) in columns.chunks_exact_mut(4).enumerate() {
        let row = |row: usize| D::F32Vec::load(d, &coefficients[row * long + 4 * square..]);
        let rows = idct4(d, [row(0), row(1), row(2), row(3)]);
        columns.copy_from_slice(&transposed(d, rows));
    }
    idct_vectors(d, &mut columns);
    let mut out_rows = out.into_rows();
    if !is_wide {
        for (column, out) in columns.iter().zip(out_rows) {
            column.store(out);
        }
        return;
    }
    let mut out_rows = [(); 4].map(|()| out_rows.next().unwrap_or_default());
    for (square, columns) in columns.chunks_exact(4).enumerate() {
        let rows = transposed(d, [columns[0], columns[1], columns[2], columns[3]]);
        for (row, out) in rows.iter().zip(&mut out_rows) {
            row.store(&mut out[4 * square..]);
        }
    }
}

#[inline(always)]
fn transposed<D: SimdDescriptor>(d: D, vectors: [D::F32Vec; 4]) -> [D::F32Vec; 4] {
    let mut square = [Array::<D>::default(); 4];
    for (vector, row) in vectors.iter().zip(&mut square) {
        vector.store_array(row);
    }
    D::F32Vec::transpose_square(d, &mut square, 1);
    let row = |row: usize| D::F32Vec::load_array(d, &square[row]);
    [row(0), row(1), row(2), row(3)]
}

/// The transform of a small matrix without vectors. Its rows start every `long` coefficients.
#[inline(always)]
fn pairs<const ROWS: usize, const COLUMNS: usize>(
    coefficients: &[f32],
    long: usize,
    is_wide: bool,
    mut out: PlaneViewMut<'_, f32>,
) {
    let mut matrix = [[0.0; COLUMNS]; ROWS];
    for (row, coefficients) in matrix.iter_mut().zip(coefficients.chunks_exact(long)) {
        if let Some(coefficients) = coefficients.first_chunk() {
            *row = *coefficients;
        }
    }
    for column in 0..COLUMNS {
        let mut line = [0.0; ROWS];
        for (value, row) in line.iter_mut().zip(&matrix) {
            *value = row[column];
        }
        idct_vectors(ScalarDescriptor, &mut line);
        for (value, row) in line.into_iter().zip(&mut matrix) {
            row[column] = value;
        }
    }
    for row in &mut matrix {
        idct_vectors(ScalarDescriptor, row);
    }
    for (y, out) in out.rows_mut().enumerate() {
        match is_wide {
            true => out.copy_from_slice(&matrix[y]),
            false => {
                for (row, out) in matrix.iter().zip(out) {
                    *out = row[y];
                }
            }
        }
    }
}

/// The transform of one, two, four, eight or sixteen vectors.
#[inline(always)]
fn idct_vectors<D: SimdDescriptor, const LEN: usize>(d: D, line: &mut [D::F32Vec; LEN]) {
    const { assert!(LEN == 1 || LEN == 2 || LEN == 4 || LEN == 8 || LEN == 16) };
    let values = line.as_mut_slice();
    if let Some(values) = values.first_chunk_mut::<16>() {
        *values = idct16(d, *values);
    } else if let Some(values) = values.first_chunk_mut::<8>() {
        *values = idct8(d, *values);
    } else if let Some(values) = values.first_chunk_mut::<4>() {
        *values = idct4(d, *values);
    } else if let [a, b] = values {
        (*a, *b) = (*a + *b, *a - *b);
    }
}

/// The longest side of a matrix that is folded.
const _: () = assert!(FOLD_COSINES.len() == MAX_SIDE);
