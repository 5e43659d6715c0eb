//! Computes the lowest frequencies of a varblock from the LF image (ISO/IEC 18181-1, I.2.5).

use std::f32::consts::SQRT_2;

use super::TransformType;
use super::cosines::{LF_SCALES, SECANTS};

const MAX_SIDE: usize = 32;

/// The position, among a varblock's coefficients, of the lowest frequency with horizontal index `x`
/// and vertical index `y`.
#[inline(always)]
pub(in crate::vardct) fn lowest_position(transform: TransformType, x: usize, y: usize) -> usize {
    let (row, column) = match transform.is_wide() {
        true => (y, x),
        false => (x, y),
    };
    row * transform.long() + column
}

/// Turns LF samples into the lowest frequencies of a varblock that is eight times as wide and high.
/// A row has `columns` samples. Rows and columns are powers of two up to 32.
pub(in crate::vardct) fn lowest_from_lf(samples: &mut [f32], columns: usize) {
    let rows = samples.len() / columns;
    match (columns, rows) {
        (1, 1) => {}
        (2, 1) => short::<2, 1>(samples),
        (1, 2) => short::<1, 2>(samples),
        (2, 2) => short::<2, 2>(samples),
        (4, 1) => short::<4, 1>(samples),
        (1, 4) => short::<1, 4>(samples),
        (4, 2) => short::<4, 2>(samples),
        (2, 4) => short::<2, 4>(samples),
        (4, 4) => short::<4, 4>(samples),
        _ => long(samples, columns),
    }
}

/// The same computation with constant sizes, as straight code.
#[inline(always)]
fn short<const COLUMNS: usize, const ROWS: usize>(samples: &mut [f32]) {
    let Some(rows) = samples
        .as_chunks_mut::<COLUMNS>()
        .0
        .first_chunk_mut::<ROWS>()
    else {
        return;
    };
    for row in rows.iter_mut() {
        line(row, &mut []);
    }
    for column in 0..COLUMNS {
        let mut values = [0.0; ROWS];
        for (value, row) in values.iter_mut().zip(rows.iter()) {
            *value = row[column];
        }
        line(&mut values, &mut []);
        for (value, row) in values.into_iter().zip(rows.iter_mut()) {
            row[column] = value;
        }
    }
}

#[inline(never)]
fn long(samples: &mut [f32], columns: usize) {
    let rows = samples.len() / columns;
    let mut spare = [0.0; MAX_SIDE];
    for row in samples.chunks_exact_mut(columns) {
        line(row, &mut spare);
    }
    let mut values = [0.0; MAX_SIDE];
    let values = &mut values[..rows];
    for column in 0..columns {
        for (value, row) in values.iter_mut().zip(samples.chunks_exact(columns)) {
            *value = row[column];
        }
        line(values, &mut spare);
        for (&value, row) in values.iter().zip(samples.chunks_exact_mut(columns)) {
            row[column] = value;
        }
    }
}

#[inline(always)]
fn line(values: &mut [f32], spare: &mut [f32]) {
    let len = values.len();
    match values {
        [] | [_] => {}
        [a, b] => (*a, *b) = (*a + *b, *a - *b),
        [a, b, c, e] => (*a, *b, *c, *e) = dct4(*a, *b, *c, *e),
        _ => dct(values, spare),
    }
    for (value, scale) in values.iter_mut().zip(&LF_SCALES[len..]) {
        *value *= scale / len as f32;
    }
}

#[inline(always)]
fn dct4(a: f32, b: f32, c: f32, e: f32) -> (f32, f32, f32, f32) {
    let (sum, difference) = (a + e, (a - e) * SECANTS[2]);
    let (inner_sum, inner_difference) = (b + c, (b - c) * SECANTS[3]);
    let odd = difference - inner_difference;
    let even = (difference + inner_difference) * SQRT_2;
    (sum + inner_sum, even + odd, sum - inner_sum, odd)
}

/// The transpose of the inverse transform: its steps in reverse order.
fn dct(values: &mut [f32], spare: &mut [f32]) {
    let len = values.len();
    if let [a, b, c, e] = values {
        (*a, *b, *c, *e) = dct4(*a, *b, *c, *e);
        return;
    }
    let half = len / 2;
    let (sums, differences) = spare[..len].split_at_mut(half);
    for (i, (sum, difference)) in sums.iter_mut().zip(&mut *differences).enumerate() {
        let (left, right) = (values[i], values[len - 1 - i]);
        *sum = left + right;
        *difference = (left - right) * SECANTS[half + i];
    }
    let (spare_sums, spare_differences) = values.split_at_mut(half);
    dct(sums, spare_sums);
    dct(differences, spare_differences);
    differences[0] *= SQRT_2;
    let pairs = values.as_chunks_mut().0.iter_mut();
    for (i, ([even, odd], &sum)) in pairs.zip(&*sums).enumerate() {
        *even = sum;
        *odd = differences[i] + differences.get(i + 1).unwrap_or(&0.0);
    }
}
