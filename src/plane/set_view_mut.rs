#![allow(unsafe_code)]

use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

use super::tiles::{TileGrid, Tiled, Tiles};
use super::view::{offset, span};
use super::{Indexed, PlaneSet, PlaneView, PlaneViewMut, debug_dimensions};
use crate::layout::PlaneLayout;
use crate::sample::Sample;

/// A rectangle through all planes of a set, to write.
///
/// Invariant: that of [`PlaneViewMut`] for the `count` views that start `plane_stride` samples
/// apart, which are disjoint.
pub struct PlaneSetViewMut<'p, T> {
    start: NonNull<T>,
    count: usize,
    width: usize,
    height: usize,
    stride: usize,
    plane_stride: usize,
    samples: PhantomData<&'p mut [T]>,
}

// SAFETY: a view is a set of exclusive slices.
unsafe impl<T: Send> Send for PlaneSetViewMut<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for PlaneSetViewMut<'_, T> {}

impl<'p, T: Sample> PlaneSetViewMut<'p, T> {
    pub(crate) fn new(
        samples: &'p mut [T],
        count: usize,
        width: usize,
        height: usize,
        layout: &PlaneLayout,
    ) -> Self {
        let plane_span = span(width, height, layout.stride);
        let span = span(plane_span.unwrap_or(usize::MAX), count, layout.plane_stride);
        assert!(
            width == 0
                || height == 0
                || (layout.stride >= width && span.is_some_and(|span| span <= samples.len())),
            "planes exceed the slice"
        );
        Self {
            start: NonNull::from(samples).cast(),
            count,
            width,
            height,
            stride: layout.stride,
            plane_stride: layout.plane_stride,
            samples: PhantomData,
        }
    }

    /// Planes in the set.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Samples per row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows per plane.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Samples from one row start to the next.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Samples from the start of one plane to that of the next; 0 if the planes have no samples.
    pub fn plane_stride(&self) -> usize {
        self.plane_stride
    }

    /// Pointer to the first sample of the first plane, to read; see [`PlaneView::as_ptr`]. Plane
    /// `index` starts [`plane_stride`](Self::plane_stride)` * index` samples behind it.
    pub fn as_ptr(&self) -> *const T {
        self.start.as_ptr()
    }

    /// Pointer to the first sample of the first plane, to read and write; see
    /// [`PlaneViewMut::as_mut_ptr`]. Plane `index` starts [`plane_stride`](Self::plane_stride)` *
    /// index` samples behind it.
    pub fn as_mut_ptr(&mut self) -> *mut T {
        self.start.as_ptr()
    }

