use jxl_simd::{F32SimdVec, SimdDescriptor, SimdMask, simd_function};

use crate::render::vectors::{Lanes, load, splat, vectors, vectors_mut, vectors_of_3};

simd_function!(
    differences,
    d: D,
    /// Sums over the channels of `scale * |here - there|`. All rows have one length, whole vectors.
    pub(super) fn differences_simd(
        scale: [f32; 3],
        here: [&[f32]; 3],
        there: [&[f32]; 3],
        out: &mut [f32],
    ) {
        let len = out.len();
        let [x_scale, y_scale, b_scale] = scale;
        let (x_scale, y_scale, b_scale) = (splat(d, x_scale), splat(d, y_scale), splat(d, b_scale));
        let here = vectors_of_3::<D>(here, len);
        let there = vectors_of_3::<D>(there, len);
        for (i, out) in vectors_mut::<D>(out).iter_mut().enumerate() {
            let sum = difference(d, here[0], there[0], i) * x_scale;
            let sum = difference(d, here[1], there[1], i).mul_add(y_scale, sum);
            let sum = difference(d, here[2], there[2], i).mul_add(b_scale, sum);
            sum.store_array(out);
        }
    }
);

#[inline(always)]
fn difference<D: SimdDescriptor>(
    d: D,
    here: &[Lanes<D>],
    there: &[Lanes<D>],
    i: usize,
) -> D::F32Vec {
    (load(d, here, i) - load(d, there, i)).abs()
}

simd_function!(
    plus_sums,
    d: D,
    /// Sums of each sample of the middle row and its four neighbors. Inputs are a sample longer on
    /// both sides than the output, which is whole vectors.
    pub(super) fn plus_sums_simd(rows: [&[f32]; 3], out: &mut [f32]) {
        let len = out.len();
        let [above, middle, below] = rows;
        let left = vectors::<D>(middle, 0, len);
        let right = vectors::<D>(middle, 2, len);
        let [above, middle, below] = vectors_of_3::<D>([&above[1..], &middle[1..], &below[1..]], len);
        for (i, out) in vectors_mut::<D>(out).iter_mut().enumerate() {
            let sides = load(d, left, i) + load(d, right, i);
            let column = load(d, above, i) + load(d, below, i) + load(d, middle, i);
            (sides + column).store_array(out);
        }
    }
);

simd_function!(
    mean_of_5,
    d: D,
    /// Replaces samples by weighted means with those to the left, right, above and below, for which
    /// `sums` are in this order. `rows` are the row above, the row itself and the one below, each
    /// channel from some columns before `start`.
    pub(super) fn mean_of_5_simd(
        multipliers: &[f32],
        sums: [&[f32]; 4],
        rows: [[&[f32]; 3]; 3],
        start: usize,
        out: [&mut [f32]; 3],
    ) {
        let len = multipliers.len();
        let mut neighbors: [[&[Lanes<D>]; 4]; 3] = [[&[]; 4]; 3];
        for (c, neighbors) in neighbors.iter_mut().enumerate() {
            *neighbors = [
                vectors::<D>(rows[1][c], start - 1, len),
                vectors::<D>(rows[1][c], start + 1, len),
                vectors::<D>(rows[0][c], start, len),
                vectors::<D>(rows[2][c], start, len),
            ];
        }
        weighted_means::<D, 4>(d, multipliers, sums, rows[1], start, neighbors, out);
    }
);

simd_function!(
    mean_of_13,
    d: D,
    /// Replaces samples by weighted means with twelve neighbors. `sums` come in pairs of a
    /// neighbor and its opposite: left, right; 2 left, 2 right; above, below; 2 above, 2 below;
    /// left above, right below; right above, left below. `rows` are the five rows from 2 above to 2
    /// below, each channel from some columns before `start`.
    pub(super) fn mean_of_13_simd(
        multipliers: &[f32],
        sums: [&[f32]; 12],
        rows: [[&[f32]; 3]; 5],
        start: usize,
        out: [&mut [f32]; 3],
    ) {
        let len = multipliers.len();
        let mut neighbors: [[&[Lanes<D>]; 12]; 3] = [[&[]; 12]; 3];
        for (c, neighbors) in neighbors.iter_mut().enumerate() {
            *neighbors = [
                vectors::<D>(rows[2][c], start - 1, len),
                vectors::<D>(rows[2][c], start + 1, len),
                vectors::<D>(rows[2][c], start - 2, len),
                vectors::<D>(rows[2][c], start + 2, len),
                vectors::<D>(rows[1][c], start, len),
                vectors::<D>(rows[3][c], start, len),
                vectors::<D>(rows[0][c], start, len),
                vectors::<D>(rows[4][c], start, len),
                vectors::<D>(rows[1][c], start - 1, len),
                vectors::<D>(rows[3][c], start + 1, len),
                vectors::<D>(rows[1][c], start + 1, len),
                vectors::<D>(rows[3][c], start - 1, len),
            ];
        }
        weighted_means::<D, 12>(d, multipliers, sums, rows[2], start, neighbors, out);
    }
);

/// `multipliers` are whole vectors, other slices as long; the row itself, `rows`, has some columns
/// before `start`.
#[inline(always)]
fn weighted_means<D: SimdDescriptor, const N: usize>(
    d: D,
    multipliers: &[f32],
    sums: [&[f32]; N],
    rows: [&[f32]; 3],
    start: usize,
    neighbors: [[&[Lanes<D>]; N]; 3],
    out: [&mut [f32]; 3],
) {
    let len = multipliers.len();
    let multipliers = vectors::<D>(multipliers, 0, len);
    let mut all_sums: [&[Lanes<D>]; N] = [&[]; N];
    for (vectors_of, sums) in all_sums.iter_mut().zip(sums) {
        *vectors_of = vectors::<D>(sums, 0, len);
    }
    let [x, y, b] = rows;
    let centers = vectors_of_3::<D>([&x[start..], &y[start..], &b[start..]], len);
    let [out_x, out_y, out_b] = out;
    let out_x = vectors_mut::<D>(&mut out_x[..len]);
    let out_y = vectors_mut::<D>(&mut out_y[..len]);
    let out_b = vectors_mut::<D>(&mut out_b[..len]);
    let zero = D::F32Vec::zero(d);
    let one = splat(d, 1.0);
    let least = splat(d, -f32::MIN_POSITIVE);
    let out = out_x.iter_mut().zip(out_y).zip(out_b);
    for (i, ((out_x, out_y), out_b)) in out.enumerate() {
        let out = [out_x, out_y, out_b];
        let multiplier = load(d, multipliers, i);
        let kept = multiplier.gt(least);
        if kept.all() {
            for (out, center) in out.into_iter().zip(centers) {
                load(d, center, i).store_array(out);
            }
            continue;
        }
        let mut weights = [zero; N];
        let mut total = one;
        for (weight, sums) in weights.iter_mut().zip(&all_sums) {
            *weight = load(d, sums, i).mul_add(multiplier, one).max(zero);
            total += *weight;
        }
        let scale = one / total;
        for (c, out) in out.into_iter().enumerate() {
            let center = load(d, centers[c], i);
            let mut sum = center;
            for (weight, neighbor) in weights.iter().zip(&neighbors[c]) {
                sum = load(d, neighbor, i).mul_add(*weight, sum);
            }
            let mean = kept.if_then_else_f32(center, sum * scale);
            mean.store_array(out);
        }
    }
}
