use std::fmt;
use std::marker::PhantomData;

use super::DetachedMemory;
use crate::AllocError;
use crate::grant::Fill;
use crate::layout::{self, PlaneLayout};
use crate::memory::{Run, Shared};
use crate::plane::{
    Indexed, PlaneSet, PlaneSetViewMut, PlaneView, PlaneViewMut, TileGrid, Tiles, debug_dimensions,
};
use crate::sample::Sample;
use crate::store::Store;

/// A set of equal planes that outlives the frame it was made in; see
/// [`DetachedPlane`](crate::DetachedPlane).
///
/// ```compile_fail,E0505
/// # use frame_arena::Arena;
/// # let arena = Arena::new();
/// let references = arena.detached_planes::<f32>(3, 64, 64)?;
/// let planes = references.planes();
/// drop(references);
/// planes.count(); // the views would outlive their planes
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
#[must_use]
pub struct DetachedPlaneSet<T> {
    pub(super) memory: DetachedMemory,
    count: usize,
    width: usize,
    height: usize,
    layout: PlaneLayout,
    samples: PhantomData<T>,
}

impl<T: Sample> DetachedPlaneSet<T> {
    pub(crate) fn zeroed(
        store: &Shared<Store>,
        count: usize,
        width: usize,
        height: usize,
    ) -> Result<Self, AllocError> {
        Self::request(store, count, width, height, Fill::Zero)
    }

    pub(crate) fn stale(
        store: &Shared<Store>,
        count: usize,
        width: usize,
        height: usize,
    ) -> Result<Self, AllocError> {
        Self::request(store, count, width, height, Fill::Stale)
    }

    pub(crate) fn copied(
        store: &Shared<Store>,
        from: &PlaneSet<'_, T>,
    ) -> Result<Self, AllocError> {
        let mut planes = Self::stale(store, from.count(), from.width(), from.height())?;
        planes.view_mut().copy_from(from);
        Ok(planes)
    }

    /// A set of a scope together with its run, which already left the scope.
    pub(crate) fn moved(store: &Shared<Store>, run: Box<Run>, planes: &PlaneSet<'_, T>) -> Self {
        Self {
            memory: DetachedMemory::holding(store, run),
            count: planes.count(),
            width: planes.width(),
            height: planes.height(),
            layout: *planes.layout(),
            samples: PhantomData,
        }
    }

    fn request(
        store: &Shared<Store>,
        count: usize,
        width: usize,
        height: usize,
        fill: Fill,
    ) -> Result<Self, AllocError> {
        let layout = layout::planes(count, width, height, size_of::<T>())?;
        Ok(Self {
            memory: DetachedMemory::request::<T>(store, layout.bytes, fill)?,
            count,
            width,
            height,
            layout,
            samples: PhantomData,
        })
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

    /// Plane `index`.
    ///
    /// # Panics
    /// If there is no such plane.
    pub fn plane(&self, index: usize) -> PlaneView<'_, T> {
        assert!(index < self.count, "plane {index} of {}", self.count);
        let samples: &[T] = self.memory.samples();
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

    /// All planes, to write.
    pub fn view_mut(&mut self) -> PlaneSetViewMut<'_, T> {
        PlaneSetViewMut::new(
            self.memory.samples_mut(),
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

impl<T> fmt::Debug for DetachedPlaneSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dimensions = (self.width, self.height, self.layout.stride);
        debug_dimensions(f, "DetachedPlaneSet", Some(self.count), dimensions)
    }
}
