//! What the row above says about some columns of the current row, computed for all of them at once.

use std::hint::select_unpredictable;
use std::ops::Range;

use bytemuck::{Pod, Zeroable, cast_slice, cast_slice_mut};
use jxl_simd::{I32SimdVec, SimdDescriptor, SimdMask};

use crate::modular::WeightedParams;
use crate::modular::rows::{PIECE, ROOM, copy};
use crate::simd::{Kernel, dispatch_octets};

/// Numbers for a piece of a row. Those of column `x` are at `x % PIECE`.
///
/// The fields from `north` on are only valid if 32 bits suffice, and are in eighths.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Above {
    /// Error of each sub-predictor in the current row. At first, those of the row above, from one
    /// column before the piece to one behind it.
    pub(super) errors: [[i32; 4]; ROOM],
    /// Error of each sub-predictor: the sum of those above left, above and above right.
    pub(super) error_sums: [[i32; 4]; ROOM],
    /// Errors of the prediction in the current row.
    pub(super) true_errors: [i32; ROOM],
    /// Errors of the prediction in the row above, from one column before the piece to one behind.
    true_errors_above: [i32; ROOM],
    /// The largest of those above left, above and above right.
    largest: [i32; ROOM],
    /// Its absolute value, negated, because that has no overflow.
    largest_size: [i32; ROOM],
    /// The samples of the row above, to one column behind the piece.
    samples: [i32; ROOM],
    /// The sample above.
    pub(super) north: [i32; ROOM],
    /// Difference of the samples above right and above.
    pub(super) east: [i32; ROOM],
    /// The smaller of the samples above and above right.
    pub(super) low: [i32; ROOM],
    /// The larger of the two.
    pub(super) high: [i32; ROOM],
    /// Sum of the errors above and above right.
    pub(super) true_n_ne: [i32; ROOM],
    /// Sum of the errors above and above left.
    pub(super) true_n_nw: [i32; ROOM],
    /// Negative if the errors above and above left have different signs.
    signs: [i32; ROOM],
    /// The guess of the fourth sub-predictor.
    pub(super) fourth: [i32; ROOM],
    /// Errors of the row above in the column before the next piece.
    errors_before: [i32; 4],
    true_error_before: i32,
    unused: [i32; 3],
}

/// The row above.
#[derive(Clone, Copy)]
pub(super) struct RowAbove<'a> {
    pub(super) errors: &'a [[i32; 4]],
    pub(super) true_errors: &'a [i32],
    /// Its samples; without them, see [`Above::set_samples`].
    pub(super) samples: Option<&'a [i32]>,
    /// The parameters, if 32 bits suffice.
    pub(super) narrow: Option<WeightedParams>,
}

impl Above {
    /// Starts a row.
    #[inline(always)]
    pub(super) fn begin_row(&mut self, errors: &[[i32; 4]], true_errors: &[i32]) {
        // The column to the left of the first one is replaced by the first one.
        self.errors_before = errors[0];
        self.true_error_before = true_errors[0];
    }

    /// Starts a piece.
    #[inline(never)]
    pub(super) fn begin(&mut self, columns: &Range<usize>, row: RowAbove<'_>) {
        let above = self;
        let columns = columns.clone();
        dispatch_octets(Begin {
            above,
            columns,
            row,
        });
    }

    /// Ends a piece: writes the errors of the current row over those of the row above.
    #[inline(always)]
    pub(super) fn end(
        &mut self,
        columns: &Range<usize>,
        errors: &mut [[i32; 4]],
        true_errors: &mut [i32],
    ) {
        let at = columns.start % PIECE;
        self.errors_before = errors[columns.end - 1];
        self.true_error_before = true_errors[columns.end - 1];
        copy(&self.errors[at..], &mut errors[columns.clone()]);
        copy(&self.true_errors[at..], &mut true_errors[columns.clone()]);
    }

    /// The errors of the prediction above left, above and above right.
    #[inline(always)]
    pub(super) fn true_errors_above(&self, at: usize) -> [i32; 3] {
        [0, 1, 2].map(|i| self.true_errors_above[at + i])
    }

    /// The samples above and above right.
    #[inline(always)]
    pub(super) fn samples(&self, at: usize) -> [i32; 2] {
        [self.samples[at], self.samples[at + 1]]
    }

    /// Makes a sample in eighths the one above and above right. Errors of these are 0.
    #[inline(always)]
    pub(super) fn set_samples(&mut self, at: usize, sample: i32) {
        self.north[at] = sample;
        self.low[at] = sample;
        self.high[at] = sample;
        self.fourth[at] = sample;
    }

    /// The largest error of the prediction around, if `true_w` is the one to the left.
    #[inline(always)]
    pub(super) fn largest(&self, at: usize, true_w: i32) -> i32 {
        let size = true_w.wrapping_abs().wrapping_neg();
        let is_larger = self.largest_size[at] < size;
        select_unpredictable(is_larger, self.largest[at], true_w)
    }

