//! Planes, sets of planes, and views of their rectangles.

#[cfg(feature = "rayon")]
mod parallel;
mod rows;
mod set;
mod tiles;
mod view;
mod view_mut;

pub use rows::{Rows, RowsMut};
pub use set::{PlaneSet, PlaneSetViewMut};
pub use tiles::{TileGrid, Tiles};
pub use view::PlaneView;
pub use view_mut::PlaneViewMut;

use crate::sample::Sample;

/// A 2-D plane of samples that lives as long as the scope it was requested from.
///
/// Rows start at 64-byte boundaries, `stride` samples apart.
///
/// A view does not outlive its plane, and there is one exclusive view at a time:
///
/// ```compile_fail,E0597
/// # use frame_arena::{Arena, PlaneAlloc};
/// # let arena = Arena::new();
/// # let frame = arena.frame();
/// let view = {
///     let plane = frame.plane::<f32>(64, 64)?;
///     plane.view()
/// };
/// view.row(0);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// ```compile_fail,E0499
/// # use frame_arena::{Arena, PlaneAlloc};
/// # let arena = Arena::new();
/// # let frame = arena.frame();
/// let mut plane = frame.plane::<f32>(64, 64)?;
/// let mut first = plane.view_mut();
/// let mut second = plane.view_mut();
/// first.fill(1.0);
/// second.fill(2.0);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// ```compile_fail,E0502
/// # use frame_arena::{Arena, PlaneAlloc};
/// # let arena = Arena::new();
/// # let frame = arena.frame();
/// let mut plane = frame.plane::<f32>(64, 64)?;
/// let before = plane.row(0);
/// plane.row_mut(1).fill(1.0);
/// before.len();
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
pub struct Plane<'s, T> {
    samples: &'s mut [T],
    width: usize,
    height: usize,
    stride: usize,
}

impl<'s, T: Sample> Plane<'s, T> {
    pub(crate) fn new(samples: &'s mut [T], width: usize, height: usize, stride: usize) -> Self {
        Self {
            samples,
            width,
            height,
            stride,
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
        assert!(y < self.height, "row {y} of {}", self.height);
        &self.samples[y * self.stride..][..self.width]
    }

    /// Row `y`, to write.
    ///
    /// # Panics
    /// If `y >= height`.
    pub fn row_mut(&mut self, y: usize) -> &mut [T] {
        assert!(y < self.height, "row {y} of {}", self.height);
        &mut self.samples[y * self.stride..][..self.width]
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
        PlaneView::from_slice(self.samples, self.width, self.height, self.stride)
    }

    /// The whole plane, to write.
    pub fn view_mut(&mut self) -> PlaneViewMut<'_, T> {
        PlaneViewMut::from_slice(self.samples, self.width, self.height, self.stride)
    }

    /// The whole plane, to write for as long as its scope lives.
    pub fn into_view_mut(self) -> PlaneViewMut<'s, T> {
        PlaneViewMut::from_slice(self.samples, self.width, self.height, self.stride)
    }

    /// Disjoint rectangles that cover the plane, to be written at once by several threads.
    pub fn tiles(&mut self, grid: TileGrid) -> Tiles<PlaneViewMut<'_, T>> {
        self.view_mut().into_tiles(grid)
    }

    pub(crate) fn start(&self) -> *const T {
        self.samples.as_ptr()
    }
}
