use std::ops::Range;

use jxl_simd::{F32SimdVec, SimdDescriptor, SimdMask};

use crate::render::span::STEP;
use crate::render::vectors::{Lanes, load, splat, vectors, vectors_mut, vectors_of_3};
use crate::simd::{max, simd_function};

simd_function!(
    differences,
    d: D,
    /// Sums `scale * |here - there|` over the channels. All rows have one length, in whole vectors.
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
            let sum = difference(d, here[1], there[1], i) * y_scale + sum;
            let sum = difference(d, here[2], there[2], i) * b_scale + sum;
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
    /// Sums each sample of the middle row and its four neighbors. Inputs are a sample longer on
    /// both sides than the output, which has whole vectors.
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
    cross_differences,
    d: D,
    /// Sums `scale * |here - there|` over the channels, with `there` one column to the right, and
    /// one row below, for `columns` and at least four on both sides. `rows` are the row itself and
    /// the one below. Blocks of eight columns without a mark are skipped; marks start a step before
    /// the columns.
    pub(super) fn cross_differences_simd(
        scale: [f32; 3],
        rows: [[&[f32]; 3]; 2],
        columns: Range<usize>,
        marks: &[u8],
        out: [&mut [f32]; 2],
    ) {
        let lanes = D::F32Vec::LEN;
        let around = lanes.max(4);
        let (start, len) = (columns.start - around, columns.len() + 2 * around);
        let [x_scale, y_scale, b_scale] = scale;
        let (x_scale, y_scale, b_scale) = (splat(d, x_scale), splat(d, y_scale), splat(d, b_scale));
        let here = columns_of::<D>(rows[0], start, len);
        let right = columns_of::<D>(rows[0], start + 1, len);
        let below = columns_of::<D>(rows[1], start, len);
        let [to_right, to_below] = out;
        let to_right = vectors_mut::<D>(&mut to_right[start..start + len]);
        let to_below = vectors_mut::<D>(&mut to_below[start..start + len]);
        for (i, (to_right, to_below)) in to_right.iter_mut().zip(to_below).enumerate() {
            let first = STEP - around + i * lanes;
            if marks[first / 8] == 0 && marks[(first + lanes - 1) / 8] == 0 {
                continue;
            }
            let (x, y, b) = (load(d, here[0], i), load(d, here[1], i), load(d, here[2], i));
            let sum = (x - load(d, right[0], i)).abs() * x_scale;
            let sum = (y - load(d, right[1], i)).abs() * y_scale + sum;
            let sum = (b - load(d, right[2], i)).abs() * b_scale + sum;
            sum.store_array(to_right);
            let sum = (x - load(d, below[0], i)).abs() * x_scale;
            let sum = (y - load(d, below[1], i)).abs() * y_scale + sum;
            let sum = (b - load(d, below[2], i)).abs() * b_scale + sum;
            sum.store_array(to_below);
        }
    }
);

/// `len` samples from `start` of each of three rows.
#[inline(always)]
fn columns_of<D: SimdDescriptor>(
    [x, y, b]: [&[f32]; 3],
    start: usize,
    len: usize,
) -> [&[Lanes<D>]; 3] {
    vectors_of_3::<D>([&x[start..], &y[start..], &b[start..]], len)
}

/// The differences of samples from their neighbors, in the order of the neighbors.
trait Sums<D: SimdDescriptor, const N: usize> {
    /// Vector `i` of each.
    fn at(&self, d: D, i: usize) -> [D::F32Vec; N];
}

/// Sums that were computed before.
struct Made<'a, D: SimdDescriptor, const N: usize>([&'a [Lanes<D>]; N]);

impl<D: SimdDescriptor, const N: usize> Sums<D, N> for Made<'_, D, N> {
    #[inline(always)]
    fn at(&self, d: D, i: usize) -> [D::F32Vec; N] {
        let mut sums = [D::F32Vec::zero(d); N];
        for (sum, made) in sums.iter_mut().zip(&self.0) {
            *sum = load(d, made, i);
        }
        sums
    }
}

/// Sums over plus shapes of differences to the right (of the rows from the one above to the one
/// below) and of differences to below (of the rows from the second above to the one below), for
/// columns from `start` on.
struct Pluses<'a, D: SimdDescriptor> {
    left: Plus<'a, D>,
    right: Plus<'a, D>,
    above: Plus<'a, D>,
    below: Plus<'a, D>,
}

/// A sample, and those above, to the left, to the right and below.
struct Plus<'a, D: SimdDescriptor> {
    middle: &'a [Lanes<D>],
    above: &'a [Lanes<D>],
    left: &'a [Lanes<D>],
    right: &'a [Lanes<D>],
    below: &'a [Lanes<D>],
}

