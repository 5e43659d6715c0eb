use std::ops::Range;

use frame_arena::{AllocError, Plane, PlaneSpec, PlaneView, PlaneViewMut, Sample, Scratch, Spec};

use super::channels::Channels;
use crate::Error;
use crate::frame::context::FrameContext;
use crate::frame::margins::Margins;
use crate::grid::{GroupPos, Size};
use crate::memory::Memory;
use crate::render::{BandPlane, Placed};
use crate::vardct::Geometry;

/// The shape of the samples of one channel that are in memory together: a group, the last columns
/// of the group to its left, and the last rows of the groups above.
#[derive(Clone, Copy)]
pub(super) struct WindowShape {
    /// log2 of the subsampling.
    hshift: usize,
    vshift: usize,
    /// Columns kept to the left, and rows kept above.
    kept: Size,
    /// Size of a whole group.
    group: Size,
    /// Size of all groups together.
    coded: Size,
    /// Size of the channel.
    size: Size,
}

impl WindowShape {
    /// The window of a channel that is X, Y, B or Cb, Y, Cr.
    pub(super) fn of_color(
        context: &FrameContext<'_>,
        geometry: &Geometry,
        margins: Margins,
        channel: usize,
    ) -> Self {
        let [hshift, vshift] = geometry.sample_shifts(channel);
        let (blocks, block) = (
            geometry.channel_blocks(channel),
            geometry.block_size(channel),
        );
        let (size, group_dim) = (context.decoded_size(), context.decoded_group_dim());
        Self {
            hshift,
            vshift,
            kept: Size::new(
                (2 * margins.columns) >> hshift,
                (2 * margins.rows) >> vshift,
            ),
            group: Size::new(group_dim >> hshift, group_dim >> vshift),
            coded: Size::new(blocks.width * block.width, blocks.height * block.height),
            size: Size::new(
                size.width.div_ceil(1 << hshift),
                size.height.div_ceil(1 << vshift),
            ),
        }
    }

    /// The window of an extra channel as large as the colors, which is decoded in full.
    pub(super) fn of_extra(context: &FrameContext<'_>, margins: Margins) -> Self {
        let (size, factor) = (
            context.coded_size(),
            context.place.reduction.factor() as usize,
        );
        Self {
            hshift: 0,
            vshift: 0,
            kept: Size::new(2 * margins.columns * factor, 2 * margins.rows * factor),
            group: Size::square(context.group_dim),
            coded: size,
            size,
        }
    }

    /// The plane of the window.
    pub(super) fn window<T: Sample>(&self) -> PlaneSpec<T> {
        let group = self.group.min(self.coded);
        // Stale: a group writes all its samples. Samples around it are read only if they were kept.
        PlaneSpec::stale(
            self.kept.width + group.width,
            self.kept.height + group.height,
        )
    }

    /// The planes of the seams: rows kept from the groups above in `columns`, and columns kept on
    /// both sides of `boundaries` boundaries between batches.
    pub(super) fn seams<T: Sample>(
        &self,
        columns: Range<usize>,
        boundaries: usize,
    ) -> [PlaneSpec<T>; 2] {
        let end = self.coded.width.min(columns.end * self.group.width);
        let width = end - columns.start * self.group.width;
        let beside = match self.kept.width * boundaries {
            0 => Size::default(),
            columns => Size::new(2 * columns, self.window::<T>().height()),
        };
        // Stale: earlier groups wrote the samples that are read.
        [
            PlaneSpec::stale(width, self.kept.height),
            PlaneSpec::stale(beside.width, beside.height),
        ]
    }

    pub(super) fn group_size(&self, GroupPos { column, row }: GroupPos) -> Size {
        self.group.min(Size::new(
            self.coded.width - column * self.group.width,
            self.coded.height - row * self.group.height,
        ))
    }

    /// True if row `row` of groups is the last one.
    pub(super) fn is_last_row(&self, row: usize) -> bool {
        (row + 1) * self.group.height >= self.coded.height
    }

    /// Columns kept to the left of a group, and rows kept above it.
    pub(super) fn kept(&self) -> Size {
        self.kept
    }

    /// Width of a whole group.
    pub(super) fn group_width(&self) -> usize {
        self.group.width
    }

