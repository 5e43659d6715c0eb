//! Shared code of this module's unit tests.

use std::ops::Range;

use frame_arena::{Plane, PlaneAlloc};

use crate::modular::rows::piece_end;

/// The pieces of a row.
pub(crate) fn pieces(width: usize) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    while start < width {
        let end = piece_end(start, width);
        pieces.push(start..end);
        start = end;
    }
    pieces
}

/// Pseudo-random numbers (splitmix64), the same in every run.
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to `limit` - 1.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// Mostly small numbers, sometimes from the whole range of `i32`.
    pub(crate) fn sample(&mut self) -> i32 {
        let bits = [3, 8, 8, 8, 16, 32][self.below(6)];
        self.next() as i32 >> (32 - bits)
    }

    /// From -`limit` to `limit`.
    pub(crate) fn within(&mut self, limit: i32) -> i32 {
        self.below(2 * limit as usize + 1) as i32 - limit
    }
}

/// A picture for naive twins: rows of samples.
pub(crate) type Rows = Vec<Vec<i32>>;

pub(crate) fn rows(width: usize, height: usize, mut sample: impl FnMut() -> i32) -> Rows {
    let mut row = || (0..width).map(|_| sample()).collect();
    (0..height).map(|_| row()).collect()
}

pub(crate) fn plane<'s>(scope: &'s impl PlaneAlloc, rows: &Rows) -> Plane<'s, i32> {
    let width = rows.first().map_or(0, Vec::len);
    let plane = scope.plane_from_fn(width, rows.len(), |x, y| rows[y][x]);
    plane.expect("memory for a small plane")
}

pub(crate) fn rows_of(plane: &Plane<'_, i32>) -> Rows {
    (0..plane.height()).map(|y| plane.row(y).to_vec()).collect()
}
