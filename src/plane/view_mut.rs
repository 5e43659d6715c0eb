#![allow(unsafe_code)]

use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

use super::tiles::{TileGrid, Tiled, Tiles};
use super::view::{PlaneView, assert_inside, len_without_gaps, offset, span};
use super::{Rows, RowsMut, assert_row, debug_dimensions};
use crate::sample::Sample;

/// A rectangle of a plane, to write. Nobody else can access its samples, but others may write the
/// samples around it at the same time.
///
/// Taking a part consumes the view, and two parts come only from splitting it, so they are
/// disjoint:
///
/// ```compile_fail,E0382
/// # use frame_arena::{Arena, PlaneAlloc};
/// # let arena = Arena::new();
/// # let frame = arena.frame();
/// let mut plane = frame.plane::<f32>(64, 64)?;
/// let view = plane.view_mut();
/// let left = view.into_rect(0, 0, 40, 64);
/// let right = view.into_rect(24, 0, 40, 64); // it would overlap the left
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// Invariant: during `'p`, the `width` samples from `start + y * stride` are initialized and
/// accessed through this view only, for every `y < height`; for `height > 1`, `stride >= width`.
pub struct PlaneViewMut<'p, T> {
    start: NonNull<T>,
    width: usize,
    height: usize,
    stride: usize,
    samples: PhantomData<&'p mut [T]>,
}

// SAFETY: a view is a set of exclusive slices.
unsafe impl<T: Send> Send for PlaneViewMut<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for PlaneViewMut<'_, T> {}

impl<'p, T: Sample> PlaneViewMut<'p, T> {
    /// `samples`, for instance a caller's output buffer, as rows of `width` samples whose starts
    /// are `stride` apart.
    ///
    /// # Panics
    /// If the rows overlap (`stride < width`) or exceed the slice.
    pub fn from_slice(samples: &'p mut [T], width: usize, height: usize, stride: usize) -> Self {
        assert!(stride >= width || height <= 1, "rows overlap");
        let span = span(width, height, stride);
        assert!(
            span.is_some_and(|span| span <= samples.len()),
            "rows exceed the slice"
        );
        Self {
            start: NonNull::from(samples).cast(),
            width,
            height,
            stride,
            samples: PhantomData,
        }
    }

    /// # Safety
    /// The invariant of the type.
    pub(super) unsafe fn from_raw(
        start: NonNull<T>,
        width: usize,
        height: usize,
        stride: usize,
    ) -> Self {
        Self {
            start,
            width,
            height,
            stride,
            samples: PhantomData,
        }
    }

    /// Samples per row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Samples from one row start to the next.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Row `y`.
    ///
    /// # Panics
    /// If `y >= height`.
    pub fn row(&self, y: usize) -> &[T] {
        self.view().row(y)
    }

    /// Row `y`, to write.
    ///
    /// # Panics
    /// If `y >= height`.
    pub fn row_mut(&mut self, y: usize) -> &mut [T] {
        assert_row(y, self.height);
        // SAFETY: by the invariant, and the view is borrowed exclusively.
        unsafe {
            std::slice::from_raw_parts_mut(self.start.as_ptr().add(y * self.stride), self.width)
        }
    }

    /// Several different rows at once, to write; see [`Plane`](crate::Plane::disjoint_rows_mut).
    ///
    /// # Panics
    /// If a row is given twice or is none of the view's.
    pub fn disjoint_rows_mut<const N: usize>(&mut self, rows: [usize; N]) -> [&mut [T]; N] {
        self.reborrow().into_disjoint_rows(rows)
    }

    /// As [`disjoint_rows_mut`](Self::disjoint_rows_mut), for as long as the view's samples may be
    /// written.
    ///
    /// # Panics
    /// If a row is given twice or is none of the view's.
    #[must_use]
    pub fn into_disjoint_rows<const N: usize>(self, rows: [usize; N]) -> [&'p mut [T]; N] {
        for (index, y) in rows.iter().enumerate() {
            assert!(*y < self.height, "row {y} of {}", self.height);
            assert!(!rows[..index].contains(y), "row {y} twice");
        }
        let start = self.start.as_ptr();
        // SAFETY: by the invariant for rows that differ, and the view is consumed.
        rows.map(|y| unsafe {
            std::slice::from_raw_parts_mut(start.add(y * self.stride), self.width)
        })
    }

    /// The sample in column `x` of row `y`.
    ///
    /// # Panics
    /// If `x >= width` or `y >= height`.
    pub fn get(&self, x: usize, y: usize) -> T {
        self.row(y)[x]
    }

    /// Sets the sample in column `x` of row `y`.
    ///
    /// # Panics
    /// If `x >= width` or `y >= height`.
    pub fn set(&mut self, x: usize, y: usize, value: T) {
        self.row_mut(y)[x] = value;
    }

    /// All samples as one slice, row after row, if there is nothing between the rows.
    pub fn as_slice(&self) -> Option<&[T]> {
        self.view().as_slice()
    }

    /// All samples as one slice, row after row, to write, if there is nothing between the rows.
    pub fn as_mut_slice(&mut self) -> Option<&mut [T]> {
        self.reborrow().into_slice()
    }