    /// Places the samples of group `pos`, or around the boundary to its left, in the channel.
    ///
    /// `samples` start with those kept above and, if `has_left`, to the left. If the group above
    /// was not decoded, those above are stale, and nothing wanted reads them.
    pub(super) fn place<'p, T: Sample>(
        &self,
        samples: PlaneView<'p, T>,
        pos: GroupPos,
        has_left: bool,
    ) -> Placed<'p, T> {
        // The first row of groups has no rows above it.
        let unused = Size::new(
            if has_left { 0 } else { self.kept.width },
            if pos.row > 0 { 0 } else { self.kept.height },
        );
        let (width, height) = (
            samples.width() - unused.width,
            samples.height() - unused.height,
        );
        Placed {
            samples: samples.rect(unused.width, unused.height, width, height),
            column: pos.column * self.group.width + unused.width - self.kept.width,
            row: pos.row * self.group.height + unused.height - self.kept.height,
        }
    }

    pub(super) fn band_plane<'p>(&self, placed: Placed<'p, f32>) -> BandPlane<'p> {
        BandPlane {
            placed,
            width: self.size.width,
            height: self.size.height,
            halves_columns: self.hshift == 1,
            halves_rows: self.vshift == 1,
        }
    }
}

/// The memory of a worker for its current group and the samples kept around it.
pub(super) type Window<'s> = Channels<'s, ChannelWindow<'s, f32>, ChannelWindow<'s, i32>>;

impl<'s> Window<'s> {
    pub(super) fn new(
        shape: &Channels<'_, WindowShape, WindowShape>,
        (scratch, memory): (&'s Scratch<'_>, Memory<'s>),
    ) -> Result<Self, Error> {
        let color = |channel: usize| Ok(ChannelWindow::new(shape.color[channel], scratch)?);
        let extra = shape.extra.iter();
        let extra = extra.map(|&shape| Ok(ChannelWindow::new(shape, scratch)?));
        Self::try_new(color, extra, memory)
    }

    /// Moves the last columns of a group to the left, before the next group of the row is decoded.
    pub(super) fn move_on(&mut self) {
        self.color.iter_mut().for_each(ChannelWindow::move_on);
        self.extra.iter_mut().for_each(ChannelWindow::move_on);
    }
}

/// One channel of a [`Window`].
pub(super) struct ChannelWindow<'s, T> {
    shape: WindowShape,
    plane: Plane<'s, T>,
}

impl<'s, T: Sample> ChannelWindow<'s, T> {
    fn new(shape: WindowShape, scratch: &'s Scratch<'_>) -> Result<Self, AllocError> {
        Ok(Self {
            shape,
            plane: shape.window().open(scratch)?,
        })
    }

    fn move_on(&mut self) {
        let kept = self.shape.kept.width;
        for row in self
            .plane
            .rows_mut()
            .take(if kept == 0 { 0 } else { usize::MAX })
        {
            row.copy_within(row.len() - kept.., 0);
        }
    }

    /// Copies in the rows kept from the group above.
    pub(super) fn set_above(&mut self, above: PlaneView<'_, T>) {
        let kept = self.shape.kept;
        let place = self.plane.view_mut();
        place
            .into_rect(kept.width, 0, above.width(), kept.height)
            .copy_from(above);
    }

    /// The place of a group's samples, to be written.
    pub(super) fn group(&mut self, pos: GroupPos) -> PlaneViewMut<'_, T> {
        let (kept, group) = (self.shape.kept, self.shape.group_size(pos));
        self.plane
            .view_mut()
            .into_rect(kept.width, kept.height, group.width, group.height)
    }

    /// The rows that the group below needs. The group must not be in the last row.
    pub(super) fn last_rows(&self, width: usize) -> PlaneView<'_, T> {
        let kept = self.shape.kept;
        let start = self.plane.height() - kept.height;
        self.plane
            .view()
            .rect(kept.width, start, width, kept.height)
    }

    /// The first columns of a group, including rows kept above.
    pub(super) fn first_columns(&self, pos: GroupPos) -> PlaneView<'_, T> {
        let (kept, group) = (self.shape.kept, self.shape.group_size(pos));
        let (width, height) = (kept.width.min(group.width), kept.height + group.height);
        self.plane.view().rect(kept.width, 0, width, height)
    }

    /// The last columns of a group, including rows kept above. The group must not be in the last
    /// column.
    pub(super) fn last_columns(&self, pos: GroupPos) -> PlaneView<'_, T> {
        let (kept, group) = (self.shape.kept, self.shape.group_size(pos));
        let height = kept.height + group.height;
        self.plane.view().rect(group.width, 0, kept.width, height)
    }

    /// A group with the kept samples around it.
    pub(super) fn placed(&self, pos: GroupPos, has_left: bool) -> Placed<'_, T> {
        let (kept, group) = (self.shape.kept, self.shape.group_size(pos));
        let (width, height) = (kept.width + group.width, kept.height + group.height);
        let samples = self.plane.view().rect(0, 0, width, height);
        self.shape.place(samples, pos, has_left)
    }

    pub(super) fn shape(&self) -> &WindowShape {
        &self.shape
    }
}