    /// Whether a prediction may be clamped between the samples around, if `true_w` is the error to
    /// the left. If all errors around have equal sign, the sample may lie outside.
    #[inline(always)]
    pub(super) fn may_clamp(&self, at: usize, true_w: i32) -> bool {
        (self.true_errors_above[at + 1] ^ true_w) | self.signs[at] <= 0
    }
}

struct Begin<'a> {
    above: &'a mut Above,
    columns: Range<usize>,
    row: RowAbove<'a>,
}

impl Kernel for Begin<'_> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, d: D) {
        let Self {
            above,
            columns,
            row,
        } = self;
        let (at, count) = (columns.start % PIECE, columns.len());
        // The column to the right of the last one is replaced by the last one.
        let next = columns.end.min(row.errors.len() - 1);
        above.errors[at] = above.errors_before;
        copy(&row.errors[columns.clone()], &mut above.errors[at + 1..]);
        above.errors[at + count + 1] = row.errors[next];
        above.true_errors_above[at] = above.true_error_before;
        let true_errors = &row.true_errors[columns.clone()];
        copy(true_errors, &mut above.true_errors_above[at + 1..]);
        above.true_errors_above[at + count + 1] = row.true_errors[next];
        let lanes = D::I32Vec::LEN;
        for i in (4 * at..4 * (at + count)).step_by(lanes) {
            above.sum_errors(d, i);
        }
        for i in (at..at + count).step_by(lanes) {
            above.compare_errors(d, i);
        }
        match row.samples {
            Some(samples) => {
                copy(&samples[columns], &mut above.samples[at..]);
                above.samples[at + count] = samples[next];
            }
            None => above.samples.fill(0),
        }
        if let Some(params) = row.narrow {
            for i in (at..at + count).step_by(lanes) {
                above.guess(d, i, params.p3);
            }
        }
    }
}

/// Steps of vectors. `i` is the place of the first number.
impl Above {
    #[inline(always)]
    fn sum_errors<D: SimdDescriptor>(&mut self, d: D, i: usize) {
        let errors = &cast_slice::<[i32; 4], i32>(&self.errors)[i..i + 8 + D::I32Vec::LEN];
        let error = |at: usize| D::I32Vec::load(d, &errors[at..]);
        let sum = error(0) + error(4) + error(8);
        sum.store(&mut cast_slice_mut::<[i32; 4], i32>(&mut self.error_sums)[i..]);
    }

    #[inline(always)]
    fn true_errors_of<D: SimdDescriptor>(&self, d: D, i: usize) -> [D::I32Vec; 3] {
        let errors = &self.true_errors_above[i..i + 2 + D::I32Vec::LEN];
        [
            D::I32Vec::load(d, errors),
            D::I32Vec::load(d, &errors[1..]),
            D::I32Vec::load(d, &errors[2..]),
        ]
    }

    #[inline(always)]
    fn compare_errors<D: SimdDescriptor>(&mut self, d: D, i: usize) {
        let [nw, n, ne] = self.true_errors_of(d, i);
        let largest = larger::<D>(
            larger::<D>(with_size::<D>(n), with_size::<D>(nw)),
            with_size::<D>(ne),
        );
        largest.0.store(&mut self.largest[i..]);
        largest.1.store(&mut self.largest_size[i..]);
    }

    #[inline(always)]
    fn guess<D: SimdDescriptor>(&mut self, d: D, i: usize, p3: [u32; 5]) {
        let [nw, n, ne] = self.true_errors_of(d, i);
        (n + ne).store(&mut self.true_n_ne[i..]);
        (n + nw).store(&mut self.true_n_nw[i..]);
        (n ^ nw).store(&mut self.signs[i..]);
        let samples = &self.samples[i..i + 1 + D::I32Vec::LEN];
        let north = D::I32Vec::load(d, samples).shl::<3, 3>();
        let north_east = D::I32Vec::load(d, &samples[1..]).shl::<3, 3>();
        let is_falling = north.gt(north_east);
        let low = is_falling.if_then_else_i32(north_east, north);
        let high = is_falling.if_then_else_i32(north, north_east);
        north.store(&mut self.north[i..]);
        (north_east - north).store(&mut self.east[i..]);
        low.store(&mut self.low[i..]);
        high.store(&mut self.high[i..]);
        let factor = |i: usize| D::I32Vec::splat(d, p3[i] as i32);
        let sum = nw * factor(0) + n * factor(1) + ne * factor(2);
        (north - sum.shr::<5, 5>()).store(&mut self.fourth[i..]);
    }
}

/// Numbers, and their absolute values negated.
type WithSize<D> = (<D as SimdDescriptor>::I32Vec, <D as SimdDescriptor>::I32Vec);

#[inline(always)]
fn with_size<D: SimdDescriptor>(numbers: D::I32Vec) -> WithSize<D> {
    (numbers, -numbers.abs())
}

/// The numbers farther from zero, or those of `a` if both are equally far.
#[inline(always)]
fn larger<D: SimdDescriptor>(a: WithSize<D>, b: WithSize<D>) -> WithSize<D> {
    let is_b = a.1.gt(b.1);
    (
        is_b.if_then_else_i32(b.0, a.0),
        is_b.if_then_else_i32(b.1, a.1),
    )
}
