//! Transforms of one block that are not a DCT of the whole block (ISO/IEC 18181-1, I.2.3 and
//! I.2.4).
//!
//! They are rare, so they are compiled once, without vectors.

use std::f32::consts::FRAC_1_SQRT_2;

use jxl_simd::ScalarDescriptor;

use super::dct::{idct4, idct8};

/// The values of a block, row by row.
type Block = [f32; 64];

/// The basis of the corner transform: the 4 x 4 samples that each coefficient adds, at coefficient
/// 1 (ISO/IEC 18181-1, I.2.4: `AFVBasis`).
#[rustfmt::skip]
const CORNER_BASIS: [[f32; 16]; 16] = [
    [
        0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25,
        0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25,
    ],
    [
        0.87690294, 0.2206518, -0.1014005, -0.1014005,
        0.2206518, -0.1014005, -0.1014005, -0.1014005,
        -0.1014005, -0.1014005, -0.1014005, -0.1014005,
        -0.1014005, -0.1014005, -0.1014005, -0.1014005,
    ],
    [
        0.0, 0.0, 0.40670076, 0.44444817, 0.0, 0.0, 0.195744, 0.29291,
        -0.40670076, -0.195744, 0.0, 0.11379074, -0.44444817, -0.29291, -0.11379074, 0.0,
    ],
    [
        0.0, 0.0, -0.21255748, 0.3085497,
        0.0, 0.47067022, -0.16212052, 0.0,
        -0.21255748, -0.16212052, -0.47067022, -0.14642918,
        0.3085497, 0.0, -0.14642918, 0.42511496,
    ],
    [
        0.0, -FRAC_1_SQRT_2, 0.0, 0.0, FRAC_1_SQRT_2, 0.0, 0.0, 0.0,
        0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    ],
    [
        -0.41053775, 0.6235485, -0.06435072, -0.06435072,
        0.6235485, -0.06435072, -0.06435072, -0.06435072,
        -0.06435072, -0.06435072, -0.06435072, -0.06435072,
        -0.06435072, -0.06435072, -0.06435072, -0.06435072,
    ],
    [
        0.0, 0.0, -0.45175567, 0.15854503,
        0.0, -0.040385153, 0.0074182265, 0.39351034,
        -0.45175567, 0.0074182265, 0.11074166, 0.08298163,
        0.15854503, 0.39351034, 0.08298163, -0.45175567,
    ],
    [
        0.0, 0.0, -0.30468476, 0.51126164, 0.0, 0.0, -0.29048014, -0.06578702,
        0.30468476, 0.29048014, 0.0, -0.23889774, -0.51126164, 0.06578702, 0.23889774, 0.0,
    ],
    [
        0.0, 0.0, 0.30179295, 0.25792363, 0.0, 0.1627234, 0.095200226, 0.0,
        0.30179295, 0.095200226, -0.1627234, -0.35312384, 0.25792363, 0.0, -0.35312384, -0.6035859,
    ],
    [
        0.0, 0.0, 0.4082483, 0.0, 0.0, 0.0, 0.0, -0.4082483,
        -0.4082483, 0.0, 0.0, -0.4082483, 0.0, 0.4082483, 0.4082483, 0.0,
    ],
    [
        0.0, 0.0, 0.1747867, 0.08126112, 0.0, 0.0, -0.3675398, -0.30788222,
        -0.1747867, 0.3675398, 0.0, 0.4826689, -0.08126112, 0.30788222, -0.4826689, 0.0,
    ],
    [
        0.0, 0.0, -0.21105601, 0.1856718, 0.0, 0.0, 0.4921586, -0.38525015,
        0.21105601, -0.4921586, 0.0, 0.17419413, -0.1856718, 0.38525015, -0.17419413, 0.0,
    ],
    [
        0.0, 0.0, -0.14266084, -0.34164467,
        0.0, 0.73674977, 0.24627107, -0.08574019,
        -0.14266084, 0.24627107, 0.14883399, -0.047686804,
        -0.34164467, -0.08574019, -0.047686804, -0.14266084,
    ],
    [
        0.0, 0.0, -0.1381354, 0.33022827,
        0.0, 0.08755115, -0.079467066, -0.46133748,
        -0.1381354, -0.079467066, 0.49724647, 0.12538059,
        0.33022827, -0.46133748, 0.12538059, -0.1381354,
    ],
    [
        0.0, 0.0, -0.17437603, 0.07027907, 0.0, -0.29210266, 0.36238173, 0.0,
        -0.17437603, 0.36238173, 0.29210266, -0.4326608, 0.07027907, 0.0, -0.4326608, 0.34875205,
    ],
    [
        0.0, 0.0, 0.11354987, -0.074175045,
        0.0, 0.19402893, -0.4351905, 0.21918684,
        0.11354987, -0.4351905, 0.55504435, -0.25468278,
        -0.074175045, 0.21918684, -0.25468278, 0.11354987,
    ],
];

/// The corner of the block that the corner transform covers.
#[derive(Clone, Copy)]
pub(super) struct Corner {
    pub(super) is_right: bool,
    pub(super) is_low: bool,
}

/// The lowest frequencies of the four quarters of a block: the left and right upper ones, then the
/// lower ones.
fn four_lowest(block: &Block) -> [[f32; 2]; 2] {
    let (a, b, c, e) = (block[0], block[1], block[8], block[9]);
    [
        [a + b + c + e, a + b - c - e],
        [a - b + c - e, a - b - c + e],
    ]
}

