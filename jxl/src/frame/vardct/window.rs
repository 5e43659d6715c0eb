use frame_arena::{AllocError, Plane, PlaneSpec, PlaneView, PlaneViewMut, Sample, Scratch, Spec};

use crate::frame::context::FrameContext;
use crate::frame::margins::Margins;
use crate::render::{BandPlane, Placed};
use crate::vardct::{BLOCK_DIM, Geometry};

/// What of a channel is in memory at a time: a group, and the last samples of those to the left of
/// it and above.
#[derive(Clone, Copy)]
pub(super) struct WindowShape {
    /// log2 of the subsampling.
    hshift: usize,
    vshift: usize,
    /// Columns to the left and rows above.
    kept: (usize, usize),
    /// Width and height of a whole group.
    group: (usize, usize),
    /// Width and height of all groups.
    coded: (usize, usize),
    /// Width and height of the channel.
    size: (usize, usize),
}

impl WindowShape {
    /// Of a channel that is X, Y, B or Cb, Y, Cr.
    pub(super) fn of_color(
        context: &FrameContext<'_>,
        geometry: &Geometry,
        margins: Margins,
        channel: usize,
    ) -> Self {
        let (hshift, vshift) = (geometry.hshift[channel], geometry.vshift[channel]);
        let (columns, rows) = geometry.channel_blocks(channel);
        Self {
            hshift,
            vshift,
            kept: (
                (2 * margins.columns) >> hshift,
                (2 * margins.rows) >> vshift,
            ),
            group: (context.group_dim >> hshift, context.group_dim >> vshift),
            coded: (columns * BLOCK_DIM, rows * BLOCK_DIM),
            size: (
                context.width.div_ceil(1 << hshift),
                context.height.div_ceil(1 << vshift),
            ),
        }
    }

    /// Of an extra channel as large as the colors.
    pub(super) fn of_extra(context: &FrameContext<'_>, margins: Margins) -> Self {
        let size = (context.width, context.height);
        Self {
            hshift: 0,
            vshift: 0,
            kept: (2 * margins.columns, 2 * margins.rows),
            group: (context.group_dim, context.group_dim),
            coded: size,
            size,
        }
    }

    /// The window.
    pub(super) fn window<T: Sample>(&self) -> PlaneSpec<T> {
        let (width, height) = self.group_size((0, 0));
        // Stale: a group writes all its samples, and others around it are read only where they were
        // kept.
        PlaneSpec::stale(self.kept.0 + width, self.kept.1 + height)
    }

    /// The rows that are kept of the groups above, and what is kept on both sides of so many
    /// boundaries between columns of groups.
    pub(super) fn seams<T: Sample>(&self, boundaries: usize) -> [PlaneSpec<T>; 2] {
        let beside = match self.kept.0 * boundaries {
            0 => (0, 0),
            columns => (2 * columns, self.window::<T>().height()),
        };
        // Stale: what is read was written by groups before.
        [
            PlaneSpec::stale(self.coded.0, self.kept.1),
            PlaneSpec::stale(beside.0, beside.1),
        ]
    }

    /// Width and height of the group at a column and row of groups.
    pub(super) fn group_size(&self, (column, row): (usize, usize)) -> (usize, usize) {
        (
            self.group.0.min(self.coded.0 - column * self.group.0),
            self.group.1.min(self.coded.1 - row * self.group.1),
        )
    }

    /// True if there are no groups below row `row` of groups.
    pub(super) fn is_last_row(&self, row: usize) -> bool {
        (row + 1) * self.group.1 >= self.coded.1
    }

    /// Columns to the left of a group and rows above that are kept.
    pub(super) fn kept(&self) -> (usize, usize) {
        self.kept
    }

    /// Width of a whole group.
    pub(super) fn group_width(&self) -> usize {
        self.group.0
    }

