use frame_arena::{Plane, PlaneSpec};

use super::mirror::mirror;
use super::span::Span;

/// The last written rows of a strip, for one or more channels.
pub(super) struct Ring<'s> {
    /// Row `y % capacity` holds the channels of row `y`, one after the other.
    rows: Plane<'s, f32>,
    /// Samples of a channel.
    width: usize,
    /// Rows of the picture.
    height: usize,
    /// The row to be written next. As many rows before it are held as the plane has.
    next: usize,
}

impl<'s> Ring<'s> {
    /// The memory of a ring that keeps `border` rows above and below a row.
    pub(super) fn spec(span: &Span, channels: usize, border: usize) -> PlaneSpec<f32> {
        // Stale: a row's columns of the picture and their mirrored edges are written before they
        // are read, and no output sample depends on others.
        PlaneSpec::stale(channels * span.len(), 2 * border + 1)
    }

    /// A ring for a picture of `height` rows, in the memory `rows`, which is as
    /// [specified](Self::spec). The first row pushed is `first`.
    pub(super) fn new(rows: Plane<'s, f32>, channels: usize, height: usize, first: usize) -> Self {
        Self {
            width: rows.width() / channels,
            rows,
            height,
            next: first,
        }
    }

    /// The row of the plane that holds row `y`.
    #[inline(always)]
    fn slot(&self, y: usize) -> usize {
        debug_assert!(y < self.next && y + self.rows.height() >= self.next);
        // Of 32 bits: a division of 64 takes longer, and this is many times per row.
        (y as u32 % self.rows.height() as u32) as usize
    }

    /// The row to be pushed next.
    pub(super) fn next(&self) -> usize {
        self.next
    }

    /// The channels of the next row, to be written wholly.
    #[inline(always)]
    pub(super) fn push(&mut self) -> impl Iterator<Item = &mut [f32]> {
        self.next += 1;
        self.row_mut(self.next - 1)
    }

    /// The channels of row `y`.
    #[inline(always)]
    pub(super) fn row_mut(&mut self, y: usize) -> impl Iterator<Item = &mut [f32]> {
        let slot = self.slot(y);
        // Not of exact length: that takes a division.
        self.rows.row_mut(slot).chunks_mut(self.width)
    }

    /// A channel of row `y`, mirrored at the picture's edges.
    #[inline]
    pub(super) fn row(&self, y: isize, channel: usize) -> &[f32] {
        let row = self.rows.row(self.slot(mirror(y, self.height)));
        &row[channel * self.width..][..self.width]
    }

    /// The first three channels of row `y`, mirrored at the picture's edges.
    #[inline]
    pub(super) fn rows(&self, y: isize) -> [&[f32]; 3] {
        let row = self.rows.row(self.slot(mirror(y, self.height)));
        let (first, rest) = row.split_at(self.width);
        let (second, rest) = rest.split_at(self.width);
        [first, second, &rest[..self.width]]
    }
}

/// The first three of `rows`.
#[inline(always)]
pub(super) fn three<'r>(mut rows: impl Iterator<Item = &'r mut [f32]>) -> [&'r mut [f32]; 3] {
    // Written out: the methods of arrays that take closures are not always inlined.
    let mut next = || rows.next().unwrap_or_default();
    [next(), next(), next()]
}
