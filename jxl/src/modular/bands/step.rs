//! One squeeze step of a channel, undone by bands.

use frame_arena::{
    AllocError, Plane, PlaneSpec, PlaneViewMut, Sample, Scope, ScopePlan, Spec, TileGrid,
};

use super::plan_squeeze;
use crate::Error;
use crate::modular::inverse::{STRIP_COLUMNS, VerticalStrip, invert_squeeze};
use crate::workers::Workers;

/// A squeeze step. Its output is in the upper left corner of the band's plane. Its averages are
/// there too, with the residuals to the right of them or below.
pub(super) struct BandStep {
    pub(super) horizontal: bool,
    /// The coded channel that holds the residuals.
    pub(super) coded: usize,
    /// Columns of the step's output.
    pub(super) width: usize,
    /// Size of all residuals of the channel.
    pub(super) residuals: (usize, usize),
    /// Rows of residuals in a band.
    pub(super) residual_rows: usize,
    /// Rows in the plane for the step's output.
    pub(super) rows: usize,
    /// Rows in the plane for the averages.
    pub(super) average_rows: usize,
    /// Rows of averages that are finished with the next band.
    pub(super) lag: usize,
}

/// The band that a step is undone for.
#[derive(Clone, Copy)]
pub(super) struct StepState {
    pub(super) band: usize,
    pub(super) is_last: bool,
}

/// Rows that a step keeps for the next band. A vertical step keeps its last output row and its last
/// row of averages, then residuals. A horizontal step keeps residuals only.
pub(super) struct Carried<'s> {
    plane: Plane<'s, i32>,
    residuals: usize,
    /// True if the rows of a vertical step were written. The first band starts without them.
    has_above: bool,
    has_average: bool,
}

impl<'s> Carried<'s> {
    pub(super) fn new(plane: Plane<'s, i32>) -> Self {
        Self {
            plane,
            residuals: 0,
            has_above: false,
            has_average: false,
        }
    }
}

/// Rows before the residuals in the [`Carried`] plane of a vertical step.
const ABOVE_AND_AVERAGE: usize = 2;

impl BandStep {
    /// Most rows of residuals of a band.
    pub(super) fn most_residual_rows(&self) -> usize {
        self.residual_rows.min(self.residuals.1)
    }

    /// Most rows of residuals that a step keeps for the next band.
    fn most_carried(&self) -> usize {
        match self.horizontal {
            true => self.lag,
            false => self.lag + 1,
        }
    }

    pub(super) fn carried_spec(&self) -> PlaneSpec<i32> {
        // Stale: rows are kept before they are read.
        let rows = self.most_carried();
        match self.horizontal {
            true => PlaneSpec::stale(self.residuals.0, rows),
            false => PlaneSpec::stale(self.width, ABOVE_AND_AVERAGE + rows),
        }
    }

    /// Memory for the averages and residuals of one strip of a vertical step.
    fn halves_spec(&self) -> PlaneSpec<i32> {
        let rows = self.average_rows + 1 + self.most_residual_rows() + self.most_carried();
        // Stale: everything read is copied in first.
        PlaneSpec::stale(STRIP_COLUMNS.min(self.width), rows)
    }

    /// Plans [`invert`](Self::invert).
    pub(super) fn plan(&self, threads: usize, stage: &mut ScopePlan<'_>) -> Result<(), AllocError> {
        match self.horizontal {
            true => plan_squeeze(true, (self.width, self.rows), threads, stage),
            false => {
                let strips = self.width.div_ceil(STRIP_COLUMNS);
                stage.tasks(threads.min(strips), |task| self.halves_spec().plan(task))
            }
        }
    }

    /// Rows of residuals in band `band`.
    fn residual_rows_of(&self, band: usize) -> usize {
        let above = band * self.residual_rows;
        self.residual_rows
            .min(self.residuals.1.saturating_sub(above))
    }