    /// As [`as_mut_slice`](Self::as_mut_slice), for as long as the view's samples may be written.
    #[must_use]
    pub fn into_slice(self) -> Option<&'p mut [T]> {
        let len = len_without_gaps(self.width, self.height, self.stride)?;
        // SAFETY: by the invariant for every row, each of which begins where the one before ends,
        // and the view is consumed.
        Some(unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), len) })
    }

    /// Pointer to the first sample, to read; see [`PlaneView::as_ptr`].
    pub fn as_ptr(&self) -> *const T {
        self.start.as_ptr()
    }

    /// Pointer to the first sample, to read and write; row `y` starts [`stride`](Self::stride)` *
    /// y` samples behind it.
    ///
    /// Only the samples of the view may be accessed through it, and only until the view is used
    /// otherwise or ends: between the rows of a rectangle are samples that others may access.
    /// Nothing may be accessed through the pointer of a view without samples.
    pub fn as_mut_ptr(&mut self) -> *mut T {
        self.start.as_ptr()
    }

    /// All rows from the top.
    pub fn rows(&self) -> Rows<'_, T> {
        self.view().rows()
    }

    /// All rows from the top, to write.
    pub fn rows_mut(&mut self) -> RowsMut<'_, T> {
        self.reborrow().into_rows()
    }

    /// All rows from the top, for as long as the view's samples may be written.
    pub fn into_rows(self) -> RowsMut<'p, T> {
        RowsMut::new(self)
    }

    /// The view, to read.
    pub fn view(&self) -> PlaneView<'_, T> {
        // SAFETY: the samples are this view's, which is borrowed, so nobody writes them meanwhile.
        unsafe { PlaneView::from_raw(self.start, self.width, self.height, self.stride) }
    }

    /// The view, to read for as long as its samples could have been written.
    #[must_use]
    pub fn into_view(self) -> PlaneView<'p, T> {
        // SAFETY: the samples were this view's alone, and it is consumed.
        unsafe { PlaneView::from_raw(self.start, self.width, self.height, self.stride) }
    }

    /// The same view for a shorter time.
    pub fn reborrow(&mut self) -> PlaneViewMut<'_, T> {
        // SAFETY: this view is borrowed exclusively as long as the new one lives.
        unsafe { PlaneViewMut::from_raw(self.start, self.width, self.height, self.stride) }
    }

    /// The rectangle of `width` x `height` samples whose first is in column `x` of row `y`.
    ///
    /// # Panics
    /// If it exceeds the view.
    #[must_use]
    pub fn into_rect(self, x: usize, y: usize, width: usize, height: usize) -> Self {
        assert_inside((self.width, self.height), x, y, width, height);
        // SAFETY: the rectangle is part of this view, which is consumed.
        unsafe { self.tile(x, y, width, height) }
    }

    /// The first `y` rows, and the others.
    ///
    /// # Panics
    /// If `y > height`.
    #[must_use]
    pub fn split_at_row(self, y: usize) -> (Self, Self) {
        assert!(y <= self.height, "row {y} of {}", self.height);
        // SAFETY: the two are disjoint parts of this view, which is consumed.
        unsafe {
            (
                self.tile(0, 0, self.width, y),
                self.tile(0, y, self.width, self.height - y),
            )
        }
    }

    /// The first `x` columns, and the others.
    ///
    /// # Panics
    /// If `x > width`.
    #[must_use]
    pub fn split_at_column(self, x: usize) -> (Self, Self) {
        assert!(x <= self.width, "column {x} of {}", self.width);
        // SAFETY: the two are disjoint parts of this view, which is consumed.
        unsafe {
            (
                self.tile(0, 0, x, self.height),
                self.tile(x, 0, self.width - x, self.height),
            )
        }
    }

    /// Disjoint rectangles that cover the view, to be written at once by several threads.
    pub fn tiles(&mut self, grid: TileGrid) -> Tiles<PlaneViewMut<'_, T>> {
        self.reborrow().into_tiles(grid)
    }

    /// As [`tiles`](Self::tiles), for as long as the view's samples may be written.
    pub fn into_tiles(self, grid: TileGrid) -> Tiles<Self> {
        Tiles::new(self, grid)
    }

    /// Sets every sample to `value`.
    pub fn fill(&mut self, value: T) {
        for row in self.rows_of_samples() {
            row.fill(value);
        }
    }

    /// Sets every sample to `sample(x, y)`, row by row.
    pub fn fill_from_fn(&mut self, mut sample: impl FnMut(usize, usize) -> T) {
        for (y, row) in self.rows_of_samples().enumerate() {
            for (x, value) in row.iter_mut().enumerate() {
                *value = sample(x, y);
            }
        }
    }

    /// Copies a plane of the same dimensions.
    ///
    /// # Panics
    /// If the dimensions differ.
    pub fn copy_from(&mut self, from: PlaneView<'_, T>) {
        assert_eq!(
            (self.width, self.height),
            (from.width(), from.height()),
            "dimensions"
        );
        for (row, from) in self.rows_of_samples().zip(from.rows()) {
            row.copy_from_slice(from);
        }
    }

    /// All rows, or none if they have no samples: there may be any number of such rows.
    fn rows_of_samples(&mut self) -> RowsMut<'_, T> {
        let height = if self.width == 0 { 0 } else { self.height };
        self.reborrow().split_at_row(height).0.into_rows()
    }
}

impl<T> fmt::Debug for PlaneViewMut<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dimensions = (self.width, self.height, self.stride);
        debug_dimensions(f, "PlaneViewMut", None, dimensions)
    }
}

impl<T: Sample> Tiled for PlaneViewMut<'_, T> {
    fn dimensions(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    unsafe fn tile(&self, x: usize, y: usize, width: usize, height: usize) -> Self {
        debug_assert!(x + width <= self.width && y + height <= self.height);
        // SAFETY: the rows of the rectangle are parts of rows of this view, and the caller makes
        // sure that only the returned view accesses them.
        unsafe {
            Self::from_raw(
                offset(self.start, x, y, self.stride, (width, height)),
                width,
                height,
                self.stride,
            )
        }
    }
}
