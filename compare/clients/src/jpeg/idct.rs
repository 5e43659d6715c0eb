//! The inverse DCT, in integers: the factorization of Loeffler, Ligtenberg and Moschytz.

use frame_arena::{PlaneView, PlaneViewMut, TileGrid};
use rayon::prelude::*;

/// Fraction bits of a factor.
const FRACTION_BITS: u32 = 12;

/// Fraction bits that the pass over columns leaves for the pass over rows.
const KEPT_BITS: u32 = 2;

/// Returns a constant in fixed point, with [`FRACTION_BITS`] fraction bits.
const fn fixed(factor: f64) -> i32 {
    let scaled = factor * (1 << FRACTION_BITS) as f64;
    (if scaled < 0.0 {
        scaled - 0.5
    } else {
        scaled + 0.5
    }) as i32
}

/// Transforms the coefficients of a component into its samples, on all threads.
pub(super) fn transform(coefficients: PlaneView<'_, i16>, samples: PlaneViewMut<'_, u8>) {
    let grid = TileGrid::new(samples.width(), 8);
    let rows_of_blocks = samples.into_tiles(grid).into_par_iter().enumerate();
    rows_of_blocks.for_each(|(index, mut samples)| {
        let (blocks, _) = coefficients.row(index).as_chunks();
        for (block_x, block) in blocks.iter().enumerate() {
            for (y, row) in transform_block(block).iter().enumerate() {
                samples.row_mut(y)[block_x * 8..][..8].copy_from_slice(row);
            }
        }
    });
}

fn transform_block(coefficients: &[i16; 64]) -> [[u8; 8]; 8] {
    let mut values = coefficients.map(i32::from);
    for x in 0..8 {
        let column = std::array::from_fn(|y| values[8 * y + x]);
        let column = transform_line(column, FRACTION_BITS - KEPT_BITS);
        for (y, value) in column.into_iter().enumerate() {
            values[8 * y + x] = value;
        }
    }
    let (rows, _) = values.as_chunks();
    // The factorization scales its results by 8.
    const SHIFT: u32 = FRACTION_BITS + KEPT_BITS + 3;
    std::array::from_fn(|y| {
        transform_line(rows[y], SHIFT).map(|value| (value + 128).clamp(0, 255) as u8)
    })
}

/// Transforms a row or column. The results are rounded and shifted right by `shift` bits.
fn transform_line(line: [i32; 8], shift: u32) -> [i32; 8] {
    let [x0, x1, x2, x3, x4, x5, x6, x7] = line;
    // The even half.
    let both = (x2 + x6) * fixed(0.541196100);
    let high = both + x6 * fixed(-1.847759065);
    let low = both + x2 * fixed(0.765366865);
    let (sum, difference) = ((x0 + x4) << FRACTION_BITS, (x0 - x4) << FRACTION_BITS);
    let even = [sum + low, difference + high, difference - high, sum - low];
    // The odd half.
    let (outer, inner) = (x7 + x3, x5 + x1);
    let all = (outer + inner) * fixed(1.175875602);
    let outer = all + outer * fixed(-1.961570560);
    let inner = all + inner * fixed(-0.390180644);
    let ends = (x7 + x1) * fixed(-0.899976223);
    let middle = (x5 + x3) * fixed(-2.562915447);
    let odd = [
        x1 * fixed(1.501321110) + ends + inner,
        x3 * fixed(3.072711026) + middle + outer,
        x5 * fixed(2.053119869) + middle + inner,
        x7 * fixed(0.298631336) + ends + outer,
    ];
    let round = 1 << (shift - 1);
    std::array::from_fn(|k| match k {
        0..4 => (even[k] + odd[k] + round) >> shift,
        _ => (even[7 - k] - odd[7 - k] + round) >> shift,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Evaluates the definition of the inverse DCT (ITU-T T.81, A.3.3).
    fn by_definition(coefficients: &[i16; 64], x: usize, y: usize) -> f64 {
        let mut sum = 0.0;
        for (index, &coefficient) in coefficients.iter().enumerate() {
            let (u, v) = (index % 8, index / 8);
            let scale = |k: usize| if k == 0 { 0.5f64.sqrt() } else { 1.0 };
            let wave = |at: usize, k: usize| {
                ((2 * at + 1) as f64 * k as f64 * std::f64::consts::PI / 16.0).cos()
            };
            sum += scale(u) * scale(v) * f64::from(coefficient) * wave(x, u) * wave(y, v);
        }
        (sum / 4.0 + 128.0).clamp(0.0, 255.0)
    }

    #[test]
    fn samples_are_those_of_the_definition() {
        let mut random = crate::random::Random::new(3);
        for _ in 0..50 {
            let mut coefficients = [0i16; 64];
            for coefficient in coefficients.iter_mut().take(20) {
                *coefficient = random.below(401) as i16 - 200;
            }
            let samples = transform_block(&coefficients);
            for (y, row) in samples.iter().enumerate() {
                for (x, &sample) in row.iter().enumerate() {
                    let exact = by_definition(&coefficients, x, y);
                    assert!(
                        (f64::from(sample) - exact).abs() < 1.0,
                        "{sample} for {exact}"
                    );
                }
            }
        }
    }
}
