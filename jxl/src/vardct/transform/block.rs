//! Inverse transforms of varblocks whose coefficients are in a workspace.
//!
//! The coefficients are a matrix as wide as the longer side, see
//! [`is_wide`](TransformType::is_wide). First the columns are transformed in place. Then the rows
//! are transformed, and each square of the matrix is transposed. After that, a row of squares holds
//! columns of samples. In wide shapes each square is transposed once more, so that a row of squares
//! holds rows of samples.

use std::ops::BitOrAssign;

use frame_arena::PlaneViewMut;
use jxl_simd::{F32SimdVec, SimdDescriptor};

use super::TransformType;
use super::dct::{Array, idct, idct_of_two, idct_short, idct4, idct8};
use super::special::{self, Corner};

/// Lanes of the widest vectors.
pub(super) const MOST_LANES: usize = 8;
/// Longest side of a varblock in this module.
pub(super) const MAX_SIDE: usize = 64;
/// Spare samples for two copies of a line of vectors.
pub(in crate::vardct) const SPARE: usize = 2 * MAX_SIDE * MOST_LANES;

/// A bound on the positions of nonzero coefficients: the bitwise or of these positions. As matrix
/// widths are powers of two, it also bounds rows and columns. Position 0 is never coded and does
/// not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::vardct) struct Positions(u16);

impl Positions {
    pub(in crate::vardct) const NONE: Self = Self(0);

    #[inline(always)]
    pub(in crate::vardct) fn add(&mut self, position: u16) {
        self.0 |= position;
    }

    #[inline(always)]
    pub(in crate::vardct) fn is_none(self) -> bool {
        self.0 == 0
    }

    /// The number of coefficients up to the end of the last row that may have nonzero ones. `long`
    /// is the width of the matrix.
    #[inline(always)]
    pub(in crate::vardct) fn len(self, long: usize) -> usize {
        (usize::from(self.0) | (long - 1)) + 1
    }
}

