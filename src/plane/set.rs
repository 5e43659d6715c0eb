#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::ptr::NonNull;

use super::tiles::{TileGrid, Tiled, Tiles};
use super::view::{offset, span};
use super::{PlaneView, PlaneViewMut};
use crate::layout::PlaneLayout;
use crate::sample::Sample;

/// Several planes of the same dimensions, requested as one: the colour planes of a frame, a 3-D array.
pub struct PlaneSet<'s, T> {
    samples: &'s mut [T],
    count: usize,
    width: usize,
    height: usize,
    layout: PlaneLayout,
}

impl<'s, T: Sample> PlaneSet<'s, T> {
    pub(crate) fn new(
        samples: &'s mut [T],
        count: usize,
        width: usize,
        height: usize,
        layout: &PlaneLayout,
    ) -> Self {
        Self {
            samples,
            count,
            width,
            height,
            layout: *layout,
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
        self.layout.stride
    }

    pub(crate) fn layout(&self) -> &PlaneLayout {
        &self.layout
    }

    pub(crate) fn start(&self) -> *const T {
        self.samples.as_ptr()
    }

    /// Plane `index`.
    ///
    /// # Panics
    /// If there is no such plane.
    pub fn plane(&self, index: usize) -> PlaneView<'_, T> {
        assert!(index < self.count, "plane {index} of {}", self.count);
        let start = (index * self.layout.plane_stride).min(self.samples.len());
        PlaneView::from_slice(
            &self.samples[start..],
            self.width,
            self.height,
            self.layout.stride,
        )
    }

    /// Plane `index`, to write.
    ///
    /// # Panics
    /// If there is no such plane.
    pub fn plane_mut(&mut self, index: usize) -> PlaneViewMut<'_, T> {
        self.view_mut().into_plane(index)
    }

    /// All planes.
    pub fn planes(&self) -> impl ExactSizeIterator<Item = PlaneView<'_, T>> {
        (0..self.count).map(|index| self.plane(index))
    }

    /// All planes, to write.
    pub fn planes_mut(&mut self) -> impl ExactSizeIterator<Item = PlaneViewMut<'_, T>> {
        self.view_mut().into_planes()
    }

    /// The whole set, to write.
    pub fn view_mut(&mut self) -> PlaneSetViewMut<'_, T> {
        PlaneSetViewMut::new(
            self.samples,
            self.count,
            self.width,
            self.height,
            &self.layout,
        )
    }

    /// The whole set, to write for as long as its scope lives.
    pub fn into_view_mut(self) -> PlaneSetViewMut<'s, T> {
        PlaneSetViewMut::new(
            self.samples,
            self.count,
            self.width,
            self.height,
            &self.layout,
        )
    }

    /// Disjoint rectangles, each through all planes, that cover the set, to be written at once by several threads.
    pub fn tiles(&mut self, grid: TileGrid) -> Tiles<PlaneSetViewMut<'_, T>> {
        self.view_mut().into_tiles(grid)
    }
}

/// A rectangle through all planes of a set, to write.
///
/// Invariant: that of [`PlaneViewMut`] for the `count` views that start `plane_stride` samples apart, which are disjoint.
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
        (0..self.count).map(move |index| {
            // SAFETY: planes are disjoint, each is returned once, and the view is kept by the iterator.
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

    /// Disjoint rectangles, each through all planes, that cover the view.
    pub fn tiles(&mut self, grid: TileGrid) -> Tiles<PlaneSetViewMut<'_, T>> {
        self.reborrow().into_tiles(grid)
    }

    /// As [`tiles`](Self::tiles), for as long as the view's samples may be written.
    pub fn into_tiles(self, grid: TileGrid) -> Tiles<Self> {
        Tiles::new(self, grid)
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

impl<T: Sample> Tiled for PlaneSetViewMut<'_, T> {
    fn dimensions(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    unsafe fn tile(&self, x: usize, y: usize, width: usize, height: usize) -> Self {
        debug_assert!(x + width <= self.width && y + height <= self.height);
        Self {
            // SAFETY: the rectangle lies in the view, and the caller sees to it that it alone is used for its samples.
            start: unsafe { offset(self.start, x, y, self.stride, (width, height)) },
            width,
            height,
            ..*self
        }
    }
}
