#![allow(unsafe_code)]

use std::ops::Range;

use super::{PlaneView, PlaneViewMut};
use crate::sample::Sample;

/// Rows of a plane, to read.
pub struct Rows<'p, T> {
    view: PlaneView<'p, T>,
    left: Range<usize>,
}

/// Rows of a plane, to write.
///
/// Invariant: the rows in `left` were not returned yet.
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
}

impl<'p, T: Sample> RowsMut<'p, T> {
    pub(super) fn new(view: PlaneViewMut<'p, T>) -> Self {
        Self {
            left: 0..view.height(),
            view,
        }
    }

    /// Row `y`, for the time of the whole view.
    ///
    /// # Safety
    /// `y` was just removed from `left`.
    unsafe fn row_at(&mut self, y: usize) -> &'p mut [T] {
        let row: *mut [T] = self.view.row_mut(y);
        // SAFETY: the view has exclusive access to the row during 'p, is kept in this iterator, and returns no row twice.
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
}

impl<T: Sample> DoubleEndedIterator for Rows<'_, T> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.left.next_back().map(|y| self.view.row(y))
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
}

impl<T: Sample> DoubleEndedIterator for RowsMut<'_, T> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let y = self.left.next_back()?;
        // SAFETY: just removed.
        Some(unsafe { self.row_at(y) })
    }
}

impl<T: Sample> ExactSizeIterator for RowsMut<'_, T> {}
