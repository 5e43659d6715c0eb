use frame_arena::{AllocError, Plane, PlaneView, PlaneViewMut, Sample, Scratch, Spec, TileGrid};

use super::channels::Channels;
use super::shape::GroupsShape;
use super::window::{ChannelWindow, Window, WindowShape};
use crate::Error;
use crate::grid::{GroupPos, Size};
use crate::memory::{List, Memory};
use crate::render::Placed;

/// Samples that groups keep for groups decoded later, or by other workers.
pub(super) type Seams<'s> = Channels<'s, ChannelSeams<'s, f32>, ChannelSeams<'s, i32>>;

/// The last rows of the lowest decoded group of a column.
pub(super) type RowsAbove<'p> = Channels<'p, ChannelRows<'p, f32>, ChannelRows<'p, i32>>;

/// The columns on both sides of a boundary between batches.
pub(super) type ColumnsAround<'p> = Channels<'p, ChannelColumns<'p, f32>, ChannelColumns<'p, i32>>;

impl<'s> Seams<'s> {
    pub(super) fn new(
        shape: &GroupsShape<'_>,
        (scratch, memory): (&'s Scratch<'_>, Memory<'s>),
    ) -> Result<Self, Error> {
        let window = &shape.window;
        let color = |channel: usize| Ok(ChannelSeams::new(window.color[channel], shape, scratch)?);
        let extra = window.extra.iter();
        let extra = extra.map(|&window| Ok(ChannelSeams::new(window, shape, scratch)?));
        Self::try_new(color, extra, memory)
    }

    /// Cuts the seams into those of `columns` columns of groups and of `boundaries` boundaries.
    pub(super) fn cut<'p>(
        &'p mut self,
        columns: usize,
        boundaries: usize,
        memory: Memory<'p>,
    ) -> Result<(List<'p, RowsAbove<'p>>, List<'p, ColumnsAround<'p>>), Error> {
        let (mut color_rows, mut color_columns) = (memory.list(3)?, memory.list(3)?);
        for seams in &mut self.color {
            let (rows, columns) = seams.cut();
            color_rows.push(rows);
            color_columns.push(columns);
        }
        let extra = self.extra.len();
        let (mut extra_rows, mut extra_columns) = (memory.list(extra)?, memory.list(extra)?);
        for seams in &mut *self.extra {
            let (rows, columns) = seams.cut();
            extra_rows.push(rows);
            extra_columns.push(columns);
        }
        let rows = memory.try_collect((0..columns).map(|_| {
            let extra = extra_rows.iter_mut().map(|next| Ok(next()));
            Channels::try_new(|channel| Ok(color_rows[channel]()), extra, memory)
        }))?;
        let columns = memory.try_collect((0..boundaries).map(|_| {
            let extra = extra_columns.iter_mut().map(|next| Ok(next()));
            Channels::try_new(|channel| Ok(color_columns[channel]()), extra, memory)
        }))?;
        Ok((rows, columns))
    }
}

impl RowsAbove<'_> {
    /// Copies the rows into the window, around the group below.
    pub(super) fn put_above(&self, window: &mut Window<'_>) {
        for (rows, window) in self.color.iter().zip(&mut window.color) {
            rows.put_above(window);
        }
        for (rows, window) in self.extra.iter().zip(&mut *window.extra) {
            rows.put_above(window);
        }
    }

    /// Replaces the rows with those of group `pos`, which is in the window. The rows of a group of
    /// the last row are not kept.
    pub(super) fn replace(&mut self, pos: GroupPos, window: &Window<'_>) {
        for (rows, window) in self.color.iter_mut().zip(&window.color) {
            rows.replace(pos, window);
        }
        for (rows, window) in self.extra.iter_mut().zip(&*window.extra) {
            rows.replace(pos, window);
        }
    }
}

