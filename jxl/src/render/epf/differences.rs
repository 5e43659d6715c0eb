use std::ops::Range;

use frame_arena::PlaneViewMut;

use super::kernels;
use crate::render::filter::FilterInput;
use crate::render::ring::Ring;
use crate::render::span::Span;

/// Number of rows kept for each direction; row `r` is in place `r mod 3`.
const KEPT: usize = 3;

/// Weighted sums over the channels of absolute differences between samples and their neighbors, and
/// their sums over a plus shape, in rows around the one that is being filtered, for the pass with
/// twelve neighbors.
#[derive(Clone, Copy)]
pub(super) struct Differences {
    channel_scale: [f32; 3],
}

/// The kept rows of differences and sums.
pub(super) struct KeptDifferences<'k> {
    sums: PlaneViewMut<'k, f32>,
    /// Differences of samples.
    single: PlaneViewMut<'k, f32>,
}

impl Differences {
    /// Directions to neighbors, `(dx, dy)`, without the opposite ones.
    pub(super) const DIRECTIONS: [(isize, usize); 6] =
        [(1, 0), (2, 0), (0, 1), (0, 2), (1, 1), (-1, 1)];
    /// Number of rows kept.
    pub(super) const ROWS: usize = 2 * KEPT * Self::DIRECTIONS.len();

    pub(super) fn new(channel_scale: [f32; 3]) -> Self {
        Self { channel_scale }
    }

    /// Splits the kept rows by their use.
    pub(super) fn split<'k>(&self, rows: PlaneViewMut<'k, f32>) -> KeptDifferences<'k> {
        let (sums, single) = rows.split_at_row(KEPT * Self::DIRECTIONS.len());
        KeptDifferences { sums, single }
    }

    /// Computes the sums of row `y`, and those of the rows above whose neighbor is in row `y`. The
    /// sums of the row above were computed before, unless `y` is the first row.
    pub(super) fn advance(
        &self,
        y: isize,
        input: FilterInput<'_, '_>,
        kept: &mut KeptDifferences<'_>,
    ) {
        for (direction, &(_, dy)) in Self::DIRECTIONS.iter().enumerate() {
            let first = match input.is_first {
                true => y - dy as isize,
                false => y,
            };
            for row in first..=y {
                let is_first = input.is_first && row == first;
                self.sum(direction, row, is_first, input, kept);
            }
        }
    }

    /// Computes the sums of one row. The sums of the row above were computed before, unless it is
    /// the first row.
    fn sum(
        &self,
        direction: usize,
        row: isize,
        is_first: bool,
        input: FilterInput<'_, '_>,
        kept: &mut KeptDifferences<'_>,
    ) {
        let FilterInput { rows, span, .. } = input;
        let (scale, to) = (self.channel_scale, Self::DIRECTIONS[direction]);
        let out = kept.sums.row_mut(slot(direction, row));
        for row in if is_first { row - 1 } else { row + 1 }..=row + 1 {
            let out = kept.single.row_mut(slot(direction, row));
            differences(rows, span, scale, to, row, out);
        }
        let derived = span.derived();
        let around = derived.start - 1..derived.end + 1;
        let around = |row| &kept.single.row(slot(direction, row))[around.clone()];
        let rows = [around(row - 1), around(row), around(row + 1)];
        kernels::plus_sums(rows, &mut out[derived]);
    }
}

impl KeptDifferences<'_> {
    /// Sums in a direction at row `row`, `dx` columns to the side of each produced column.
    pub(super) fn sums(
        &self,
        direction: usize,
        row: isize,
        dx: isize,
        produced: &Range<usize>,
    ) -> &[f32] {
        let start = produced.start.wrapping_add_signed(dx);
        &self.sums.row(slot(direction, row))[start..start + produced.len()]
    }
}

fn slot(direction: usize, row: isize) -> usize {
    direction * KEPT + row.rem_euclid(KEPT as isize) as usize
}

fn differences<'r>(
    input: &'r Ring<'_>,
    span: &Span,
    scale: [f32; 3],
    (dx, dy): (isize, usize),
    row: isize,
    out: &mut [f32],
) {
    let derived = span.derived();
    let beside = derived.start.wrapping_add_signed(dx);
    let part = |[x, y, b]: [&'r [f32]; 3], start: usize| {
        let columns = start..start + derived.len();
        [&x[columns.clone()], &y[columns.clone()], &b[columns]]
    };
    let here = part(input.rows(row), derived.start);
    let there = part(input.rows(row + dy as isize), beside);
    kernels::differences(scale, here, there, &mut out[derived.clone()]);
}