    /// Samples around a boundary to the left of column `column` of groups, or of a group in it.
    ///
    /// `samples` start with those that are kept to the left, where `has_left`, and above.
    pub(super) fn place<'p, T: Sample>(
        &self,
        samples: PlaneView<'p, T>,
        (column, row): (usize, usize),
        has_left: bool,
    ) -> Placed<'p, T> {
        let start = (column * self.group.0, row * self.group.1);
        // There is nothing above the first row of groups.
        let unused = (
            if has_left { 0 } else { self.kept.0 },
            if row > 0 { 0 } else { self.kept.1 },
        );
        let (width, height) = (samples.width() - unused.0, samples.height() - unused.1);
        Placed {
            samples: samples.rect(unused.0, unused.1, width, height),
            column: start.0 + unused.0 - self.kept.0,
            row: start.1 + unused.1 - self.kept.1,
        }
    }

    pub(super) fn band_plane<'p>(&self, placed: Placed<'p, f32>) -> BandPlane<'p> {
        BandPlane {
            placed,
            width: self.size.0,
            height: self.size.1,
            halves_columns: self.hshift == 1,
            halves_rows: self.vshift == 1,
        }
    }
}

/// One channel of a group with the samples kept around it, in the memory of a task.
pub(super) struct Window<'s, T> {
    shape: WindowShape,
    plane: Plane<'s, T>,
}

impl<'s, T: Sample> Window<'s, T> {
    pub(super) fn new(shape: WindowShape, scratch: &'s Scratch<'_>) -> Result<Self, AllocError> {
        Ok(Self {
            shape,
            plane: shape.window().open(scratch)?,
        })
    }

    /// Keeps the last columns of a group that is not the last of its row, before the next one is
    /// decoded.
    pub(super) fn move_on(&mut self) {
        let kept = self.shape.kept.0;
        for row in self
            .plane
            .rows_mut()
            .take(if kept == 0 { 0 } else { usize::MAX })
        {
            row.copy_within(row.len() - kept.., 0);
        }
    }

    /// Takes what was kept of the group above.
    pub(super) fn set_above(&mut self, above: PlaneView<'_, T>) {
        let (columns, rows) = self.shape.kept;
        let place = self.plane.view_mut();
        place
            .into_rect(columns, 0, above.width(), rows)
            .copy_from(above);
    }

    /// The samples of a group, to be written.
    pub(super) fn group(&mut self, place: (usize, usize)) -> PlaneViewMut<'_, T> {
        let (columns, rows) = self.shape.kept;
        let (width, height) = self.shape.group_size(place);
        self.plane
            .view_mut()
            .into_rect(columns, rows, width, height)
    }

    /// The last rows of a group that is not in the last row, which the group below needs.
    pub(super) fn last_rows(&self, width: usize) -> PlaneView<'_, T> {
        let (columns, rows) = self.shape.kept;
        let height = self.plane.height();
        self.plane.view().rect(columns, height - rows, width, rows)
    }

    /// The first columns of a group, those kept above included.
    pub(super) fn first_columns(&self, place: (usize, usize)) -> PlaneView<'_, T> {
        let (columns, rows) = self.shape.kept;
        let (width, height) = self.shape.group_size(place);
        let width = columns.min(width);
        self.plane.view().rect(columns, 0, width, rows + height)
    }

    /// The last columns of a group that is not in the last column, those kept above included.
    pub(super) fn last_columns(&self, place: (usize, usize)) -> PlaneView<'_, T> {
        let (columns, rows) = self.shape.kept;
        let (width, height) = self.shape.group_size(place);
        self.plane.view().rect(width, 0, columns, rows + height)
    }

    /// What there is of a group and around it.
    pub(super) fn placed(&self, place: (usize, usize), has_left: bool) -> Placed<'_, T> {
        let (columns, rows) = self.shape.kept;
        let (width, height) = self.shape.group_size(place);
        let samples = self.plane.view().rect(0, 0, columns + width, rows + height);
        self.shape.place(samples, place, has_left)
    }

    pub(super) fn shape(&self) -> &WindowShape {
        &self.shape
    }
}