impl ColumnsAround<'_> {
    /// Keeps the last columns of the group in the window, which is left of the boundary.
    pub(super) fn put_left(&mut self, left: GroupPos, window: &Window<'_>) {
        for (columns, window) in self.color.iter_mut().zip(&window.color) {
            columns.put(0, window.last_columns(left));
        }
        for (columns, window) in self.extra.iter_mut().zip(&*window.extra) {
            columns.put(0, window.last_columns(left));
        }
    }

    /// Keeps the first columns of the group in the window, which is right of the boundary.
    pub(super) fn put_right(&mut self, right: GroupPos, window: &Window<'_>) {
        for (columns, window) in self.color.iter_mut().zip(&window.color) {
            columns.put(window.shape().kept().width, window.first_columns(right));
        }
        for (columns, window) in self.extra.iter_mut().zip(&*window.extra) {
            columns.put(window.shape().kept().width, window.first_columns(right));
        }
    }
}

/// The [`Seams`] of one channel.
pub(super) struct ChannelSeams<'s, T> {
    shape: WindowShape,
    /// The last rows of the lowest decoded groups.
    above: Plane<'s, T>,
    /// The columns on both sides of each boundary.
    beside: Plane<'s, T>,
}

impl<'s, T: Sample> ChannelSeams<'s, T> {
    fn new(
        window: WindowShape,
        shape: &GroupsShape<'_>,
        scratch: &'s Scratch<'_>,
    ) -> Result<Self, AllocError> {
        let [above, beside] = shape.seams(window).open(scratch)?;
        Ok(Self {
            shape: window,
            above,
            beside,
        })
    }

    /// Returns functions that yield the rows of the next column of groups, and the columns of the
    /// next boundary, at each call.
    fn cut<'p>(
        &'p mut self,
    ) -> (
        impl FnMut() -> ChannelRows<'p, T>,
        impl FnMut() -> ChannelColumns<'p, T>,
    ) {
        let (kept, shape) = (self.shape.kept(), self.shape);
        let grid = |width: usize, height: usize| TileGrid::new(width.max(1), height.max(1));
        let height = self.beside.height();
        let mut above = self.above.tiles(grid(shape.group_width(), kept.height));
        let mut beside = self.beside.tiles(grid(2 * kept.width, height));
        (
            move || ChannelRows(above.next()),
            move || ChannelColumns(beside.next()),
        )
    }
}

/// The [`RowsAbove`] of one channel; `None` if none are kept.
pub(super) struct ChannelRows<'p, T>(Option<PlaneViewMut<'p, T>>);

impl<T: Sample> ChannelRows<'_, T> {
    fn put_above(&self, window: &mut ChannelWindow<'_, T>) {
        if let Self(Some(above)) = self {
            window.set_above(above.view());
        }
    }

    fn replace(&mut self, pos: GroupPos, window: &ChannelWindow<'_, T>) {
        let shape = window.shape();
        if let (Self(Some(above)), false) = (self, shape.is_last_row(pos.row)) {
            let Size { width, .. } = shape.group_size(pos);
            copy(window.last_rows(width), above, 0);
        }
    }
}

/// The [`ColumnsAround`] a boundary, of one channel; `None` if none are kept.
pub(super) struct ChannelColumns<'p, T>(Option<PlaneViewMut<'p, T>>);

impl<T: Sample> ChannelColumns<'_, T> {
    fn put(&mut self, start: usize, columns: PlaneView<'_, T>) {
        if let Self(Some(around)) = self {
            copy(columns, around, start);
        }
    }

    /// The samples around the boundary to the left of group `right`.
    ///
    /// # Panics
    /// If the groups have no margins.
    pub(super) fn placed(&self, shape: &WindowShape, right: GroupPos) -> Placed<'_, T> {
        let (kept, group) = (shape.kept(), shape.group_size(right));
        let width = kept.width + kept.width.min(group.width);
        let samples = self.0.as_ref().expect("columns are kept").view();
        let samples = samples.rect(0, 0, width, kept.height + group.height);
        shape.place(samples, right, true)
    }
}

/// Copies `from` to the upper end of `to`, from column `start` on.
fn copy<T: Sample>(from: PlaneView<'_, T>, to: &mut PlaneViewMut<'_, T>, start: usize) {
    let (width, height) = (from.width(), from.height());
    let place = to.reborrow();
    place.into_rect(start, 0, width, height).copy_from(from);
}
