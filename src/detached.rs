mod memory;
mod set;
mod shared;
mod shared_plane;
mod whole;

pub use set::DetachedPlaneSet;

use std::fmt;
use std::marker::PhantomData;

use crate::AllocError;
use crate::grant::Fill;
use crate::layout;
use crate::memory::{Run, Shared};
use crate::plane::{
    Plane, PlaneView, PlaneViewMut, Rows, RowsMut, TileGrid, Tiles, debug_dimensions,
};
use crate::sample::Sample;
use crate::store::Store;
pub(crate) use memory::DetachedMemory;
pub(crate) use shared::SharedMemory;
pub use shared_plane::SharedPlane;

/// A plane that outlives the frame in which it was made, such as a reference frame, an LF frame or
/// a canvas. Its memory is returned to the arena when it is dropped.
///
/// To read many rows, take one [`view`](Self::view) of it.
///
/// ```compile_fail,E0505
/// # use frame_arena::Arena;
/// # let arena = Arena::new();
/// let reference = arena.detached_plane::<f32>(64, 64)?;
/// let view = reference.view();
/// drop(reference);
/// view.row(0); // the view would outlive its plane
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
#[must_use]
pub struct DetachedPlane<T> {
    memory: DetachedMemory,
    width: usize,
    height: usize,
    stride: usize,
    samples: PhantomData<T>,
}

impl<T: Sample> DetachedPlane<T> {
    pub(crate) fn zeroed(
        store: &Shared<Store>,
        width: usize,
        height: usize,
    ) -> Result<Self, AllocError> {
        Self::request(store, width, height, Fill::Zero)
    }

    pub(crate) fn stale(
        store: &Shared<Store>,
        width: usize,
        height: usize,
    ) -> Result<Self, AllocError> {
        Self::request(store, width, height, Fill::Stale)
    }

    pub(crate) fn copied(
        store: &Shared<Store>,
        from: PlaneView<'_, T>,
    ) -> Result<Self, AllocError> {
        let mut plane = Self::stale(store, from.width(), from.height())?;
        plane.view_mut().copy_from(from);
        Ok(plane)
    }

    /// A plane of a scope together with its run, which already left the scope.
    pub(crate) fn moved(store: &Shared<Store>, run: Box<Run>, plane: &Plane<'_, T>) -> Self {
        Self {
            memory: DetachedMemory::holding(store, run),
            width: plane.width(),
            height: plane.height(),
            stride: plane.stride(),
            samples: PhantomData,
        }
    }

    fn request(
        store: &Shared<Store>,
        width: usize,
        height: usize,
        fill: Fill,
    ) -> Result<Self, AllocError> {
        let layout = layout::planes(1, width, height, size_of::<T>())?;
        Ok(Self {
            memory: DetachedMemory::request::<T>(store, layout.bytes, fill)?,
            width,
            height,
            stride: layout.stride,
            samples: PhantomData,
        })
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
        let [row] = self.disjoint_rows_mut([y]);
        row
    }

    /// Several different rows at once, to write; see [`Plane`](Plane::disjoint_rows_mut).
    ///
    /// # Panics
    /// If a row is given twice or is outside the plane.
    pub fn disjoint_rows_mut<const N: usize>(&mut self, rows: [usize; N]) -> [&mut [T]; N] {
        self.view_mut().into_disjoint_rows(rows)
    }

    /// All rows from the top.
    pub fn rows(&self) -> Rows<'_, T> {
        self.view().rows()
    }

    /// All rows from the top, to write.
    pub fn rows_mut(&mut self) -> RowsMut<'_, T> {
        self.view_mut().into_rows()
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

    /// The plane.
    pub fn view(&self) -> PlaneView<'_, T> {
        PlaneView::from_slice(self.memory.samples(), self.width, self.height, self.stride)
    }

    /// The plane, to write.
    pub fn view_mut(&mut self) -> PlaneViewMut<'_, T> {
        PlaneViewMut::from_slice(
            self.memory.samples_mut(),
            self.width,
            self.height,
            self.stride,
        )
    }

    /// Disjoint rectangles that cover the plane, to be written at once by several threads.
    pub fn tiles(&mut self, grid: TileGrid) -> Tiles<PlaneViewMut<'_, T>> {
        self.view_mut().into_tiles(grid)
    }
}

impl<T> fmt::Debug for DetachedPlane<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dimensions = (self.width, self.height, self.stride);
        debug_dimensions(f, "DetachedPlane", None, dimensions)
    }
}