impl BitOrAssign for Positions {
    #[inline(always)]
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// The last row and column that may have nonzero coefficients.
#[derive(Clone, Copy)]
pub(super) struct Last {
    pub(super) row: usize,
    pub(super) column: usize,
}

impl Last {
    /// `long` is the width of the matrix, and a power of two.
    #[inline(always)]
    pub(super) fn new(Positions(positions): Positions, long: usize) -> Self {
        let positions = usize::from(positions);
        Self {
            row: positions >> long.trailing_zeros(),
            column: positions & (long - 1),
        }
    }
}

/// Transforms the coefficients of a varblock of up to 64 x 64 samples into the samples of `out`,
/// which has the varblock's size. `coefficients` holds all of the varblock; its contents are
/// arbitrary afterwards. `positions` bounds the nonzero coefficients, including the lowest
/// frequencies. `spare` has [`SPARE`] samples.
///
/// Vectors have at most [`MOST_LANES`] lanes.
#[inline(always)]
pub(in crate::vardct) fn inverse<D: SimdDescriptor>(
    d: D,
    transform: TransformType,
    coefficients: &mut [f32],
    positions: Positions,
    spare: &mut [f32],
    out: PlaneViewMut<'_, f32>,
) {
    use TransformType as T;
    const { assert!(D::F32Vec::LEN <= MOST_LANES) };
    match transform {
        T::Dct16x8 => short::<D, 8, 16>(d, false, coefficients, positions, out),
        T::Dct8x16 => short::<D, 8, 16>(d, true, coefficients, positions, out),
        T::Dct16x16 => short::<D, 16, 16>(d, false, coefficients, positions, out),
        T::Dct32x8 => short::<D, 8, 32>(d, false, coefficients, positions, out),
        T::Dct8x32 => short::<D, 8, 32>(d, true, coefficients, positions, out),
        T::Dct32x16 => short::<D, 16, 32>(d, false, coefficients, positions, out),
        T::Dct16x32 => short::<D, 16, 32>(d, true, coefficients, positions, out),
        T::Dct32x32 => short::<D, 32, 32>(d, false, coefficients, positions, out),
        _ if transform.log_blocks() == 0 => {
            one_varblock(d, transform, coefficients, positions, out);
        }
        _ => {
            let long = transform.long();
            let matrix = Matrix::new(coefficients, long, Last::new(positions, long));
            let spare = D::F32Vec::make_array_slice_mut(spare);
            matrix.inverse(d, transform.is_wide(), spare, out);
        }
    }
}

/// [`inverse`] of a varblock of one block.
#[inline(always)]
pub(super) fn one_varblock<D: SimdDescriptor>(
    d: D,
    transform: TransformType,
    coefficients: &mut [f32],
    positions: Positions,
    out: PlaneViewMut<'_, f32>,
) {
    use TransformType as T;
    match transform {
        T::Dct8x8 if D::F32Vec::LEN == 8 => {
            one_square(d, coefficients, Last::new(positions, 8), out);
        }
        T::Dct4x8 | T::Dct8x4 => halves(d, transform.is_wide(), coefficients, out),
        T::Dct2x2 => one_block(coefficients, out, special::dct2x2),
        T::Dct4x4 => one_block(coefficients, out, special::dct4x4),
        T::Hornuss => one_block(coefficients, out, special::hornuss),
        T::Afv0 | T::Afv1 | T::Afv2 | T::Afv3 => {
            let number = transform as usize - T::Afv0 as usize;
            let corner = Corner {
                is_right: number & 1 == 1,
                is_low: number & 2 == 2,
            };
            one_block(coefficients, out, |block| special::afv(block, corner));
        }
        _ => short::<D, 8, 8>(d, false, coefficients, positions, out),
    }
}

/// Transforms 8 x 8 coefficients with vectors of eight lanes, without storing them in between.
#[inline(always)]
pub(super) fn one_square<D: SimdDescriptor>(
    d: D,
    coefficients: &[f32],
    last: Last,
    out: PlaneViewMut<'_, f32>,
) {
    let rows = D::F32Vec::make_array_slice(coefficients);
    assert!(rows.len() == 8 && out.height() == 8 && out.width() == 8);
    let mut v = [D::F32Vec::zero(d); 8];
    if last.row < 2 {
        let two = [
            D::F32Vec::load_array(d, &rows[0]),
            D::F32Vec::load_array(d, &rows[1]),
        ];
        idct_of_two(
            d,
            two,
            8,
            #[inline(always)]
            |row, value| v[row] = value,
        );
    } else {
        for (v, row) in v.iter_mut().zip(rows) {
            *v = D::F32Vec::load_array(d, row);
        }
        v = idct8(d, v);
    }
    let mut square = [Array::<D>::default(); 8];
    for (v, row) in v.iter().zip(&mut square) {
        v.store_array(row);
    }
    D::F32Vec::transpose_square(d, &mut square, 1);
    for (v, row) in v.iter_mut().zip(&square) {
        *v = D::F32Vec::load_array(d, row);
    }
    v = idct8(d, v);
    for (v, out) in v.iter().zip(out.into_rows()) {
        v.store(out);
    }
}

/// Transforms matrices with sides of 8, 16 or 32 in registers.
#[inline(always)]
fn short<D: SimdDescriptor, const SHORT: usize, const LONG: usize>(
    d: D,
    is_wide: bool,
    coefficients: &mut [f32],
    positions: Positions,
    out: PlaneViewMut<'_, f32>,
) {
    let last = Last::new(positions, LONG);
    let lanes = D::F32Vec::LEN;
    let values = &mut D::F32Vec::make_array_slice_mut(coefficients)[..SHORT * LONG / lanes];
    for column in 0..=last.column / lanes {
        short_column::<D, SHORT, LONG>(d, values, column, last.row);
    }
    short_rows::<D, LONG>(d, is_wide, values, out);
}

#[inline(always)]
fn short_column<D: SimdDescriptor, const LEN: usize, const LONG: usize>(
    d: D,
    values: &mut [Array<D>],
    column: usize,
    last_row: usize,
) {
    d.call(
        #[inline(always)]
        |d| {
            // Not a captured variable, so that the compiler treats it as a constant.
            let stride = LONG / D::F32Vec::LEN;
            assert!(column < stride && values.len() == LEN * stride);
            if last_row < 2 {
                let two = [0, 1].map(
                    #[inline(always)]
                    |row| D::F32Vec::load_array(d, &values[row * stride + column]),
                );
                idct_of_two(
                    d,
                    two,
                    LEN,
                    #[inline(always)]
                    |row, value| value.store_array(&mut values[row * stride + column]),
                );
                return;
            }
            let mut v = [D::F32Vec::zero(d); LEN];
            for (row, v) in v.iter_mut().enumerate() {
                *v = D::F32Vec::load_array(d, &values[row * stride + column]);
            }
            idct_short(d, &mut v);
            for (row, v) in v.iter().enumerate() {
                v.store_array(&mut values[row * stride + column]);
            }
        },
    );
}

/// Transforms the rows of a matrix that is `LONG` wide.
#[inline(always)]
fn short_rows<D: SimdDescriptor, const LONG: usize>(
    d: D,
    is_wide: bool,
    values: &mut [Array<D>],
    mut out: PlaneViewMut<'_, f32>,
) {
    let lanes = D::F32Vec::LEN;
    for rows in values.chunks_exact_mut(LONG) {
        if is_wide {
            let (first, rest) = out.split_at_row(lanes);
            to_rows::<D, LONG>(d, rows, first);
            out = rest;
        } else {
            let (first, rest) = out.split_at_column(lanes);
            to_columns::<D, LONG>(d, rows, first);
            out = rest;
        }
    }
}

/// Transforms as many rows as a vector has lanes. The result has them as columns.
#[inline(always)]
fn transform_rows<D: SimdDescriptor, const LONG: usize>(
    d: D,
    rows: &[Array<D>],
) -> [D::F32Vec; LONG] {
    let lanes = D::F32Vec::LEN;
    assert!(rows.len() == LONG);
    let mut v = [D::F32Vec::zero(d); LONG];
    for (square, v) in v.chunks_exact_mut(lanes).enumerate() {
        let mut vectors = [Array::<D>::default(); MOST_LANES];
        for (lane, vector) in vectors[..lanes].iter_mut().enumerate() {
            *vector = rows[lane * (LONG / lanes) + square];
        }
        D::F32Vec::transpose_square(d, &mut vectors[..lanes], 1);
        for (v, vector) in v.iter_mut().zip(&vectors) {
            *v = D::F32Vec::load_array(d, vector);
        }
    }
    idct_short(d, &mut v);
    v
}

/// Transforms rows of coefficients into columns of samples.
#[inline(always)]
fn to_columns<D: SimdDescriptor, const LONG: usize>(
    d: D,
    rows: &[Array<D>],
    out: PlaneViewMut<'_, f32>,
) {
    d.call(
        #[inline(always)]
        |d| {
            let v = transform_rows::<D, LONG>(d, rows);
            assert!(out.height() == LONG && out.width() == D::F32Vec::LEN);
            for (v, out) in v.iter().zip(out.into_rows()) {
                v.store(out);
            }
        },
    );
}

/// Transforms rows of coefficients into rows of samples.
#[inline(always)]
fn to_rows<D: SimdDescriptor, const LONG: usize>(
    d: D,
    rows: &mut [Array<D>],
    out: PlaneViewMut<'_, f32>,
) {
    d.call(
        #[inline(always)]
        |d| {
            let lanes = D::F32Vec::LEN;
            let v = transform_rows::<D, LONG>(d, rows);
            for (v, row) in v.iter().zip(&mut *rows) {
                v.store_array(row);
            }
            for square in rows.chunks_exact_mut(lanes) {
                D::F32Vec::transpose_square(d, square, 1);
            }
            assert!(out.width() == LONG && out.height() == lanes);
            for (lane, out) in out.into_rows().enumerate() {
                for square in 0..LONG / lanes {
                    let vector = D::F32Vec::load_array(d, &rows[square * lanes + lane]);
                    vector.store(&mut out[square * lanes..]);
                }
            }
        },
    );
}

/// Two transforms of 4 x 8 samples. The first has the even rows of coefficients.
#[inline(always)]
fn halves<D: SimdDescriptor>(
    d: D,
    is_wide: bool,
    coefficients: &mut [f32],
    out: PlaneViewMut<'_, f32>,
) {
    let (sum, difference) = (
        coefficients[0] + coefficients[8],
        coefficients[0] - coefficients[8],
    );
    (coefficients[0], coefficients[8]) = (sum, difference);
    let values = D::F32Vec::make_array_slice_mut(coefficients);
    d.call(
        #[inline(always)]
        |d| {
            let stride = 8 / D::F32Vec::LEN;
            assert!(values.len() == 8 * stride);
            for column in 0..stride {
                let mut v = [D::F32Vec::zero(d); 8];
                for (row, v) in v.iter_mut().enumerate() {
                    *v = D::F32Vec::load_array(d, &values[row * stride + column]);
                }
                let first = idct4(d, [v[0], v[2], v[4], v[6]]);
                let second = idct4(d, [v[1], v[3], v[5], v[7]]);
                for (row, (first, second)) in first.iter().zip(&second).enumerate() {
                    first.store_array(&mut values[row * stride + column]);
                    second.store_array(&mut values[(4 + row) * stride + column]);
                }
            }
        },
    );
    short_rows::<D, 8>(d, is_wide, values, out);
}

#[inline(never)]
fn one_block(
    coefficients: &mut [f32],
    out: PlaneViewMut<'_, f32>,
    transform: impl FnOnce(&mut [f32; 64]),
) {
    if let Some(block) = coefficients.first_chunk_mut() {
        transform(block);
        for (row, out) in block.as_chunks::<8>().0.iter().zip(out.into_rows()) {
            out.copy_from_slice(row);
        }
    }
}

/// A matrix of vectors, 8 to 64 samples wide and high, both powers of two.
pub(super) struct Matrix<'a, D: SimdDescriptor> {
    values: &'a mut [Array<D>],
    /// Width in samples.
    long: usize,
    /// Width in vectors.
    stride: usize,
    last: Last,
}

