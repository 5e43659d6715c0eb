use std::ops::Range;

use frame_arena::{Plane, PlaneSpec, Spec};

use super::kernels;
use super::pass::Pass;
use crate::render::ring::Ring;
use crate::render::span::Span;

/// Weighted sums over the channels of absolute differences between samples and their neighbors,
/// and their sums over a plus shape, in rows around the one that is being filtered.
pub(super) struct Differences<'s> {
    directions: &'static [(isize, usize)],
    channel_scale: [f32; 3],
    /// Three rows per direction, of row `r` in row `r mod 3`; none where single samples are
    /// compared.
    single: Option<Plane<'s, f32>>,
    /// Three rows per direction as well.
    sums: Plane<'s, f32>,
    /// The row that [`advance`](Self::advance) came to.
    current: Option<isize>,
}

const KEPT: usize = 3;

/// Differences; their sums.
pub(super) type DifferencesSpec = (Option<PlaneSpec<f32>>, PlaneSpec<f32>);

impl<'s> Differences<'s> {
    pub(super) fn spec(pass: Pass, span: &Span) -> DifferencesSpec {
        // Stale: rows are written wholly, up to columns whose results nobody uses.
        let plane = PlaneSpec::stale(span.len(), KEPT * pass.directions().len());
        ((pass != Pass::Two).then_some(plane), plane)
    }

    pub(super) fn new(
        pass: Pass,
        channel_scale: [f32; 3],
        (single, sums): <DifferencesSpec as Spec>::Memory<'s>,
    ) -> Self {
        Self {
            directions: pass.directions(),
            channel_scale,
            single,
            sums,
            current: None,
        }
    }

    /// Makes the sums of row `y` and those of the rows above that have their neighbor in it.
    pub(super) fn advance(&mut self, input: &Ring<'_>, span: &Span, y: isize) {
        let follows = self.current == Some(y - 1);
        self.current = Some(y);
        for direction in 0..self.directions.len() {
            let (_, dy) = self.directions[direction];
            let first = if follows { y } else { y - dy as isize };
            for row in first..=y {
                let is_first = row == first && !follows;
                self.sum(input, span, direction, row, is_first);
            }
        }
    }

    /// Makes the sums of one row. Where they are not the `first`, those of the row above were made
    /// before.
    fn sum(&mut self, input: &Ring<'_>, span: &Span, direction: usize, row: isize, first: bool) {
        let (scale, to) = (self.channel_scale, self.directions[direction]);
        let out = self.sums.row_mut(slot(direction, row));
        let Some(single) = &mut self.single else {
            return differences(input, span, scale, to, row, out);
        };
        for row in if first { row - 1 } else { row + 1 }..=row + 1 {
            let out = single.row_mut(slot(direction, row));
            differences(input, span, scale, to, row, out);
        }
        let derived = span.derived();
        let around = derived.start - 1..derived.end + 1;
        let around = |row| &single.row(slot(direction, row))[around.clone()];
        let rows = [around(row - 1), around(row), around(row + 1)];
        kernels::plus_sums(rows, &mut out[derived]);
    }

    /// Sums in a direction at row `row`, `dx` columns beside each that is produced.
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
