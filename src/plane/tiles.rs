#![allow(unsafe_code)]

use std::iter::FusedIterator;
use std::ops::Range;

use crate::layout::{tile_count, tile_span};

/// A grid that cuts a plane into tiles, from its upper left corner and in raster order. Tiles in
/// the last column and row may be smaller. With [`first`](Self::first), tiles in the first column
/// and row have other dimensions, like the groups of a flipped image.
///
/// A plane without samples has no tiles. Zeros in a grid have a meaning:
///
/// * a `width` or `height` of zero: the plane is not cut along that axis, or not after the first
///   tile if [`first`](Self::first) sets one. `TileGrid::new(0, 16)` cuts bands of 16 rows.
/// * a [`first`](Self::first) width or height of zero: the first tile is as long as the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileGrid {
    width: usize,
    height: usize,
    first_width: usize,
    first_height: usize,
}

impl TileGrid {
    /// Tiles of `width` x `height` samples.
    #[must_use]
    pub fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            first_width: width,
            first_height: height,
        }
    }

    /// The same grid with a first column of `width` and a first row of `height` samples.
    #[must_use]
    pub fn first(self, width: usize, height: usize) -> Self {
        Self {
            first_width: width,
            first_height: height,
            ..self
        }
    }

    /// Columns and rows of tiles over a plane of these dimensions: none along an axis without
    /// samples.
    pub fn count(&self, width: usize, height: usize) -> (usize, usize) {
        (
            tile_count(width, self.first_width, self.width),
            tile_count(height, self.first_height, self.height),
        )
    }
}

/// A view that can be cut into disjoint rectangles.
pub trait Tiled: Sized {
    /// Width and height in samples.
    fn dimensions(&self) -> (usize, usize);

    /// The rectangle at `x`, `y`, which lies in the view.
    ///
    /// # Safety
    /// During the view's lifetime, the samples of the rectangle are accessed only through the
    /// returned view.
    unsafe fn tile(&self, x: usize, y: usize, width: usize, height: usize) -> Self;
}

/// The tiles of a view in raster order: disjoint rectangles, each to be written by any thread. With
/// the feature `rayon`, they are also a parallel iterator, [`ParTiles`](crate::ParTiles).
///
/// No tile is returned twice, and a view cannot be used while its tiles are:
///
/// ```compile_fail,E0499
/// # use frame_arena::{Arena, PlaneAlloc, TileGrid};
/// # let arena = Arena::new();
/// # let frame = arena.frame();
/// let mut plane = frame.plane::<f32>(64, 64)?;
/// let tiles = plane.tiles(TileGrid::new(32, 32));
/// plane.row_mut(0).fill(1.0);
/// for mut tile in tiles {
///     tile.fill(0.0);
/// }
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// Invariant: the tiles in `left` were not returned yet, and no other `Tiles` of the view returns
/// them.
#[derive(Debug)]
#[must_use = "tiles are cut as they are iterated over"]
pub struct Tiles<V> {
    whole: V,
    grid: TileGrid,
    columns: usize,
    left: Range<usize>,
}

impl<V: Tiled> Tiles<V> {
    pub(super) fn new(whole: V, grid: TileGrid) -> Self {
        let (width, height) = whole.dimensions();
        let (columns, rows) = grid.count(width, height);
        Self {
            whole,
            grid,
            columns,
            // This saturates only for a set without planes, which may be larger than memory.
            left: 0..columns.saturating_mul(rows),
        }
    }

    /// Tiles in a row of tiles.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// # Safety
    /// `index` was just removed from `left`.
    unsafe fn tile_at(&self, index: usize) -> V {
        let (whole_width, whole_height) = self.whole.dimensions();
        let grid = &self.grid;
        let column = index % self.columns;
        let row = index / self.columns;
        let (x, width) = tile_span(whole_width, grid.first_width, grid.width, column);
        let (y, height) = tile_span(whole_height, grid.first_height, grid.height, row);
        // SAFETY: tiles of different indices are disjoint, and each index is returned once.
        unsafe { self.whole.tile(x, y, width, height) }
    }

    /// The next `count` tiles, and those after them.
    #[cfg(feature = "rayon")]
    pub(super) fn split_at(self, count: usize) -> (Self, Self) {
        let middle = self.left.start + count.min(self.left.len());
        let (width, height) = self.whole.dimensions();
        let first = Self {
            // SAFETY: each half uses its copy of the view only for the tiles in its part of `left`.
            whole: unsafe { self.whole.tile(0, 0, width, height) },
            grid: self.grid,
            columns: self.columns,
            left: self.left.start..middle,
        };
        let rest = Self {
            left: middle..self.left.end,
            ..self
        };
        (first, rest)
    }
}

impl<V: Tiled> Iterator for Tiles<V> {
    type Item = V;

    fn next(&mut self) -> Option<V> {
        let index = self.left.next()?;
        // SAFETY: just removed.
        Some(unsafe { self.tile_at(index) })
    }

    fn nth(&mut self, skipped: usize) -> Option<V> {
        let index = self.left.nth(skipped)?;
        // SAFETY: just removed.
        Some(unsafe { self.tile_at(index) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.size_hint()
    }

    fn count(self) -> usize {
        self.left.len()
    }

    fn last(mut self) -> Option<V> {
        self.next_back()
    }
}

impl<V: Tiled> DoubleEndedIterator for Tiles<V> {
    fn next_back(&mut self) -> Option<V> {
        let index = self.left.next_back()?;
        // SAFETY: just removed.
        Some(unsafe { self.tile_at(index) })
    }

    fn nth_back(&mut self, skipped: usize) -> Option<V> {
        let index = self.left.nth_back(skipped)?;
        // SAFETY: just removed.
        Some(unsafe { self.tile_at(index) })
    }
}

impl<V: Tiled> ExactSizeIterator for Tiles<V> {}

impl<V: Tiled> FusedIterator for Tiles<V> {}
