use frame_arena::{AllocError, Plane, PlaneAlloc, PlaneView, PlaneViewMut, Sample, Scratch};

use crate::frame::context::FrameContext;
use crate::render::{BandPlane, Placed};
use crate::vardct::{BLOCK_DIM, Geometry};

/// How far what groups are finished to depends on their neighbours, in samples of a channel that is not subsampled.
#[derive(Clone, Copy)]
pub(in crate::frame) struct Margins {
    /// Columns left of a boundary between groups that are finished with the right one, at least the border of the filters.
    pub(in crate::frame) columns: usize,
    /// Rows above a boundary that are finished with the lower group.
    pub(super) rows: usize,
}

impl Margins {
    /// `border` is the [renderer's](crate::frame::render::Renderer::border).
    pub(in crate::frame) fn new(
        context: &FrameContext<'_>,
        geometry: &Geometry,
        border: usize,
    ) -> Self {
        // Chroma upsampling looks at a sample of chroma on every side.
        let border = |shifts: [usize; 3]| border + 2 * usize::from(shifts != [0; 3]);
        let (columns, rows) = context.groups();
        Self {
            // A multiple, so that what is read of a group starts in the same column of vectors as the group.
            columns: match columns {
                1 => 0,
                _ => border(geometry.hshift).next_multiple_of(BLOCK_DIM),
            },
            rows: match rows {
                1 => 0,
                _ => border(geometry.vshift),
            },
        }
    }
}

/// What of a channel is in memory at a time: a group, and the last samples of those to the left of it and above.
#[derive(Clone, Copy)]
pub(in crate::frame) struct WindowShape {
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
    pub(in crate::frame) fn of_colour(
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

    /// Of an extra channel as large as the colours.
    pub(in crate::frame) fn of_extra(context: &FrameContext<'_>, margins: Margins) -> Self {
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

    /// Width and height of the window.
    pub(in crate::frame) fn window(&self) -> (usize, usize) {
        let (width, height) = self.group_size((0, 0));
        (self.kept.0 + width, self.kept.1 + height)
    }

    /// Width and height of the rows that are kept of the groups above.
    pub(in crate::frame) fn above(&self) -> (usize, usize) {
        (self.coded.0, self.kept.1)
    }

    /// Width and height of what is kept on both sides of so many boundaries between columns of groups.
    pub(in crate::frame) fn beside(&self, boundaries: usize) -> (usize, usize) {
        match self.kept.0 * boundaries {
            0 => (0, 0),
            columns => (2 * columns, self.window().1),
        }
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
        let (width, height) = shape.window();
        Ok(Self {
            shape,
            // Stale: a group writes all its samples, and others around it are read only where they were kept.
            plane: scratch.stale_plane(width, height)?,
        })
    }

    /// Keeps the last columns of a group that is not the last of its row, before the next one is decoded.
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
