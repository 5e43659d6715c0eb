use frame_arena::{
    AllocError, Plane, PlaneView, PlaneViewMut, Sample, Scratch, Spec, TileGrid, Tiles,
};

use super::window::{Window, WindowShape};
use crate::render::Placed;

/// What groups of one channel leave for those that are decoded later, or by other tasks.
pub(super) struct Seams<'s, T> {
    shape: WindowShape,
    /// Groups of a run, and all columns of groups.
    run_length: usize,
    /// The last rows of a row of groups.
    above: Plane<'s, T>,
    /// The columns on both sides of the boundaries between the runs of a row.
    beside: Plane<'s, T>,
}

/// The part of a [`Seams`] that a run of groups reads and writes.
pub(super) struct RunSeams<'p, T> {
    /// The last rows of the groups above, then of the run's own.
    above: Option<PlaneViewMut<'p, T>>,
    /// The first columns of the run's first group.
    first: Option<PlaneViewMut<'p, T>>,
    /// The last columns of the run's last group.
    last: Option<PlaneViewMut<'p, T>>,
}

/// Cuts a [`Seams`] into the parts of the runs.
pub(super) struct RunsSeams<'p, T: Sample> {
    above: Tiles<PlaneViewMut<'p, T>>,
    beside: Tiles<PlaneViewMut<'p, T>>,
    /// Of the next run.
    first: Option<PlaneViewMut<'p, T>>,
}

impl<'p, T: Sample> RunsSeams<'p, T> {
    /// The part of the next run; nothing beyond the last.
    pub(super) fn next(&mut self) -> RunSeams<'p, T> {
        let (first, last) = (self.first.take(), self.beside.next());
        self.first = self.beside.next();
        RunSeams {
            above: self.above.next(),
            first,
            last,
        }
    }
}

impl<'s, T: Sample> Seams<'s, T> {
    /// For rows of `runs` runs of `run_length` groups.
    pub(super) fn new(
        shape: WindowShape,
        (runs, run_length): (usize, usize),
        scratch: &'s Scratch<'_>,
    ) -> Result<Self, AllocError> {
        let [above, beside] = shape.seams(runs - 1).open(scratch)?;
        Ok(Self {
            shape,
            run_length,
            above,
            beside,
        })
    }

    /// The parts of the runs of a row of groups, from the left; one after the other.
    pub(super) fn runs(&mut self) -> RunsSeams<'_, T> {
        let (columns, rows) = self.shape.kept();
        let run_width = self.run_length * self.shape.group_width();
        let grid = |width: usize, height: usize| TileGrid::new(width.max(1), height.max(1));
        let height = self.beside.height();
        RunsSeams {
            above: self.above.tiles(grid(run_width, rows)),
            beside: self.beside.tiles(grid(columns, height)),
            first: None,
        }
    }

    /// What there is around the boundary between a run and the next one, which starts at the column
    /// and row of groups `place`.
    pub(super) fn boundary(&self, run: usize, place: (usize, usize)) -> Placed<'_, T> {
        let kept = self.shape.kept();
        let (width, height) = self.shape.group_size(place);
        let (width, height) = (kept.0 + kept.0.min(width), kept.1 + height);
        let samples = self.beside.view().rect(2 * kept.0 * run, 0, width, height);
        self.shape.place(samples, place, true)
    }
}

impl<T: Sample> RunSeams<'_, T> {
    /// Before a group is decoded: what the groups above left. `index` counts the groups of the run.
    pub(super) fn before(&self, index: usize, place: (usize, usize), window: &mut Window<'_, T>) {
        if index > 0 {
            window.move_on();
        }
        if let (Some(above), 1..) = (&self.above, place.1) {
            let shape = window.shape();
            let (start, (width, _)) = (index * shape.group_width(), shape.group_size(place));
            window.set_above(above.view().rect(start, 0, width, above.height()));
        }
    }

    /// After a group is decoded: what others need of it.
    pub(super) fn after(
        &mut self,
        (index, length): (usize, usize),
        place: (usize, usize),
        window: &Window<'_, T>,
    ) {
        let shape = *window.shape();
        if let (Some(above), false) = (&mut self.above, shape.is_last_row(place.1)) {
            let (width, _) = shape.group_size(place);
            let rows = window.last_rows(width);
            let start = index * shape.group_width();
            let place = above.reborrow();
            place
                .into_rect(start, 0, width, rows.height())
                .copy_from(rows);
        }
        if let (Some(first), 0) = (&mut self.first, index) {
            copy(window.first_columns(place), first);
        }
        if let (Some(last), true) = (&mut self.last, index + 1 == length) {
            copy(window.last_columns(place), last);
        }
    }
}

/// Copies to the upper left corner.
fn copy<T: Sample>(from: PlaneView<'_, T>, to: &mut PlaneViewMut<'_, T>) {
    let (width, height) = (from.width(), from.height());
    to.reborrow().into_rect(0, 0, width, height).copy_from(from);
}