    /// The rectangle in plane `index`.
    ///
    /// # Panics
    /// If there is no such plane.
    pub fn plane(&self, index: usize) -> PlaneView<'_, T> {
        // SAFETY: the set is borrowed, so nobody writes its samples.
        unsafe {
            PlaneView::from_raw(
                self.plane_start(index),
                self.width,
                self.height,
                self.stride,
            )
        }
    }

    /// The rectangle in plane `index`, to write.
    ///
    /// # Panics
    /// If there is no such plane.
    pub fn plane_mut(&mut self, index: usize) -> PlaneViewMut<'_, T> {
        self.reborrow().into_plane(index)
    }

    /// All planes' rectangles.
    pub fn planes(&self) -> impl ExactSizeIterator<Item = PlaneView<'_, T>> {
        Indexed::new(self.count, |index| self.plane(index))
    }

    /// All planes' rectangles, to write.
    pub fn planes_mut(&mut self) -> impl ExactSizeIterator<Item = PlaneViewMut<'_, T>> {
        self.reborrow().into_planes()
    }

    /// The same view for a shorter time.
    pub fn reborrow(&mut self) -> PlaneSetViewMut<'_, T> {
        PlaneSetViewMut { ..*self }
    }

    /// The rectangle in plane `index`, for as long as the view's samples may be written.
    ///
    /// # Panics
    /// If there is no such plane.
    #[must_use]
    pub fn into_plane(self, index: usize) -> PlaneViewMut<'p, T> {
        // SAFETY: the samples are this view's alone, which is consumed.
        unsafe {
            PlaneViewMut::from_raw(
                self.plane_start(index),
                self.width,
                self.height,
                self.stride,
            )
        }
    }

    /// All planes' rectangles, for as long as the view's samples may be written.
    pub fn into_planes(self) -> impl ExactSizeIterator<Item = PlaneViewMut<'p, T>> {
        Indexed::new(self.count, move |index| {
            // SAFETY: planes are disjoint, each is returned once by the invariant of `Indexed`, and
            // the view is kept by the iterator.
            unsafe {
                PlaneViewMut::from_raw(
                    self.plane_start(index),
                    self.width,
                    self.height,
                    self.stride,
                )
            }
        })
    }

    /// The first `y` rows of all planes, and the others.
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

    /// The first `x` columns of all planes, and the others.
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

    /// Disjoint rectangles, each through all planes, that cover the view.
    pub fn tiles(&mut self, grid: TileGrid) -> Tiles<PlaneSetViewMut<'_, T>> {
        self.reborrow().into_tiles(grid)
    }

    /// As [`tiles`](Self::tiles), for as long as the view's samples may be written.
    pub fn into_tiles(self, grid: TileGrid) -> Tiles<Self> {
        Tiles::new(self, grid)
    }

    /// Sets every sample of all planes to `value`.
    pub fn fill(&mut self, value: T) {
        for mut plane in self.planes_of_samples() {
            plane.fill(value);
        }
    }

    /// Sets every sample to `sample(plane, x, y)`, plane by plane and row by row.
    pub fn fill_from_fn(&mut self, mut sample: impl FnMut(usize, usize, usize) -> T) {
        for (index, mut plane) in self.planes_of_samples().enumerate() {
            plane.fill_from_fn(|x, y| sample(index, x, y));
        }
    }

    /// Copies a set of the same dimensions.
    ///
    /// # Panics
    /// If the dimensions or the numbers of planes differ.
    pub fn copy_from(&mut self, from: &PlaneSet<'_, T>) {
        assert_eq!(
            (self.count, self.width, self.height),
            (from.count(), from.width(), from.height()),
            "dimensions"
        );
        for (mut plane, from) in self.planes_of_samples().zip(from.planes()) {
            plane.copy_from(from);
        }
    }

    /// All planes, or none if they have no samples: there may be any number of such planes.
    fn planes_of_samples(&mut self) -> impl Iterator<Item = PlaneViewMut<'_, T>> {
        let is_empty = self.width == 0 || self.height == 0;
        let count = if is_empty { 0 } else { self.count };
        self.planes_mut().take(count)
    }

    fn plane_start(&self, index: usize) -> NonNull<T> {
        assert!(index < self.count, "plane {index} of {}", self.count);
        if self.width == 0 || self.height == 0 {
            return self.start;
        }
        // SAFETY: by the invariant the plane's first sample is there.
        unsafe { self.start.add(index * self.plane_stride) }
    }
}

impl<T> fmt::Debug for PlaneSetViewMut<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dimensions = (self.width, self.height, self.stride);
        debug_dimensions(f, "PlaneSetViewMut", Some(self.count), dimensions)
    }
}

impl<T: Sample> Tiled for PlaneSetViewMut<'_, T> {
    fn dimensions(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    unsafe fn tile(&self, x: usize, y: usize, width: usize, height: usize) -> Self {
        debug_assert!(x + width <= self.width && y + height <= self.height);
        let start = match self.count {
            0 => self.start,
            // SAFETY: the rectangle lies in the first plane.
            _ => unsafe { offset(self.start, x, y, self.stride, (width, height)) },
        };
        // The invariant holds for the part too: it lies in this view, and the caller sees to it
        // that its samples are accessed through it only.
        Self {
            start,
            width,
            height,
            ..*self
        }
    }
}
