use std::fmt;

use super::tiles::{TileGrid, Tiles};
use super::{Indexed, PlaneSetViewMut, PlaneView, PlaneViewMut, debug_dimensions};
use crate::layout::PlaneLayout;
use crate::sample::Sample;

/// Several planes of the same dimensions in one request, such as the color planes of a frame or a
/// 3-D array.
#[must_use]
pub struct PlaneSet<'s, T> {
    pub(super) samples: &'s mut [T],
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

    /// Samples from the start of one plane to that of the next; 0 if the planes have no samples.
    pub fn plane_stride(&self) -> usize {
        self.layout.plane_stride
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
        Indexed::new(self.count, |index| self.plane(index))
    }

    /// All planes, to write.
    pub fn planes_mut(&mut self) -> impl ExactSizeIterator<Item = PlaneViewMut<'_, T>> {
        self.view_mut().into_planes()
    }

    /// Sets every sample of all planes to `value`.
    pub fn fill(&mut self, value: T) {
        self.view_mut().fill(value);
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

    /// Disjoint rectangles, each through all planes, that cover the set, to be written at once by
    /// several threads.
    pub fn tiles(&mut self, grid: TileGrid) -> Tiles<PlaneSetViewMut<'_, T>> {
        self.view_mut().into_tiles(grid)
    }
}

impl<T> fmt::Debug for PlaneSet<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dimensions = (self.width, self.height, self.layout.stride);
        debug_dimensions(f, "PlaneSet", Some(self.count), dimensions)
    }
}