    /// Splits the step's place in the plane into the averages and the residuals of a band.
    pub(super) fn split<'p>(
        &self,
        place: PlaneViewMut<'p, i32>,
        band: usize,
    ) -> (PlaneViewMut<'p, i32>, PlaneViewMut<'p, i32>) {
        let (averages, residuals) = match self.horizontal {
            true => place.split_at_column(self.width - self.residuals.0),
            false => place.split_at_row(self.average_rows),
        };
        let rows = self.residual_rows_of(band);
        (averages, residuals.split_at_row(rows).0)
    }

    /// Undoes the step in its place, with `rows` new rows of averages. Returns the number of output
    /// rows.
    pub(super) fn invert(
        &self,
        state: StepState,
        place: PlaneViewMut<'_, i32>,
        rows: usize,
        carried: &mut Carried<'_>,
        (scope, workers): (&Scope, Workers<'_>),
    ) -> Result<usize, Error> {
        match self.horizontal {
            true => self.invert_horizontal(state, place, rows, carried, (scope, workers)),
            false => self.invert_vertical(state, place, rows, carried, (scope, workers)),
        }
    }

    fn invert_horizontal(
        &self,
        StepState { band, .. }: StepState,
        mut place: PlaneViewMut<'_, i32>,
        rows: usize,
        carried: &mut Carried<'_>,
        (scope, workers): (&Scope, Workers<'_>),
    ) -> Result<usize, Error> {
        let (width, height) = (self.residuals.0, place.height());
        let first = self.width - width;
        if carried.residuals > 0 || rows < self.residual_rows_of(band) {
            let mut residuals = place.reborrow().into_rect(first, 0, width, height);
            let count = carried.residuals;
            let new = self.residual_rows_of(band);
            // Carried rows come before new ones.
            for y in (0..new).rev().take(if count == 0 { 0 } else { new }) {
                let [from, to] = residuals.disjoint_rows_mut([y, y + count]);
                to.copy_from_slice(from);
            }
            for y in 0..count {
                residuals.row_mut(y).copy_from_slice(carried.plane.row(y));
            }
            carried.residuals = (count + new).saturating_sub(rows);
            for y in 0..carried.residuals {
                let row = residuals.row(rows + y);
                carried.plane.row_mut(y).copy_from_slice(row);
            }
        }
        let undone = place.into_rect(0, 0, self.width, rows);
        if rows > 0 {
            invert_squeeze(true, undone, (scope, workers))?;
        }
        Ok(rows)
    }

    fn invert_vertical(
        &self,
        StepState { band, is_last }: StepState,
        place: PlaneViewMut<'_, i32>,
        rows: usize,
        carried: &mut Carried<'_>,
        (scope, workers): (&Scope, Workers<'_>),
    ) -> Result<usize, Error> {
        let new_residuals = self.residual_rows_of(band);
        let averages = rows + usize::from(carried.has_average);
        let residuals = carried.residuals + new_residuals;
        let pairs = match is_last {
            true => residuals.min(averages),
            false => residuals.min(averages.saturating_sub(1)),
        };
        let ends_alone = is_last && averages > pairs;
        let part = Part {
            step: self,
            rows,
            new_residuals,
            averages,
            residuals,
            pairs,
            ends_alone,
            has_average: carried.has_average,
            has_above: carried.has_above,
            carried_residuals: carried.residuals,
        };
        let grid = |height: usize| TileGrid::new(STRIP_COLUMNS, height);
        let kept_rows = carried.plane.height();
        let strips = place.into_tiles(grid(self.rows));
        let kept = carried.plane.tiles(grid(kept_rows));
        workers.for_each(strips.zip(kept), |(strip, kept)| {
            part.invert(strip, kept, scope)
        })?;
        carried.has_above |= pairs > 0;
        carried.has_average = averages > pairs && !ends_alone;
        carried.residuals = residuals - pairs;
        Ok(2 * pairs + usize::from(ends_alone))
    }
}

/// The work of a vertical step on each strip of a band.
struct Part<'a> {
    step: &'a BandStep,
    /// New rows of averages and of residuals.
    rows: usize,
    new_residuals: usize,
    /// Rows of averages and of residuals, including carried ones.
    averages: usize,
    residuals: usize,
    /// Rows of averages that become two output rows each.
    pairs: usize,
    /// True if the last row of averages becomes the last output row alone.
    ends_alone: bool,
    has_average: bool,
    has_above: bool,
    carried_residuals: usize,
}

impl Part<'_> {
    fn invert(
        &self,
        mut strip: PlaneViewMut<'_, i32>,
        mut kept: PlaneViewMut<'_, i32>,
        scope: &Scope,
    ) -> Result<(), Error> {
        let width = strip.width();
        if self.averages == 0 {
            return Ok(());
        }
        scope.with_scratch(|scratch| {
            let mut halves = self.step.halves_spec().open(scratch)?;
            let halves = halves
                .view_mut()
                .into_rect(0, 0, width, self.averages + self.residuals);
            let (mut averages, mut residuals) = halves.split_at_row(self.averages);
            let mut first = 0;
            if self.has_average {
                averages.row_mut(0).copy_from_slice(kept.row(1));
                first = 1;
            }
            copy(&strip, 0, &mut averages, first, self.rows);
            let first = self.carried_residuals;
            copy(&kept, ABOVE_AND_AVERAGE, &mut residuals, 0, first);
            let place = self.step.average_rows;
            copy(&strip, place, &mut residuals, first, self.new_residuals);
            let mut above = [0; STRIP_COLUMNS];
            let above = &mut above[..width];
            match self.has_above {
                true => above.copy_from_slice(kept.row(0)),
                false => above.copy_from_slice(averages.row(0)),
            }
            VerticalStrip {
                averages: averages.view(),
                residuals: residuals.view(),
                pairs: self.pairs,
                ends_alone: self.ends_alone,
            }
            .undo(above, &mut strip);
            kept.row_mut(0).copy_from_slice(above);
            if self.averages > self.pairs {
                kept.row_mut(1)
                    .copy_from_slice(averages.row(self.averages - 1));
            }
            let left = self.residuals - self.pairs;
            copy(&residuals, self.pairs, &mut kept, ABOVE_AND_AVERAGE, left);
            Ok(())
        })
    }
}

/// Copies `count` rows.
fn copy<T: Sample>(
    from: &PlaneViewMut<'_, T>,
    first: usize,
    to: &mut PlaneViewMut<'_, T>,
    place: usize,
    count: usize,
) {
    for y in 0..count {
        to.row_mut(place + y).copy_from_slice(from.row(first + y));
    }
}
