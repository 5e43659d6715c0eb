use std::fmt;

use super::memory::OwnedMemory;
use crate::layout::PlaneLayout;
use crate::plane::{
    Indexed, Plane, PlaneSet, PlaneSetViewMut, PlaneView, PlaneViewMut, Rows, RowsMut, TileGrid,
    Tiles, assert_row, debug_dimensions,
};
use crate::sample::Sample;
use crate::{AllocError, DetachedPlane};

/// A plane of an [`OwnedFrame`](crate::OwnedFrame) or [`OwnedStage`](crate::OwnedStage) that keeps
/// its scope open, so a struct can hold both.
#[must_use]
pub struct OwnedPlane<T> {
    pub(super) memory: OwnedMemory<T>,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) stride: usize,
}

/// Several equal planes of an owned scope; see [`OwnedPlane`].
#[must_use]
pub struct OwnedPlaneSet<T> {
    pub(super) memory: OwnedMemory<T>,
    pub(super) count: usize,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) layout: PlaneLayout,
}

impl<T: Sample> OwnedPlane<T> {
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
        let (width, start) = (self.width, y * self.stride);
        &mut self.memory.samples_mut()[start..][..width]
    }

    /// Several different rows at once, to write; see [`Plane::disjoint_rows_mut`].
    ///
    /// # Panics
    /// If a row is given twice or is outside the plane.
    pub fn disjoint_rows_mut<const N: usize>(&mut self, rows: [usize; N]) -> [&mut [T]; N] {
        self.view_mut().into_disjoint_rows(rows)
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

    /// Sets every sample to `value`.
    pub fn fill(&mut self, value: T) {
        self.view_mut().fill(value);
    }

    /// All rows from the top.
    pub fn rows(&self) -> Rows<'_, T> {
        self.view().rows()
    }

    /// All rows from the top, to write.
    pub fn rows_mut(&mut self) -> RowsMut<'_, T> {
        self.view_mut().into_rows()
    }

    /// The whole plane.
    pub fn view(&self) -> PlaneView<'_, T> {
        PlaneView::from_slice(self.memory.samples(), self.width, self.height, self.stride)
    }

    /// The whole plane, to write.
    pub fn view_mut(&mut self) -> PlaneViewMut<'_, T> {
        let (width, height, stride) = (self.width, self.height, self.stride);
        PlaneViewMut::from_slice(self.memory.samples_mut(), width, height, stride)
    }

    /// Disjoint rectangles that cover the plane, to be written at once by several threads.
    pub fn tiles(&mut self, grid: TileGrid) -> Tiles<PlaneViewMut<'_, T>> {
        self.view_mut().into_tiles(grid)
    }

    /// Makes the plane outlive its scope; see [`Scope::detach`](crate::Scope::detach).
    ///
    /// # Errors
    /// The errors of a request, if the plane is copied.
    pub fn detach(mut self) -> Result<DetachedPlane<T>, AllocError> {
        let scope = self.memory.scope().clone();
        let (width, height, stride) = (self.width, self.height, self.stride);
        let samples = self.memory.samples_mut();
        scope.detach(Plane::new(samples, width, height, stride))
    }
}

impl<T: Sample> OwnedPlaneSet<T> {
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

    /// Plane `index`.
    ///
    /// # Panics
    /// If there is no such plane.
    pub fn plane(&self, index: usize) -> PlaneView<'_, T> {
        assert!(index < self.count, "plane {index} of {}", self.count);
        let samples = self.memory.samples();
        let start = (index * self.layout.plane_stride).min(samples.len());
        PlaneView::from_slice(
            &samples[start..],
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
        let (count, width, height) = (self.count, self.width, self.height);
        let layout = self.layout;
        PlaneSetViewMut::new(self.memory.samples_mut(), count, width, height, &layout)
    }

    /// Disjoint rectangles, each through all planes, to be written at once by several threads.
    pub fn tiles(&mut self, grid: TileGrid) -> Tiles<PlaneSetViewMut<'_, T>> {
        self.view_mut().into_tiles(grid)
    }

    /// Makes the set outlive its scope; see [`Scope::detach_planes`](crate::Scope::detach_planes).
    ///
    /// # Errors
    /// The errors of a request, if the set is copied.
    pub fn detach(mut self) -> Result<crate::DetachedPlaneSet<T>, AllocError> {
        let scope = self.memory.scope().clone();
        let (count, width, height) = (self.count, self.width, self.height);
        let layout = self.layout;
        let samples = self.memory.samples_mut();
        scope.detach_planes(PlaneSet::new(samples, count, width, height, &layout))
    }
}

impl<T> fmt::Debug for OwnedPlane<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dimensions = (self.width, self.height, self.stride);
        debug_dimensions(f, "OwnedPlane", None, dimensions)
    }
}

impl<T> fmt::Debug for OwnedPlaneSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dimensions = (self.width, self.height, self.layout.stride);
        debug_dimensions(f, "OwnedPlaneSet", Some(self.count), dimensions)
    }
}
