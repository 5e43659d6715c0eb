use jxl_simd::{F32SimdVec, SimdDescriptor, simd_function};

use super::generator::{BATCH, Generator};
use crate::render::vectors::{Lanes, load, splat, vectors, vectors_mut, vectors_of_3};

simd_function!(
    skip,
    d: D,
    /// Skips a number of batches.
    pub(super) fn skip_simd(generator: &mut Generator, batches: usize) {
        let _ = d;
        for _ in 0..batches {
            generator.step();
        }
    }
);

simd_function!(
    fill,
    d: D,
    /// Makes a number of batches, and writes their samples from `first` on to `out`.
    pub(super) fn fill_simd(
        generator: &mut Generator,
        batches: usize,
        first: usize,
        out: &mut [f32],
    ) {
        let _ = d;
        let last = first + out.len();
        for batch in 0..batches {
            let samples = generator.next();
            let start = batch * BATCH;
            let (from, to) = (start.max(first), (start + BATCH).min(last));
            if to == from + BATCH {
                out[from - first..][..BATCH].copy_from_slice(&samples);
            } else if from < to {
                out[from - first..to - first].copy_from_slice(&samples[from - start..to - start]);
            }
        }
    }
);

simd_function!(
    sums_of_5,
    d: D,
    /// Sums of five samples in a row. `row` is two samples longer on both sides than `out`, which
    /// is whole vectors.
    pub(super) fn sums_of_5_simd(row: &[f32], out: &mut [f32]) {
        let len = out.len();
        let taps = [
            vectors::<D>(row, 0, len),
            vectors::<D>(row, 1, len),
            vectors::<D>(row, 2, len),
            vectors::<D>(row, 3, len),
            vectors::<D>(row, 4, len),
        ];
        for (i, out) in vectors_mut::<D>(out).iter_mut().enumerate() {
            sum::<D>(d, &taps, i).store_array(out);
        }
    }
);

simd_function!(
    high_pass,
    d: D,
    /// 0.16 times the sum of the 25 samples around each place (`sums` has those of five rows),
    /// minus 4 times its own sample. All rows have one length, in whole vectors.
    pub(super) fn high_pass_simd(sums: [&[f32]; 5], center: &[f32], out: &mut [f32]) {
        let len = out.len();
        let [a, b, c, e, f] = sums;
        let sums = [
            vectors::<D>(a, 0, len),
            vectors::<D>(b, 0, len),
            vectors::<D>(c, 0, len),
            vectors::<D>(e, 0, len),
            vectors::<D>(f, 0, len),
        ];
        let center = vectors::<D>(center, 0, len);
        let around_weight = splat(d, 0.16);
        let center_weight = splat(d, -4.0);
        for (i, out) in vectors_mut::<D>(out).iter_mut().enumerate() {
            let center = load(d, center, i) * center_weight;
            sum::<D>(d, &sums, i).mul_add(around_weight, center).store_array(out);
        }
    }
);

#[inline(always)]
fn sum<D: SimdDescriptor>(d: D, rows: &[&[Lanes<D>]; 5], i: usize) -> D::F32Vec {
    let sum = load(d, rows[0], i) + load(d, rows[1], i) + load(d, rows[2], i);
    sum + load(d, rows[3], i) + load(d, rows[4], i)
}

simd_function!(
    add,
    d: D,
    /// Adds noise to X, Y and B. All rows have one length, in whole vectors.
    pub(super) fn add_simd(
        strength: &[f32; 8],
        correlation: [f32; 2],
        noise: [&[f32]; 3],
        rows: &mut [&mut [f32]; 3],
    ) {
        let len = noise[0].len();
        let noise = vectors_of_3::<D>(noise, len);
        let [x, y, b] = rows;
        let x = vectors_mut::<D>(&mut x[..len]);
        let y = vectors_mut::<D>(&mut y[..len]);
        let b = vectors_mut::<D>(&mut b[..len]);
        let (to_x, to_b) = (splat(d, correlation[0]), splat(d, correlation[1]));
        // 0.22 of the noise, a part of 1/128 of each its own and the rest in common.
        let (own, common) = (splat(d, 0.22 / 128.0), splat(d, 0.22 * 127.0 / 128.0));
        for i in 0..noise[0].len() {
            let (old_x, old_y) = (load(d, x, i), load(d, y, i));
            let old_b = load(d, b, i);
            let (red, green) = (load(d, noise[0], i), load(d, noise[1], i));
            let both = load(d, noise[2], i) * common;
            let red = strength_at::<D>(d, strength, old_y + old_x) * red.mul_add(own, both);
            let green = strength_at::<D>(d, strength, old_y - old_x) * green.mul_add(own, both);
            let sum = red + green;
            (old_x + sum.mul_add(to_x, red - green)).store_array(&mut x[i]);
            (old_y + sum).store_array(&mut y[i]);
            sum.mul_add(to_b, old_b).store_array(&mut b[i]);
        }
    }
);

/// The strength at half the intensity `twice`: linear between the sixths, constant outside of 0 to
/// 7 sixths.
#[inline(always)]
fn strength_at<D: SimdDescriptor>(d: D, strength: &[f32; 8], twice: D::F32Vec) -> D::F32Vec {
    let (zero, one) = (D::F32Vec::zero(d), splat(d, 1.0));
    let mut place = twice * splat(d, 3.0);
    let mut sum = splat(d, strength[0]);
    for pair in strength.windows(2) {
        let rise = splat(d, pair[1] - pair[0]);
        sum = place.max(zero).min(one).mul_add(rise, sum);
        place -= one;
    }
    sum
}