impl<'a, D: SimdDescriptor> Plus<'a, D> {
    /// Pluses around the middle one of three rows.
    #[inline(always)]
    fn new([above, middle, below]: [&'a [f32]; 3], start: usize, len: usize) -> Self {
        Self {
            middle: vectors::<D>(middle, start, len),
            above: vectors::<D>(above, start, len),
            left: vectors::<D>(middle, start - 1, len),
            right: vectors::<D>(middle, start + 1, len),
            below: vectors::<D>(below, start, len),
        }
    }

    #[inline(always)]
    fn sum(&self, d: D, i: usize) -> D::F32Vec {
        let sides = load(d, self.left, i) + load(d, self.right, i);
        let column = load(d, self.above, i) + load(d, self.below, i) + load(d, self.middle, i);
        sides + column
    }
}

impl<D: SimdDescriptor> Sums<D, 4> for Pluses<'_, D> {
    #[inline(always)]
    fn at(&self, d: D, i: usize) -> [D::F32Vec; 4] {
        [
            self.left.sum(d, i),
            self.right.sum(d, i),
            self.above.sum(d, i),
            self.below.sum(d, i),
        ]
    }
}

simd_function!(
    mean_by_plus,
    d: D,
    /// Replaces samples by weighted means with those to the left, right, above and below. Weights
    /// depend on the differences of plus shapes around them, made by [`cross_differences`]: to the
    /// right for the rows from the one above to the one below, and to below for the rows from the
    /// second above to the one below. `rows` are the row above, the row itself and the one below.
    /// All have some columns before `start`.
    pub(super) fn mean_by_plus_simd(
        multipliers: &[f32],
        right: [&[f32]; 3],
        below: [&[f32]; 4],
        rows: [[&[f32]; 3]; 3],
        start: usize,
        out: [&mut [f32]; 3],
    ) {
        let len = multipliers.len();
        let [second_above, above, here, below] = below;
        let sums = Pluses::<D> {
            left: Plus::new(right, start - 1, len),
            right: Plus::new(right, start, len),
            above: Plus::new([second_above, above, here], start, len),
            below: Plus::new([above, here, below], start, len),
        };
        let neighbors = four_neighbors::<D>(rows, start, len);
        weighted_means(d, multipliers, &sums, rows[1], start, neighbors, out);
    }
);

simd_function!(
    mean_by_single,
    d: D,
    /// As [`mean_by_plus`], with weights by differences of single samples. `differences` are those
    /// of the row to the right, of the row above to below, and of the row to below.
    pub(super) fn mean_by_single_simd(
        multipliers: &[f32],
        differences: [&[f32]; 3],
        rows: [[&[f32]; 3]; 3],
        start: usize,
        out: [&mut [f32]; 3],
    ) {
        let len = multipliers.len();
        let [right, above, below] = differences;
        let sums = Made::<D, 4>([
            vectors::<D>(right, start - 1, len),
            vectors::<D>(right, start, len),
            vectors::<D>(above, start, len),
            vectors::<D>(below, start, len),
        ]);
        let neighbors = four_neighbors::<D>(rows, start, len);
        weighted_means(d, multipliers, &sums, rows[1], start, neighbors, out);
    }
);

/// The samples to the left, right, above and below, of each channel.
#[inline(always)]
fn four_neighbors<D: SimdDescriptor>(
    rows: [[&[f32]; 3]; 3],
    start: usize,
    len: usize,
) -> [[&[Lanes<D>]; 4]; 3] {
    let mut neighbors: [[&[Lanes<D>]; 4]; 3] = [[&[]; 4]; 3];
    for (c, neighbors) in neighbors.iter_mut().enumerate() {
        *neighbors = [
            vectors::<D>(rows[1][c], start - 1, len),
            vectors::<D>(rows[1][c], start + 1, len),
            vectors::<D>(rows[0][c], start, len),
            vectors::<D>(rows[2][c], start, len),
        ];
    }
    neighbors
}

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
        let mut made: [&[Lanes<D>]; 12] = [&[]; 12];
        for (made, sums) in made.iter_mut().zip(sums) {
            *made = vectors::<D>(sums, 0, len);
        }
        let sums = Made::<D, 12>(made);
        weighted_means(d, multipliers, &sums, rows[2], start, neighbors, out);
    }
);

/// `multipliers` have whole vectors, and neighbors the same length. The row itself, `rows`, and
/// `out` have some columns before `start`.
#[inline(always)]
fn weighted_means<D: SimdDescriptor, const N: usize>(
    d: D,
    multipliers: &[f32],
    sums: &impl Sums<D, N>,
    rows: [&[f32]; 3],
    start: usize,
    neighbors: [[&[Lanes<D>]; N]; 3],
    out: [&mut [f32]; 3],
) {
    let len = multipliers.len();
    let multipliers = vectors::<D>(multipliers, 0, len);
    let centers = columns_of::<D>(rows, start, len);
    let [out_x, out_y, out_b] = out;
    let out_x = vectors_mut::<D>(&mut out_x[start..start + len]);
    let out_y = vectors_mut::<D>(&mut out_y[start..start + len]);
    let out_b = vectors_mut::<D>(&mut out_b[start..start + len]);
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
        let mut weights = sums.at(d, i);
        let mut total = one;
        for weight in &mut weights {
            *weight = max(*weight * multiplier + one, zero);
            total += *weight;
        }
        let scale = one / total;
        for (c, out) in out.into_iter().enumerate() {
            let center = load(d, centers[c], i);
            let mut sum = center;
            for (weight, neighbor) in weights.iter().zip(&neighbors[c]) {
                sum = load(d, neighbor, i) * *weight + sum;
            }
            let mean = kept.if_then_else_f32(center, sum * scale);
            mean.store_array(out);
        }
    }
}
