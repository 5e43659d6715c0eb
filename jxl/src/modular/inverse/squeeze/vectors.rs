//! Undoes squeeze steps with vectors if 32 bits suffice.

use bytemuck::cast_slice_mut;
use frame_arena::{PlaneViewMut, SliceSpec};
use jxl_simd::{F32SimdVec, I32SimdVec, SimdDescriptor, SimdMask};

use super::{VerticalStrip, are_small, interleave, interleave_rows, unsqueeze};
use crate::simd::Kernel;

/// Lanes of the widest vectors, and rows that a horizontal step undoes together.
const MOST_LANES: usize = 8;

type Lanes<D> = <<D as SimdDescriptor>::F32Vec as F32SimdVec>::UnderlyingArray;

/// The layout of copied halves of [`MOST_LANES`] rows. Each half of a row starts and ends at a
/// whole vector, so blocks of vectors can be transposed in place.
#[derive(Clone, Copy)]
pub(super) struct Halves {
    averages: usize,
    residuals: usize,
    /// Start of a row's residuals.
    middle: usize,
    /// Distance between the starts of two rows.
    stride: usize,
}

impl Halves {
    /// Halves of rows of `width` samples.
    pub(super) fn new(width: usize) -> Self {
        let (averages, residuals) = (width.div_ceil(2), width / 2);
        let middle = averages.next_multiple_of(MOST_LANES);
        Self {
            averages,
            residuals,
            middle,
            stride: middle + residuals.next_multiple_of(MOST_LANES),
        }
    }

    pub(super) fn spec(self) -> SliceSpec<i32> {
        // Stale: rows are copied in before they are read. What follows a row only fills unused
        // lanes.
        SliceSpec::stale(self.len())
    }

    pub(super) fn len(self) -> usize {
        MOST_LANES * self.stride
    }

    /// Copies a row to place `index`. Returns true if 32 bits suffice to undo its step.
    #[inline(always)]
    fn copy(&self, index: usize, row: &[i32], halves: &mut [i32]) -> bool {
        let (averages, residuals) = row.split_at(self.averages);
        let place = &mut halves[index * self.stride..][..self.stride];
        place[..self.averages].copy_from_slice(averages);
        place[self.middle..][..self.residuals].copy_from_slice(residuals);
        are_small(row)
    }

    /// The averages and the residuals of the row at place `index`.
    #[inline(always)]
    fn get<'h>(&self, index: usize, halves: &'h [i32]) -> [&'h [i32]; 2] {
        let place = &halves[index * self.stride..][..self.stride];
        let (averages, residuals) = place.split_at(self.middle);
        [&averages[..self.averages], &residuals[..self.residuals]]
    }
}

/// Undoes a horizontal step in each row of `band`. `halves` was made by [`Halves::spec`].
pub(super) struct Horizontal<'a, 'p> {
    pub(super) band: &'a mut PlaneViewMut<'p, i32>,
    pub(super) halves: &'a mut [i32],
}

impl Kernel for Horizontal<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, d: D) {
        undo_horizontal(d.maybe_downgrade_256bit(), self.band, self.halves);
    }
}

#[inline(always)]
fn undo_horizontal<D: SimdDescriptor>(d: D, band: &mut PlaneViewMut<'_, i32>, halves: &mut [i32]) {
    let lanes = D::F32Vec::LEN;
    let shape = Halves::new(band.width());
    let mut y = 0;
    while y < band.height() {
        let count = lanes.min(band.height() - y);
        let mut are_all_small = true;
        for index in 0..count {
            are_all_small &= shape.copy(index, band.row(y + index), halves);
        }
        let mut done = Done::default();
        if are_all_small && count == lanes && lanes > 1 {
            done = undo_blocks(d, shape, y, band, halves);
        }
        for index in 0..count {
            let [averages, residuals] = shape.get(index, halves);
            let (averages, residuals) = (&averages[done.pairs..], &residuals[done.pairs..]);
            let left = match done.pairs {
                0 => averages[0],
                _ => done.left[index],
            };
            let out = &mut band.row_mut(y + index)[2 * done.pairs..];
            match are_all_small {
                true => interleave::<i32>(left, averages, residuals, out),
                false => interleave::<i64>(left, averages, residuals, out),
            }
        }
        y += count;
    }
}

/// Progress in a set of rows.
#[derive(Default)]
struct Done {
    pairs: usize,
    /// The last finished sample of each row.
    left: [i32; MOST_LANES],
}

#[inline(always)]
fn load<D: SimdDescriptor>(d: D, lanes: &Lanes<D>) -> D::I32Vec {
    D::F32Vec::load_array(d, lanes).bitcast_to_i32()
}

