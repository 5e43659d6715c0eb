#![allow(unsafe_code)]

use std::fmt;
use std::iter::FusedIterator;
use std::ops::Range;

use super::{PlaneView, PlaneViewMut};
use crate::sample::Sample;

/// Rows of a plane, to read.
///
/// A plane of height `h` has `h` rows even if these have no samples; counting and skipping rows
/// takes constant time. With the feature `rayon`, rows are also a parallel iterator,
/// [`ParRows`](crate::ParRows).
#[must_use = "iterators are lazy"]
pub struct Rows<'p, T> {
    view: PlaneView<'p, T>,
    left: Range<usize>,
}

/// Rows of a plane, to write; see [`Rows`]. With the feature `rayon`, they are also a parallel
/// iterator, [`ParRowsMut`](crate::ParRowsMut).
///
/// A plane cannot be used while its rows are written:
///
/// ```compile_fail,E0502
/// # use frame_arena::{Arena, PlaneAlloc};
/// # let arena = Arena::new();
/// # let frame = arena.frame();
/// let mut plane = frame.plane::<f32>(64, 64)?;
/// for row in plane.rows_mut() {
///     row.copy_from_slice(plane.row(0));
/// }
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// Invariant: the rows in `left` were not returned yet.
#[must_use = "iterators are lazy"]
pub struct RowsMut<'p, T> {
    view: PlaneViewMut<'p, T>,
    left: Range<usize>,
}

impl<'p, T: Sample> Rows<'p, T> {
    pub(super) fn new(view: PlaneView<'p, T>) -> Self {
        Self {
            left: 0..view.height(),
            view,
        }
    }

    /// The next `count` rows, and those after them.
    #[cfg(feature = "rayon")]
    pub(super) fn split_at(self, count: usize) -> (Self, Self) {
        let middle = self.left.start + count.min(self.left.len());
        let (first, rest) = (self.left.start..middle, middle..self.left.end);
        (
            Self {
                left: first,
                ..self
            },
            Self { left: rest, ..self },
        )
    }
}

impl<'p, T: Sample> RowsMut<'p, T> {
    pub(super) fn new(view: PlaneViewMut<'p, T>) -> Self {
        Self {
            left: 0..view.height(),
            view,
        }
    }

    /// The next `count` rows, and those after them.
    #[cfg(feature = "rayon")]
    pub(super) fn split_at(self, count: usize) -> (Self, Self) {
        let Range { start, end } = self.left;
        let middle = start + count.min(end - start);
        let (first, rest) = self.view.split_at_row(middle);
        let first = Self {
            view: first,
            left: start..middle,
        };
        let rest = Self {
            view: rest,
            left: 0..end - middle,
        };
        (first, rest)
    }

    /// Row `y`, for the lifetime of the view.
    ///
    /// # Safety
    /// `y` was just removed from `left`.
    unsafe fn row_at(&mut self, y: usize) -> &'p mut [T] {
        let row: *mut [T] = self.view.row_mut(y);
        // SAFETY: the view has exclusive access to the row during 'p, is kept in this iterator, and
        // returns no row twice.
        unsafe { &mut *row }
    }
}

impl<'p, T: Sample> Iterator for Rows<'p, T> {
    type Item = &'p [T];

    fn next(&mut self) -> Option<Self::Item> {
        self.left.next().map(|y| self.view.row(y))
    }

    fn nth(&mut self, skipped: usize) -> Option<Self::Item> {
        self.left.nth(skipped).map(|y| self.view.row(y))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.size_hint()
    }

    fn count(self) -> usize {
        self.left.len()
    }

    fn last(mut self) -> Option<Self::Item> {
        self.next_back()
    }
}

impl<T: Sample> DoubleEndedIterator for Rows<'_, T> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.left.next_back().map(|y| self.view.row(y))
    }

    fn nth_back(&mut self, skipped: usize) -> Option<Self::Item> {
        self.left.nth_back(skipped).map(|y| self.view.row(y))
    }
}

impl<T: Sample> ExactSizeIterator for Rows<'_, T> {}

impl<'p, T: Sample> Iterator for RowsMut<'p, T> {
    type Item = &'p mut [T];

    fn next(&mut self) -> Option<Self::Item> {
        let y = self.left.next()?;
        // SAFETY: just removed.
        Some(unsafe { self.row_at(y) })
    }

    fn nth(&mut self, skipped: usize) -> Option<Self::Item> {
        let y = self.left.nth(skipped)?;
        // SAFETY: just removed.
        Some(unsafe { self.row_at(y) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.size_hint()
    }

    fn count(self) -> usize {
        self.left.len()
    }

    fn last(mut self) -> Option<Self::Item> {
        self.next_back()
    }
}

impl<T: Sample> DoubleEndedIterator for RowsMut<'_, T> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let y = self.left.next_back()?;
        // SAFETY: just removed.
        Some(unsafe { self.row_at(y) })
    }

    fn nth_back(&mut self, skipped: usize) -> Option<Self::Item> {
        let y = self.left.nth_back(skipped)?;
        // SAFETY: just removed.
        Some(unsafe { self.row_at(y) })
    }
}

impl<T: Sample> ExactSizeIterator for RowsMut<'_, T> {}

impl<T: Sample> FusedIterator for Rows<'_, T> {}

impl<T: Sample> FusedIterator for RowsMut<'_, T> {}

impl<T> Clone for Rows<'_, T> {
    fn clone(&self) -> Self {
        Self {
            view: self.view,
            left: self.left.clone(),
        }
    }
}

impl<T> fmt::Debug for Rows<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("view", &self.view)
            .field("left", &self.left)
            .finish()
    }
}

impl<T> fmt::Debug for RowsMut<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowsMut")
            .field("view", &self.view)
            .field("left", &self.left)
            .finish()
    }
}
