//! The passes with four neighbors.

use std::ops::Range;

use frame_arena::PlaneViewMut;

use super::kernels;
use super::pass::Pass;
use crate::render::filter::FilterInput;
use crate::render::span::STEP;

/// Number of rows kept for each direction; row `r` is in place `r mod 4`.
const KEPT: usize = 4;

/// Weighted sums over the channels of absolute differences between samples and their neighbors to
/// the right and below, in rows around the one that is being filtered.
pub(super) struct Cross {
    channel_scale: [f32; 3],
    /// Whether plus shapes are compared, not single samples.
    is_plus: bool,
}

impl Cross {
    /// Number of rows kept: differences to the right, differences to below, and marks of blocks
    /// with differences around.
    pub(super) const ROWS: usize = 2 * KEPT + 1;

    pub(super) fn new(pass: Pass, channel_scale: [f32; 3]) -> Self {
        Self {
            channel_scale,
            is_plus: pass == Pass::One,
        }
    }

    /// Filters row `y`.
    pub(super) fn run(
        &self,
        y: isize,
        input: FilterInput<'_, '_>,
        kept: PlaneViewMut<'_, f32>,
        multipliers: &[f32],
        out: [&mut [f32]; 3],
    ) {
        let (mut differences, mut marks) = kept.split_at_row(2 * KEPT);
        let produced = input.span.produced();
        let marks = &mut bytemuck::cast_slice_mut(marks.row_mut(0))[..marks_of(&produced)];
        let ahead = isize::from(self.is_plus);
        let first = match input.is_first {
            true => y - 1 - ahead,
            false => y + ahead,
        };
        for row in first..=y + ahead {
            self.differ(row, row == first, input, &mut differences, marks);
        }
        let rows = [
            input.rows.rows(y - 1),
            input.rows.rows(y),
            input.rows.rows(y + 1),
        ];
        let right = |dy| differences.row(slot(y + dy));
        let below = |dy| differences.row(KEPT + slot(y + dy));
        if self.is_plus {
            let right = [right(-1), right(0), right(1)];
            let below = [below(-2), below(-1), below(0), below(1)];
            kernels::mean_by_plus(multipliers, right, below, rows, produced.start, out);
        } else {
            let sums = [right(0), below(-1), below(0)];
            kernels::mean_by_single(multipliers, sums, rows, produced.start, out);
        }
    }

    /// Computes the differences of a row, which the rows from the one above to the second below may
    /// need.
    fn differ(
        &self,
        row: isize,
        is_first: bool,
        input: FilterInput<'_, '_>,
        differences: &mut PlaneViewMut<'_, f32>,
        marks: &mut [u8],
    ) {
        let block = |row: isize| row.max(0) as usize / 8;
        if is_first && input.is_first || matches!(row.rem_euclid(8), 1 | 6) {
            let first = (input.span.columns().start as isize - STEP as isize) / 8;
            let rows = [block(row - 1), block(row + 2)];
            input.sigma.mark_near(first, rows, marks);
        }
        let [right, below] = differences.disjoint_rows_mut([slot(row), KEPT + slot(row)]);
        kernels::cross_differences(
            self.channel_scale,
            [input.rows.rows(row), input.rows.rows(row + 1)],
            input.span.produced(),
            marks,
            [right, below],
        );
    }
}

/// Number of blocks of the columns that are produced, with a step on both sides.
fn marks_of(produced: &Range<usize>) -> usize {
    (produced.len() + 2 * STEP) / 8
}

fn slot(row: isize) -> usize {
    row.rem_euclid(KEPT as isize) as usize
}
