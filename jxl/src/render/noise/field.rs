use std::ops::Range;

use frame_arena::{AllocError, Plane, PlaneSpec, Scope, SliceSpec, Spec};

use super::generator::{BATCH, Generator, STATE};
use super::{BORDER, rows};
use crate::grid::{Pos, Rect, Size};
use crate::render::span::Span;
use crate::workers::Workers;

/// Rows of a group between stored states.
const STATE_ROWS: usize = 32;

/// The random samples of a frame: states of their generators, from which any row can be made.
///
/// A group's generator makes all rows of its first channel, then those of the second and of the
/// third. States at every 32nd row of each take 0.05 bytes per pixel.
pub(crate) struct NoiseField<'s> {
    /// The size of the upsampled frame.
    size: Size,
    group_dim: usize,
    /// A row for each group, with its states channel by channel, from the top.
    states: Plane<'s, u64>,
}

impl<'s> NoiseField<'s> {
    /// The memory for the states of a frame of `size`.
    pub(crate) fn spec(size: Size, group_dim: usize) -> PlaneSpec<u64> {
        let groups = size.width.div_ceil(group_dim) * size.height.div_ceil(group_dim);
        let stops = group_dim.div_ceil(STATE_ROWS);
        // Stale: states of rows beyond the picture, and of groups that are not wanted, are never
        // read.
        PlaneSpec::stale(3 * stops * STATE, groups)
    }

    /// Makes the states for the rows of `wanted` in a frame of `size` after upsampling, with groups
    /// of `group_dim`. `frames` counts the visible frames up to this one and the invisible ones
    /// since the last visible one, including this one.
    ///
    /// # Errors
    /// Memory.
    pub(crate) fn new(
        scope: &'s Scope,
        (size, wanted): (Size, Rect),
        group_dim: usize,
        frames: [u32; 2],
        workers: Workers<'_>,
    ) -> Result<Self, AllocError> {
        let Size { width, height } = size;
        let columns = width.div_ceil(group_dim);
        let stops = group_dim.div_ceil(STATE_ROWS);
        let mut states = Self::spec(size, group_dim).open(scope)?;
        let wanted = wanted.grown(Size::square(BORDER), size).squares(group_dim);
        let rows: PlaneRows<'_> = states.tiles(frame_arena::TileGrid::new(states.width(), 1));
        workers.for_each(rows.enumerate(), |(group, mut states)| {
            let pos = Pos::new(group % columns, group / columns);
            if !wanted.contains(pos) {
                return Ok(());
            }
            let (x, y) = (pos.x * group_dim, pos.y * group_dim);
            let mut generator = Generator::new(frames, x as u32, y as u32);
            let batches = group_dim.min(width - x).div_ceil(BATCH);
            let rows = group_dim.min(height - y);
            for channel in states.row_mut(0).chunks_exact_mut(stops * STATE) {
                let (channel, _) = channel.as_chunks_mut::<STATE>();
                for (row, state) in (0..rows).step_by(STATE_ROWS).zip(channel) {
                    generator.store(state);
                    rows::skip(&mut generator, batches * STATE_ROWS.min(rows - row));
                }
            }
            Ok::<_, AllocError>(())
        })?;
        Ok(Self {
            size,
            group_dim,
            states,
        })
    }

    /// The size of the upsampled frame.
    pub(super) fn size(&self) -> Size {
        self.size
    }

    /// The generator of a channel's row `y` in a column of groups.
    fn generator(&self, channel: usize, group_x: usize, y: usize) -> Generator {
        let group = y / self.group_dim * self.size.width.div_ceil(self.group_dim) + group_x;
        let stops = self.group_dim.div_ceil(STATE_ROWS);
        let stop = channel * stops + y % self.group_dim / STATE_ROWS;
        let (states, _) = self.states.row(group).as_chunks::<STATE>();
        let mut generator = Generator::from_state(&states[stop]);
        rows::skip(&mut generator, self.batches(group_x) * (y % STATE_ROWS));
        generator
    }

    /// Batches of samples in a row of a group.
    fn batches(&self, group_x: usize) -> usize {
        let columns = self.size.width - group_x * self.group_dim;
        columns.min(self.group_dim).div_ceil(BATCH)
    }
}

type PlaneRows<'a> = frame_arena::Tiles<frame_arena::PlaneViewMut<'a, u64>>;

/// Random rows of a strip, from the top down.
pub(super) struct FieldRows<'s, 'p> {
    field: &'p NoiseField<'p>,
    /// Columns of groups that the strip touches.
    groups: Range<usize>,
    /// States of the three generators of each group at row `next`.
    states: &'s mut [u64],
    next: Option<usize>,
}

impl<'s, 'p> FieldRows<'s, 'p> {
    /// The memory for generator states of `groups` columns of groups.
    pub(super) fn spec(groups: usize) -> SliceSpec<u64> {
        // Stale: set before the first row.
        SliceSpec::stale(groups * 3 * STATE)
    }

    /// `columns` are the columns of the picture for which rows are made.
    pub(super) fn new(
        field: &'p NoiseField<'p>,
        columns: Range<usize>,
        states: &'s mut [u64],
    ) -> Self {
        Self {
            field,
            states,
            groups: columns.start / field.group_dim..columns.end.div_ceil(field.group_dim),
            next: None,
        }
    }

    /// Writes the columns of the picture that are produced in row `y` of the three channels.
    pub(super) fn fill(&mut self, y: usize, span: &Span, out: &mut [&mut [f32]; 3]) {
        let dim = self.field.group_dim;
        let starts = self.next != Some(y) || y.is_multiple_of(dim);
        self.next = Some(y + 1);
        let wanted = span.columns();
        let (states, _) = self.states.as_chunks_mut::<STATE>();
        for (group_x, states) in self.groups.clone().zip(states.chunks_exact_mut(3)) {
            let first = group_x * dim;
            let last = (first + dim).min(self.field.size.width);
            let from = wanted.start.max(first);
            let to = span.index(from as isize)..span.index(wanted.end.min(last) as isize);
            for (channel, state) in states.iter_mut().enumerate() {
                let mut generator = if starts {
                    self.field.generator(channel, group_x, y)
                } else {
                    Generator::from_state(state)
                };
                let batches = self.field.batches(group_x);
                let out = &mut out[channel][to.clone()];
                rows::fill(&mut generator, batches, from - first, out);
                generator.store(state);
            }
        }
    }
}
