use frame_arena::{AllocError, Plane, PlaneView, PlaneViewMut, Sample, Scratch, Spec, TileGrid};

use super::channels::Channels;
use super::row_cut::{BatchGroup, RowCut};
use super::shape::GroupsShape;
use super::window::{ChannelWindow, Window, WindowShape};
use crate::Error;
use crate::grid::{GroupPos, Size};
use crate::memory::{List, Memory};
use crate::render::Placed;

/// Samples that groups keep for groups decoded later, or by other tasks.
pub(super) type Seams<'s> = Channels<'s, ChannelSeams<'s, f32>, ChannelSeams<'s, i32>>;

/// The part of the [`Seams`] that a batch reads and writes.
pub(super) type BatchSeams<'p> =
    Channels<'p, ChannelBatchSeams<'p, f32>, ChannelBatchSeams<'p, i32>>;

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

    /// Cuts the seams into the parts of a row's batches, from the left.
    pub(super) fn batches<'p>(
        &'p mut self,
        cut: RowCut,
        memory: Memory<'p>,
    ) -> Result<List<'p, BatchSeams<'p>>, Error> {
        let mut color = self.color.each_mut().map(|seams| seams.cut(cut));
        let mut extra = memory.collect(self.extra.iter_mut().map(|seams| seams.cut(cut)))?;
        memory.try_collect((0..cut.batches).map(|_| {
            let extra = extra.iter_mut().map(|next| Ok(next()));
            Channels::try_new(|channel| Ok(color[channel]()), extra, memory)
        }))
    }
}

impl BatchSeams<'_> {
    /// Copies the samples kept from neighbors into the window, before the group is decoded.
    pub(super) fn before(&self, group: BatchGroup, window: &mut Window<'_>) {
        for (part, window) in self.color.iter().zip(&mut window.color) {
            part.before(group, window);
        }
        for (part, window) in self.extra.iter().zip(&mut *window.extra) {
            part.before(group, window);
        }
    }

    /// Copies the samples that other groups need out of the window, after the group is decoded.
    pub(super) fn after(&mut self, group: BatchGroup, window: &Window<'_>) {
        for (part, window) in self.color.iter_mut().zip(&window.color) {
            part.after(group, window);
        }
        for (part, window) in self.extra.iter_mut().zip(&*window.extra) {
            part.after(group, window);
        }
    }
}

/// The [`Seams`] of one channel.
pub(super) struct ChannelSeams<'s, T> {
    shape: WindowShape,
    /// The last rows of the groups of one row.
    above: Plane<'s, T>,
    /// The columns on both sides of each boundary between batches of a row.
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

    /// Returns a function that yields the part of the next batch of a row at each call.
    fn cut<'p>(&'p mut self, cut: RowCut) -> impl FnMut() -> ChannelBatchSeams<'p, T> {
        let kept = self.shape.kept();
        let batch_width = cut.groups * self.shape.group_width();
        let grid = |width: usize, height: usize| TileGrid::new(width.max(1), height.max(1));
        let height = self.beside.height();
        let mut above = self.above.tiles(grid(batch_width, kept.height));
        let mut beside = self.beside.tiles(grid(kept.width, height));
        let mut next_first = None;
        move || {
            let (first, last) = (next_first.take(), beside.next());
            next_first = beside.next();
            ChannelBatchSeams {
                above: above.next(),
                first,
                last,
            }
        }
    }

    /// The samples around the boundary between a batch and the next one, whose first group is
    /// `right`.
    pub(super) fn boundary(&self, batch: usize, right: GroupPos) -> Placed<'_, T> {
        let kept = self.shape.kept();
        let group = self.shape.group_size(right);
        let width = kept.width + kept.width.min(group.width);
        let (start, height) = (2 * kept.width * batch, kept.height + group.height);
        let samples = self.beside.view().rect(start, 0, width, height);
        self.shape.place(samples, right, true)
    }
}

/// The [`BatchSeams`] of one channel.
pub(super) struct ChannelBatchSeams<'p, T> {
    /// The last rows of the groups above. The batch replaces them with the last rows of its own
    /// groups.
    above: Option<PlaneViewMut<'p, T>>,
    /// The first columns of the batch's first group.
    first: Option<PlaneViewMut<'p, T>>,
    /// The last columns of the batch's last group.
    last: Option<PlaneViewMut<'p, T>>,
}

impl<T: Sample> ChannelBatchSeams<'_, T> {
    fn before(&self, group: BatchGroup, window: &mut ChannelWindow<'_, T>) {
        if group.has_left() {
            window.move_on();
        }
        if let (Some(above), true) = (&self.above, group.has_above) {
            let shape = window.shape();
            let start = group.index * shape.group_width();
            let Size { width, .. } = shape.group_size(group.pos);
            window.set_above(above.view().rect(start, 0, width, above.height()));
        }
    }

    fn after(&mut self, group: BatchGroup, window: &ChannelWindow<'_, T>) {
        let (shape, pos) = (*window.shape(), group.pos);
        if let (Some(above), false) = (&mut self.above, shape.is_last_row(pos.row)) {
            let Size { width, .. } = shape.group_size(pos);
            let rows = window.last_rows(width);
            let start = group.index * shape.group_width();
            let place = above.reborrow();
            place
                .into_rect(start, 0, width, rows.height())
                .copy_from(rows);
        }
        if let (Some(first), false) = (&mut self.first, group.has_left()) {
            copy(window.first_columns(pos), first);
        }
        if let (Some(last), true) = (&mut self.last, group.is_last) {
            copy(window.last_columns(pos), last);
        }
    }
}

/// Copies `from` to the upper left corner of `to`.
fn copy<T: Sample>(from: PlaneView<'_, T>, to: &mut PlaneViewMut<'_, T>) {
    let (width, height) = (from.width(), from.height());
    to.reborrow().into_rect(0, 0, width, height).copy_from(from);
}