impl<'a, D: SimdDescriptor> Matrix<'a, D> {
    /// A matrix that is `long` samples wide. Coefficients after `last` are zero.
    #[inline(always)]
    pub(super) fn new(coefficients: &'a mut [f32], long: usize, last: Last) -> Self {
        Self {
            values: D::F32Vec::make_array_slice_mut(coefficients),
            long,
            stride: long / D::F32Vec::LEN,
            last,
        }
    }

    /// Transforms the matrix into the samples of `out`.
    #[inline(always)]
    pub(super) fn inverse(
        mut self,
        d: D,
        is_wide: bool,
        spare: &mut [Array<D>],
        mut out: PlaneViewMut<'_, f32>,
    ) {
        let lanes = D::F32Vec::LEN;
        let (line, spare) = spare.split_at_mut(MAX_SIDE);
        d.call(
            #[inline(always)]
            |d| {
                for column in 0..=self.last.column / lanes {
                    self.column(d, column, line, spare);
                }
                let (long, squares) = (self.long, self.last.column / lanes + 1);
                let line = &mut line[..long];
                for (index, rows) in self.values.chunks_exact_mut(long).enumerate() {
                    let stride = self.stride;
                    for (square, line) in line.chunks_exact_mut(lanes).enumerate() {
                        if square >= squares {
                            line.fill(Array::<D>::default());
                            continue;
                        }
                        for (line, row) in line.iter_mut().zip(rows.chunks_exact(stride)) {
                            *line = row[square];
                        }
                        D::F32Vec::transpose_square(d, line, 1);
                    }
                    idct(d, line, &mut spare[..long]);
                    let out = out.reborrow();
                    if !is_wide {
                        let out = out.into_rect(lanes * index, 0, lanes, long);
                        for (vector, out) in line.iter().zip(out.into_rows()) {
                            D::F32Vec::load_array(d, vector).store(out);
                        }
                        continue;
                    }
                    for line in line.chunks_exact_mut(lanes) {
                        D::F32Vec::transpose_square(d, line, 1);
                    }
                    let out = out.into_rect(0, lanes * index, long, lanes);
                    for (row, out) in out.into_rows().enumerate() {
                        let vectors = line[row..].iter().step_by(lanes);
                        for (vector, out) in vectors.zip(out.chunks_exact_mut(lanes)) {
                            D::F32Vec::load_array(d, vector).store(out);
                        }
                    }
                }
            },
        );
    }

    #[inline(always)]
    fn column(&mut self, d: D, column: usize, line: &mut [Array<D>], spare: &mut [Array<D>]) {
        let short = self.values.len() / self.stride;
        let rows = self.values.chunks_exact_mut(self.stride);
        if self.last.row < 2 {
            let two = [0, 1].map(
                #[inline(always)]
                |row| D::F32Vec::load_array(d, &self.values[row * self.stride + column]),
            );
            idct_of_two(
                d,
                two,
                short,
                #[inline(always)]
                |row, value| value.store_array(&mut self.values[row * self.stride + column]),
            );
            return;
        }
        let line = &mut line[..short];
        for (vector, row) in line.iter_mut().zip(rows) {
            *vector = row[column];
        }
        idct(d, line, &mut spare[..short]);
        for (vector, row) in line.iter().zip(self.values.chunks_exact_mut(self.stride)) {
            row[column] = *vector;
        }
    }
}
