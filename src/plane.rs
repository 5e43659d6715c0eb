//! Planes, sets of planes, and views of their rectangles.

mod index;
mod indexed;
mod interop;
#[cfg(feature = "rayon")]
mod parallel;
mod rows;
mod set;
mod set_view_mut;
mod tiles;
mod view;
mod view_mut;
mod whole;

pub(crate) use indexed::Indexed;
#[cfg(feature = "rayon")]
pub use parallel::{ParRows, ParRowsMut, ParTiles, Parallel};
pub use rows::{Rows, RowsMut};
pub use set::PlaneSet;
pub use set_view_mut::PlaneSetViewMut;
pub use tiles::{TileGrid, Tiles};
pub use view::PlaneView;
pub use view_mut::PlaneViewMut;
pub(crate) use whole::whole_of_owners;

use std::fmt;

use crate::sample::Sample;

/// A 2-D plane of samples that lives as long as the scope it was requested from.
///
/// Rows start `stride` samples apart, the first at a 64-byte boundary. If the size of a sample
/// divides 64, all rows start at 64-byte boundaries. Rows of other samples, such as `[u8; 3]`, are
/// aligned as the samples are and have no padding. A stride that would be a multiple of 2 KiB is
/// longer by 64 bytes, rounded up to whole samples; otherwise the samples of a column would compete
/// for the same cache sets.
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
#[must_use]
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
        assert_row(y, self.height);
        &self.samples[y * self.stride..][..self.width]
    }

    /// Row `y`, to write.
    ///
    /// # Panics
    /// If `y >= height`.
    pub fn row_mut(&mut self, y: usize) -> &mut [T] {
        assert_row(y, self.height);
        &mut self.samples[y * self.stride..][..self.width]
    }

    /// Several different rows at once, to write, such as row `y` and the rows that it is predicted
    /// from.
    ///
    /// ```
    /// # use frame_arena::{Arena, PlaneAlloc};
    /// # let arena = Arena::new();
    /// # let frame = arena.frame();
    /// let mut plane = frame.plane::<u8>(8, 4)?;
    /// for y in 1..plane.height() {
    ///     let [above, row] = plane.disjoint_rows_mut([y - 1, y]);
    ///     for (sample, above) in row.iter_mut().zip(above) {
    ///         *sample = *above + 1;
    ///     }
    /// }
    /// assert_eq!(plane.row(3), [3; 8]);
    /// # Ok::<(), frame_arena::AllocError>(())
    /// ```
    ///
    /// ```compile_fail,E0502
    /// # use frame_arena::{Arena, PlaneAlloc};
    /// # let arena = Arena::new();
    /// # let frame = arena.frame();
    /// let mut plane = frame.plane::<u8>(8, 4)?;
    /// let [first, second] = plane.disjoint_rows_mut([0, 1]);
    /// first.copy_from_slice(plane.row(1)); // the second row is borrowed exclusively
    /// second.fill(0);
    /// # Ok::<(), frame_arena::AllocError>(())
    /// ```
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

impl<T> fmt::Debug for Plane<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_dimensions(f, "Plane", None, (self.width, self.height, self.stride))
    }
}

/// Panics if there is no row `y`.
#[inline(always)]
pub(crate) fn assert_row(y: usize, height: usize) {
    if y >= height {
        no_such_row(y, height);
    }
}

/// Takes its arguments by value: formatting takes references, which would force the caller's values
/// into memory even if nothing panics.
#[cold]
#[inline(never)]
fn no_such_row(y: usize, height: usize) -> ! {
    panic!("row {y} of {height}")
}

/// Writes the dimensions of planes without their samples.
pub(crate) fn debug_dimensions(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    count: Option<usize>,
    (width, height, stride): (usize, usize, usize),
) -> fmt::Result {
    let mut fields = f.debug_struct(name);
    if let Some(count) = count {
        fields.field("count", &count);
    }
    fields
        .field("width", &width)
        .field("height", &height)
        .field("stride", &stride)
        .finish_non_exhaustive()
}
