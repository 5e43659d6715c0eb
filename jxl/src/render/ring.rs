use frame_arena::{Plane, PlaneSpec};

use super::mirror::mirror;
use super::span::Span;

/// The rows of a strip that were written last, of one or more channels.
pub(super) struct Ring<'s> {
    /// Channel `c` of row `y` is row `(y % capacity) * channels + c`.
    rows: Plane<'s, f32>,
    channels: usize,
    capacity: usize,
    /// Rows of the picture.
    height: usize,
    /// The row to be written next; the `capacity` rows before it are held.
    next: usize,
}

impl<'s> Ring<'s> {
    /// Rows of a ring that keeps `border` rows above and below a row.
    pub(super) fn spec(span: &Span, channels: usize, border: usize) -> PlaneSpec<f32> {
        // Stale: a row's columns of the picture and their mirrored edges are written before they
        // are read, and no sample that is handed out follows from others.
        PlaneSpec::stale(span.len(), (2 * border + 1) * channels)
    }

    /// A ring over a picture of `height` rows in `rows`, which are as [specified](Self::spec). The
    /// first row pushed is `first`.
    pub(super) fn new(rows: Plane<'s, f32>, channels: usize, height: usize, first: usize) -> Self {
        Self {
            capacity: rows.height() / channels,
            rows,
            channels,
            height,
            next: first,
        }
    }

    /// Row of the plane with the first channel of row `y`.
    fn slot(&self, y: usize) -> usize {
        debug_assert!(y < self.next && y + self.capacity >= self.next);
        // Of 32 bits: a division of 64 takes longer, and this is many times per row.
        (y as u32 % self.capacity as u32) as usize * self.channels
    }

    /// The row to be pushed next.
    pub(super) fn next(&self) -> usize {
        self.next
    }

    /// The channels of the next row, to be written wholly.
    pub(super) fn push(&mut self) -> impl Iterator<Item = &mut [f32]> {
        self.next += 1;
        self.row_mut(self.next - 1)
    }

    /// The channels of row `y`.
    pub(super) fn row_mut(&mut self, y: usize) -> impl Iterator<Item = &mut [f32]> {
        let (slot, width) = (self.slot(y), self.rows.width());
        let channels = self.rows.view_mut();
        channels
            .into_rect(0, slot, width, self.channels)
            .into_rows()
    }

    /// A channel of row `y`, mirrored at the picture's edges.
    pub(super) fn row(&self, y: isize, channel: usize) -> &[f32] {
        self.rows.row(self.slot(mirror(y, self.height)) + channel)
    }

    /// The first three channels of row `y`, mirrored at the picture's edges.
    #[inline]
    pub(super) fn rows(&self, y: isize) -> [&[f32]; 3] {
        let slot = self.slot(mirror(y, self.height));
        let row = |channel: usize| self.rows.row(slot + channel);
        [row(0), row(1), row(2)]
    }
}

/// The first three of `rows`.
pub(super) fn three<'r>(mut rows: impl Iterator<Item = &'r mut [f32]>) -> [&'r mut [f32]; 3] {
    // Written out: the methods of arrays that take closures are not always inlined.
    let mut next = || rows.next().unwrap_or_default();
    [next(), next(), next()]
}