/// Undoes whole vectors of pairs that have a next average, in one row per lane, starting at row
/// `y`.
#[inline(always)]
fn undo_blocks<D: SimdDescriptor>(
    d: D,
    shape: Halves,
    y: usize,
    band: &mut PlaneViewMut<'_, i32>,
    halves: &mut [i32],
) -> Done {
    let lanes = D::F32Vec::LEN;
    let mut done = Done::default();
    let blocks = shape.residuals.min(shape.averages - 1) / lanes;
    if blocks == 0 {
        return done;
    }
    let (step, middle) = (shape.stride / lanes, shape.middle / lanes);
    let halves = D::F32Vec::make_array_slice_mut(cast_slice_mut(halves));
    D::F32Vec::transpose_square(d, halves, step);
    let mut left = load(d, &halves[0]);
    for block in 0..blocks {
        D::F32Vec::transpose_square(d, &mut halves[block + 1..], step);
        D::F32Vec::transpose_square(d, &mut halves[middle + block..], step);
        let mut out = [Lanes::<D>::default(); 2 * MOST_LANES];
        let mut average = load(d, &halves[block]);
        for lane in 0..lanes {
            let next = match lane + 1 < lanes {
                true => load(d, &halves[(lane + 1) * step + block]),
                false => load(d, &halves[block + 1]),
            };
            let residual = load(d, &halves[lane * step + middle + block]);
            let [first, second] = unsqueeze_vector(d, left, average, next, residual);
            first.bitcast_to_f32().store_array(&mut out[2 * lane]);
            second.bitcast_to_f32().store_array(&mut out[2 * lane + 1]);
            (left, average) = (second, next);
        }
        let (first, second) = out.split_at_mut(lanes);
        D::F32Vec::transpose_square(d, first, 1);
        D::F32Vec::transpose_square(d, second, 1);
        for (index, (first, second)) in first.iter().zip(&*second).take(lanes).enumerate() {
            let row = &mut band.row_mut(y + index)[2 * block * lanes..][..2 * lanes];
            let (left, right) = row.split_at_mut(lanes);
            load(d, first).store(left);
            load(d, second).store(right);
        }
    }
    // The remaining averages are read as rows again.
    D::F32Vec::transpose_square(d, &mut halves[blocks..], step);
    left.store(&mut done.left);
    done.pairs = blocks * lanes;
    done
}

/// Undoes a vertical step in one strip.
pub(super) struct Vertical<'a, 'p> {
    pub(super) part: &'a VerticalStrip<'a>,
    pub(super) above: &'a mut [i32],
    pub(super) out: &'a mut PlaneViewMut<'p, i32>,
}

impl Kernel for Vertical<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, d: D) {
        let Self { part, above, out } = self;
        let mut are_all_small = are_small(above);
        for row in part.averages.rows().chain(part.residuals.rows()) {
            are_all_small &= are_small(row);
        }
        match are_all_small {
            true => interleave_small_rows(d.maybe_downgrade_256bit(), part, above, out),
            false => interleave_rows::<i64>(part, above, out),
        }
    }
}

/// [`interleave_rows`] with vectors.
#[inline(always)]
fn interleave_small_rows<D: SimdDescriptor>(
    d: D,
    part: &VerticalStrip<'_>,
    above: &mut [i32],
    strip: &mut PlaneViewMut<'_, i32>,
) {
    let (width, lanes) = (strip.width(), D::I32Vec::LEN);
    let in_vectors = width / lanes * lanes;
    let above = &mut above[..width];
    for y in 0..part.pairs {
        let [average, next, residual] = part.rows(y).map(|row| &row[..width]);
        let out = &mut strip.row_mut(2 * y)[..width];
        for x in (0..in_vectors).step_by(lanes) {
            let [first, second] = unsqueeze_vector(
                d,
                D::I32Vec::load(d, &above[x..]),
                D::I32Vec::load(d, &average[x..]),
                D::I32Vec::load(d, &next[x..]),
                D::I32Vec::load(d, &residual[x..]),
            );
            first.store(&mut out[x..]);
            second.store(&mut above[x..]);
        }
        for x in in_vectors..width {
            [out[x], above[x]] = unsqueeze::<i32>(above[x], average[x], next[x], residual[x]);
        }
        strip.row_mut(2 * y + 1).copy_from_slice(above);
    }
    part.copy_last(strip);
}

/// [`unsqueeze`] with vectors, for values that fit.
#[inline(always)]
fn unsqueeze_vector<D: SimdDescriptor>(
    d: D,
    before: D::I32Vec,
    average: D::I32Vec,
    next: D::I32Vec,
    residual: D::I32Vec,
) -> [D::I32Vec; 2] {
    let difference = residual + tendency::<D>(d, before, average, next);
    // Half of the difference, rounded toward zero.
    let half = (difference - difference.shr::<31, 31>()).shr::<1, 1>();
    let first = average + half;
    [first, first - difference]
}

/// [`super::tendency`] with vectors. Rising and falling slopes have the same distances.
#[inline(always)]
fn tendency<D: SimdDescriptor>(d: D, a: D::I32Vec, b: D::I32Vec, c: D::I32Vec) -> D::I32Vec {
    // 2^33 / 12, rounded up. The high half of a product with it, halved, is a twelfth.
    let twelfth = D::I32Vec::splat(d, 0x2AAA_AAAB);
    let (one, six) = (D::I32Vec::splat(d, 1), D::I32Vec::splat(d, 6));
    let (left, right, whole) = ((a - b).abs(), (b - c).abs(), a - c);
    let sum = left + right;
    let is_monotonic = sum.eq(whole.abs());
    let slope = sum.shl::<1, 1>() + sum + left;
    let x = (slope + six).mul_wide_take_high(twelfth).shr::<1, 1>();
    let (left, right) = (left.shl::<1, 1>(), right.shl::<1, 1>());
    let is_above_left = (x - (x & one)).gt(left);
    let x = is_above_left.if_then_else_i32(left + one, x);
    let is_above_right = (x + (x & one)).gt(right);
    let x = is_above_right.if_then_else_i32(right, x);
    let sign = whole.shr::<31, 31>();
    let x = (x ^ sign) - sign;
    is_monotonic.if_then_else_i32(x, D::I32Vec::splat(d, 0))
}
