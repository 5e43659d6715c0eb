use std::fmt;
use std::marker::PhantomData;

use super::{DetachedPlane, SharedMemory};
use crate::plane::{PlaneView, PlaneViewMut, Rows};
use crate::sample::{Sample, cast, cast_mut};

/// A plane that several owners read: a [`DetachedPlane`] behind a count of its owners, as in an
/// [`Arc`](std::sync::Arc). Its memory is returned to the arena when the last owner is dropped, on
/// whatever thread that is.
///
/// Sharing and cloning call no allocator: the count is part of the arena's own record of the
/// memory.
///
/// ```
/// use frame_arena::Arena;
///
/// let arena = Arena::new();
/// let mut plane = arena.detached_plane::<f32>(64, 64)?;
/// plane.view_mut().fill(0.5);
/// let reference = plane.into_shared();
/// let shown = reference.clone();
/// std::thread::spawn(move || assert_eq!(shown.view().get(63, 63), 0.5)).join().unwrap();
/// let plane = reference.try_unwrap().unwrap(); // the only owner again
/// # drop(plane);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// A shared plane cannot be written, and a view does not outlive its owner:
///
/// ```compile_fail,E0599
/// # use frame_arena::Arena;
/// # let arena = Arena::new();
/// let mut plane = arena.detached_plane::<f32>(64, 64)?.into_shared();
/// plane.view_mut().fill(0.5);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// ```compile_fail,E0505
/// # use frame_arena::Arena;
/// # let arena = Arena::new();
/// let plane = arena.detached_plane::<f32>(64, 64)?.into_shared();
/// let view = plane.view();
/// drop(plane);
/// view.row(0);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
#[must_use]
pub struct SharedPlane<T> {
    memory: SharedMemory,
    width: usize,
    height: usize,
    stride: usize,
    samples: PhantomData<T>,
}

impl<T: Sample> DetachedPlane<T> {
    /// Shares the plane with further owners.
    pub fn into_shared(self) -> SharedPlane<T> {
        SharedPlane {
            memory: SharedMemory::new(self.memory),
            width: self.width,
            height: self.height,
            stride: self.stride,
            samples: PhantomData,
        }
    }
}

impl<T: Sample> SharedPlane<T> {
    /// Returns the samples per row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Returns the number of rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Returns the samples from one row start to the next.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Returns row `y`.
    ///
    /// # Panics
    /// If `y >= height`.
    pub fn row(&self, y: usize) -> &[T] {
        self.view().row(y)
    }

    /// Returns all rows from the top.
    pub fn rows(&self) -> Rows<'_, T> {
        self.view().rows()
    }

    /// Returns the sample in column `x` of row `y`.
    ///
    /// # Panics
    /// If `x >= width` or `y >= height`.
    pub fn get(&self, x: usize, y: usize) -> T {
        self.row(y)[x]
    }

    /// Returns a view of the plane.
    pub fn view(&self) -> PlaneView<'_, T> {
        let samples = cast(self.memory.bytes());
        PlaneView::from_slice(samples, self.width, self.height, self.stride)
    }

    /// Returns a view to write, or `None` if there are other owners.
    pub fn get_mut(&mut self) -> Option<PlaneViewMut<'_, T>> {
        let samples = cast_mut(self.memory.get_mut()?);
        let view = PlaneViewMut::from_slice(samples, self.width, self.height, self.stride);
        Some(view)
    }

    /// Takes the plane back for one owner alone.
    ///
    /// # Errors
    /// `self`, unchanged, if there are other owners.
    pub fn try_unwrap(self) -> Result<DetachedPlane<T>, Self> {
        let (width, height, stride) = (self.width, self.height, self.stride);
        match self.memory.try_unwrap() {
            Ok(memory) => Ok(DetachedPlane {
                memory,
                width,
                height,
                stride,
                samples: PhantomData,
            }),
            Err(memory) => Err(Self { memory, ..self }),
        }
    }
}

impl<T> Clone for SharedPlane<T> {
    fn clone(&self) -> Self {
        Self {
            memory: self.memory.clone(),
            ..*self
        }
    }
}

impl<T> fmt::Debug for SharedPlane<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedPlane")
            .field("width", &self.width)
            .field("height", &self.height)
            .field("stride", &self.stride)
            .finish_non_exhaustive()
    }
}