/// The coefficients of a quarter: every second row and column from `x`, `y` on. The first becomes
/// `lowest`.
fn quarter(block: &Block, x: usize, y: usize, lowest: f32) -> [[f32; 4]; 4] {
    let mut quarter = [[0.0; 4]; 4];
    for (row, coefficients) in quarter.iter_mut().enumerate() {
        for (column, coefficient) in coefficients.iter_mut().enumerate() {
            *coefficient = block[8 * (y + 2 * row) + x + 2 * column];
        }
    }
    quarter[0][0] = lowest;
    quarter
}

/// Writes rows of four samples, starting at `x`, `y`.
fn put(block: &mut Block, x: usize, y: usize, rows: [[f32; 4]; 4]) {
    for (y, row) in (y..).zip(rows) {
        block[8 * y + x..][..4].copy_from_slice(&row);
    }
}

fn transposed(rows: [[f32; 4]; 4]) -> [[f32; 4]; 4] {
    let mut columns = [[0.0; 4]; 4];
    for (y, row) in rows.into_iter().enumerate() {
        for (x, value) in row.into_iter().enumerate() {
            columns[x][y] = value;
        }
    }
    columns
}

/// A DCT of 4 x 4. The input has vertical frequencies along rows; the result has rows of samples.
fn dct_4x4(rows: [[f32; 4]; 4]) -> [[f32; 4]; 4] {
    let lines = rows.map(|line| idct4(ScalarDescriptor, line));
    transposed(lines).map(|line| idct4(ScalarDescriptor, line))
}

/// Transforms the four quarters separately.
pub(super) fn dct4x4(block: &mut Block) {
    let lowest = four_lowest(block);
    let coefficients = *block;
    for (y, lowest) in lowest.into_iter().enumerate() {
        for (x, lowest) in lowest.into_iter().enumerate() {
            let rows = dct_4x4(quarter(&coefficients, x, y, lowest));
            put(block, 4 * x, 4 * y, rows);
        }
    }
}

/// Repeatedly turns four frequencies into sums and differences, from the lowest frequencies on:
/// first into 2 x 2 samples, then 4 x 4, then 8 x 8.
pub(super) fn dct2x2(block: &mut Block) {
    for half in [1, 2, 4] {
        let from = *block;
        for y in 0..half {
            for x in 0..half {
                let place = 8 * y + x;
                let (a, b) = (from[place], from[place + half]);
                let (c, e) = (from[place + 8 * half], from[place + 9 * half]);
                let to = &mut block[16 * y + 2 * x..];
                (to[0], to[1]) = (a + b + c + e, a + b - c - e);
                (to[8], to[9]) = (a - b + c - e, a - b - c + e);
            }
        }
    }
}

/// Adds the coefficients to the center of each quarter, the second sample of its second row.
pub(super) fn hornuss(block: &mut Block) {
    let lowest = four_lowest(block);
    let coefficients = *block;
    for (y, lowest) in lowest.into_iter().enumerate() {
        for (x, lowest) in lowest.into_iter().enumerate() {
            let mut rows = quarter(&coefficients, x, y, 0.0);
            let sum: f32 = rows.as_flattened().iter().sum();
            let center = lowest - sum * (1.0 / 16.0);
            // The coefficient at the center's place is the difference of the first sample.
            rows[0][0] = rows[1][1];
            rows[1][1] = 0.0;
            let rows = rows.map(|row| row.map(|difference| center + difference));
            put(block, 4 * x, 4 * y, rows);
        }
    }
}

/// Combines the corner transform of one quarter, a DCT of its horizontal neighbor, and a DCT of the
/// other half.
pub(super) fn afv(block: &mut Block, corner: Corner) {
    let coefficients = *block;
    let (a, b, c) = (coefficients[0], coefficients[1], coefficients[8]);
    let (x, y) = (
        if corner.is_right { 4 } else { 0 },
        if corner.is_low { 4 } else { 0 },
    );
    let corner_rows = quarter(&coefficients, 0, 0, (a + b + c) * 4.0);
    let mut samples = [0.0; 16];
    for (coefficient, basis) in corner_rows.as_flattened().iter().zip(CORNER_BASIS) {
        for (sample, basis) in samples.iter_mut().zip(basis) {
            *sample += coefficient * basis;
        }
    }
    for (row, samples) in samples.as_chunks::<4>().0.iter().enumerate() {
        let row = y + if corner.is_low { 3 - row } else { row };
        for (column, &sample) in samples.iter().enumerate() {
            let column = x + if corner.is_right { 3 - column } else { column };
            block[8 * row + column] = sample;
        }
    }
    let beside = dct_4x4(quarter(&coefficients, 1, 0, a + c - b));
    put(block, 4 - x, y, beside);
    let rows =
        [8, 24, 40, 56].map(|start| *coefficients[start..].first_chunk().unwrap_or(&[0.0; 8]));
    put_half(block, 4 - y, rows, a - c);
}

/// Writes a DCT of half a block: four rows from `y` on. Horizontal frequencies are along the
/// input's rows.
fn put_half(block: &mut Block, y: usize, mut rows: [[f32; 8]; 4], lowest: f32) {
    rows[0][0] = lowest;
    for x in 0..8 {
        let column = idct4(ScalarDescriptor, [0, 1, 2, 3].map(|row| rows[row][x]));
        for (row, value) in rows.iter_mut().zip(column) {
            row[x] = value;
        }
    }
    for (y, row) in (y..).zip(rows) {
        block[8 * y..][..8].copy_from_slice(&idct8(ScalarDescriptor, row));
    }
}
