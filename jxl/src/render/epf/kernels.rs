use jxl_simd::{F32SimdVec, SimdDescriptor, SimdMask, simd_function};

use crate::render::vectors::{Lanes, load, vectors, vectors_mut};

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
        let scale = scale.map(|scale| D::F32Vec::splat(d, scale));
        let here = here.map(|row| vectors::<D>(row, 0, len));
        let there = there.map(|row| vectors::<D>(row, 0, len));
        for (i, out) in vectors_mut::<D>(out).iter_mut().enumerate() {
            let sum = difference(d, here[0], there[0], i) * scale[0];
            let sum = difference(d, here[1], there[1], i).mul_add(scale[1], sum);
            difference(d, here[2], there[2], i).mul_add(scale[2], sum).store_array(out);
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
    /// Sums of each sample of the middle row and its four neighbours. Inputs are a sample longer on both sides than the output,
    /// which is whole vectors.
    pub(super) fn plus_sums_simd(rows: [&[f32]; 3], out: &mut [f32]) {
        let len = out.len();
        let above = vectors::<D>(rows[0], 1, len);
        let middle = [0, 1, 2].map(|dx| vectors::<D>(rows[1], dx, len));
        let below = vectors::<D>(rows[2], 1, len);
        for (i, out) in vectors_mut::<D>(out).iter_mut().enumerate() {
            let sides = load(d, middle[0], i) + load(d, middle[2], i);
            let column = load(d, above, i) + load(d, below, i) + load(d, middle[1], i);
            (sides + column).store_array(out);
        }
    }
);

simd_function!(
    mean_of_5,
    d: D,
    /// Replaces samples by weighted means with those to the left, right, above and below, for which `sums` are in this order.
    /// `rows` are the row above, the row itself and the one below, each channel from some columns before `start`.
    pub(super) fn mean_of_5_simd(
        multipliers: &[f32],
        sums: [&[f32]; 4],
        rows: [[&[f32]; 3]; 3],
        start: usize,
        out: [&mut [f32]; 3],
    ) {
        let len = multipliers.len();
        let multipliers = vectors::<D>(multipliers, 0, len);
        let sums = sums.map(|sums| vectors::<D>(sums, 0, len));
        let [above, middle, below] = rows;
        let taps = [0, 1, 2].map(|channel| {
            [
                vectors::<D>(middle[channel], start - 1, len),
                vectors::<D>(middle[channel], start + 1, len),
                vectors::<D>(above[channel], start, len),
                vectors::<D>(below[channel], start, len),
            ]
        });
        let centres = middle.map(|row| vectors::<D>(row, start, len));
        let out = out.map(|out| vectors_mut::<D>(&mut out[..len]));
        weighted_means::<D, 4>(d, multipliers, sums, centres, taps, out);
    }
);

simd_function!(
    mean_of_13,
    d: D,
    /// Replaces samples by weighted means with twelve neighbours. `sums` come in pairs of a neighbour and its opposite:
    /// left, right; 2 left, 2 right; above, below; 2 above, 2 below; left above, right below; right above, left below. `rows`
    /// are the five rows from 2 above to 2 below, each channel from some columns before `start`.
    pub(super) fn mean_of_13_simd(
        multipliers: &[f32],
        sums: [&[f32]; 12],
        rows: [[&[f32]; 3]; 5],
        start: usize,
        out: [&mut [f32]; 3],
    ) {
        let len = multipliers.len();
        let multipliers = vectors::<D>(multipliers, 0, len);
        let sums = sums.map(|sums| vectors::<D>(sums, 0, len));
        let taps = [0, 1, 2].map(|channel| {
            [
                vectors::<D>(rows[2][channel], start - 1, len),
                vectors::<D>(rows[2][channel], start + 1, len),
                vectors::<D>(rows[2][channel], start - 2, len),
                vectors::<D>(rows[2][channel], start + 2, len),
                vectors::<D>(rows[1][channel], start, len),
                vectors::<D>(rows[3][channel], start, len),
                vectors::<D>(rows[0][channel], start, len),
                vectors::<D>(rows[4][channel], start, len),
                vectors::<D>(rows[1][channel], start - 1, len),
                vectors::<D>(rows[3][channel], start + 1, len),
                vectors::<D>(rows[1][channel], start + 1, len),
                vectors::<D>(rows[3][channel], start - 1, len),
            ]
        });
        let centres = rows[2].map(|row| vectors::<D>(row, start, len));
        let out = out.map(|out| vectors_mut::<D>(&mut out[..len]));
        weighted_means::<D, 12>(d, multipliers, sums, centres, taps, out);
    }
);

/// All slices have one length.
#[inline(always)]
fn weighted_means<D: SimdDescriptor, const N: usize>(
    d: D,
    multipliers: &[Lanes<D>],
    sums: [&[Lanes<D>]; N],
    centres: [&[Lanes<D>]; 3],
    taps: [[&[Lanes<D>]; N]; 3],
    out: [&mut [Lanes<D>]; 3],
) {
    let zero = D::F32Vec::zero(d);
    let one = D::F32Vec::splat(d, 1.0);
    let least = D::F32Vec::splat(d, -f32::MIN_POSITIVE);
    for i in 0..multipliers.len() {
        let multiplier = load(d, multipliers, i);
        let kept = multiplier.gt(least);
        let centre = [0, 1, 2].map(
            #[inline(always)]
            |c: usize| load(d, centres[c], i),
        );
        if kept.all() {
            for c in 0..3 {
                centre[c].store_array(&mut out[c][i]);
            }
            continue;
        }
        let mut weights = [zero; N];
        let mut total = one;
        for (weight, sums) in weights.iter_mut().zip(sums) {
            *weight = load(d, sums, i).mul_add(multiplier, one).max(zero);
            total += *weight;
        }
        let scale = one / total;
        for c in 0..3 {
            let mut sum = centre[c];
            for (weight, tap) in weights.iter().zip(taps[c]) {
                sum = load(d, tap, i).mul_add(*weight, sum);
            }
            let mean = sum * scale;
            kept.if_then_else_f32(centre[c], mean)
                .store_array(&mut out[c][i]);
        }
    }
}
