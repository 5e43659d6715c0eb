//! Planes and sets as one slice or pointer. They own the padding behind their rows, unlike views.

use super::{Plane, PlaneSet};
use crate::sample::Sample;

impl<T: Sample> Plane<'_, T> {
    /// All samples as one slice, row after row, if there is no padding between the rows: if
    /// [`stride`](Self::stride) equals the width, there is one row, or there are no samples.
    ///
    /// ```
    /// # use frame_arena::{Arena, PlaneAlloc};
    /// # let arena = Arena::new();
    /// # let frame = arena.frame();
    /// let plane = frame.plane::<u8>(1920, 1080)?;
    /// assert_eq!(plane.as_slice().map(<[u8]>::len), Some(1920 * 1080));
    /// let padded = frame.plane::<u8>(100, 50)?;
    /// assert_eq!((padded.stride(), padded.as_slice()), (128, None));
    /// # Ok::<(), frame_arena::AllocError>(())
    /// ```
    pub fn as_slice(&self) -> Option<&[T]> {
        self.view().as_slice()
    }

    /// All samples as one slice, row after row, to write, if there is no padding between the rows;
    /// see [`as_slice`](Self::as_slice).
    pub fn as_mut_slice(&mut self) -> Option<&mut [T]> {
        self.view_mut().into_slice()
    }

    /// All rows with the padding behind each: [`stride`](Self::stride)` * height` samples. Padding
    /// is zero in a plane of zeros and stale otherwise, until it is written.
    pub fn as_padded_slice(&self) -> &[T] {
        self.samples
    }

    /// All rows with the padding behind each, to write; see
    /// [`as_padded_slice`](Self::as_padded_slice).
    pub fn as_padded_mut_slice(&mut self) -> &mut [T] {
        self.samples
    }

    /// Pointer to the first sample; row `y` starts [`stride`](Self::stride)` * y` samples behind
    /// it.
    ///
    /// All of [`as_padded_slice`](Self::as_padded_slice) may be read through it, padding included,
    /// until the plane is written, moved or dropped.
    pub fn as_ptr(&self) -> *const T {
        self.samples.as_ptr()
    }

    /// Pointer to the first sample, to read and write; row `y` starts [`stride`](Self::stride)` *
    /// y` samples behind it.
    ///
    /// All of [`as_padded_slice`](Self::as_padded_slice) may be read and written through it,
    /// padding included, until the plane is used otherwise, moved or dropped.
    ///
    /// ```
    /// # use frame_arena::{Arena, PlaneAlloc};
    /// # let arena = Arena::new();
    /// # let frame = arena.frame();
    /// /// A function as those of C libraries.
    /// unsafe extern "C" fn fill(samples: *mut u16, stride_bytes: usize, rows: usize) {
    ///     // SAFETY: the caller passes `rows` rows of `stride_bytes`.
    ///     unsafe { samples.cast::<u8>().write_bytes(0xff, stride_bytes * rows) };
    /// }
    ///
    /// let mut plane = frame.plane::<u16>(100, 50)?;
    /// let (stride_bytes, rows) = (plane.stride() * size_of::<u16>(), plane.height());
    /// // SAFETY: all rows may be written, padding included, and nobody else has access meanwhile.
    /// unsafe { fill(plane.as_mut_ptr(), stride_bytes, rows) };
    /// assert_eq!(plane.get(99, 49), 0xffff);
    /// # Ok::<(), frame_arena::AllocError>(())
    /// ```
    pub fn as_mut_ptr(&mut self) -> *mut T {
        self.samples.as_mut_ptr()
    }
}

impl<T: Sample> PlaneSet<'_, T> {
    /// All rows of all planes with the padding behind each row:
    /// [`plane_stride`](Self::plane_stride)` * count` samples; see [`Plane::as_padded_slice`].
    pub fn as_padded_slice(&self) -> &[T] {
        self.samples
    }

    /// All rows of all planes with the padding behind each row, to write; see
    /// [`as_padded_slice`](Self::as_padded_slice).
    pub fn as_padded_mut_slice(&mut self) -> &mut [T] {
        self.samples
    }

    /// Pointer to the first sample of the first plane, to read; see [`Plane::as_ptr`]. Plane
    /// `index` starts [`plane_stride`](Self::plane_stride)` * index` samples behind it.
    pub fn as_ptr(&self) -> *const T {
        self.samples.as_ptr()
    }

    /// Pointer to the first sample of the first plane, to read and write; see
    /// [`Plane::as_mut_ptr`]. Plane `index` starts [`plane_stride`](Self::plane_stride)` * index`
    /// samples behind it.
    pub fn as_mut_ptr(&mut self) -> *mut T {
        self.samples.as_mut_ptr()
    }
}

/// Planes and sets that own their memory, as one slice or pointer.
macro_rules! whole_of_owners {
    ($plane:ident, $set:ident) => {
        impl<T: Sample> $plane<T> {
            /// All samples as one slice, row after row, if there is no padding between the rows;
            /// see [`Plane::as_slice`](crate::Plane::as_slice).
            pub fn as_slice(&self) -> Option<&[T]> {
                self.view().as_slice()
            }

            /// All samples as one slice, row after row, to write, if there is no padding between
            /// the rows; see [`Plane::as_slice`](crate::Plane::as_slice).
            pub fn as_mut_slice(&mut self) -> Option<&mut [T]> {
                self.view_mut().into_slice()
            }

            /// All rows with the padding behind each; see
            /// [`Plane::as_padded_slice`](crate::Plane::as_padded_slice).
            pub fn as_padded_slice(&self) -> &[T] {
                self.memory.samples()
            }

            /// All rows with the padding behind each, to write; see
            /// [`Plane::as_padded_slice`](crate::Plane::as_padded_slice).
            pub fn as_padded_mut_slice(&mut self) -> &mut [T] {
                self.memory.samples_mut()
            }

            /// Pointer to the first sample; see [`Plane::as_ptr`](crate::Plane::as_ptr).
            pub fn as_ptr(&self) -> *const T {
                self.as_padded_slice().as_ptr()
            }

            /// Pointer to the first sample, to read and write; see
            /// [`Plane::as_mut_ptr`](crate::Plane::as_mut_ptr).
            pub fn as_mut_ptr(&mut self) -> *mut T {
                self.as_padded_mut_slice().as_mut_ptr()
            }
        }

        impl<T: Sample> $set<T> {
            /// All rows of all planes with the padding behind each row; see
            /// [`PlaneSet::as_padded_slice`](crate::PlaneSet::as_padded_slice).
            pub fn as_padded_slice(&self) -> &[T] {
                self.memory.samples()
            }

            /// All rows of all planes with the padding behind each row, to write; see
            /// [`PlaneSet::as_padded_slice`](crate::PlaneSet::as_padded_slice).
            pub fn as_padded_mut_slice(&mut self) -> &mut [T] {
                self.memory.samples_mut()
            }

            /// Pointer to the first sample of the first plane, to read; see
            /// [`PlaneSet::as_ptr`](crate::PlaneSet::as_ptr).
            pub fn as_ptr(&self) -> *const T {
                self.as_padded_slice().as_ptr()
            }

            /// Pointer to the first sample of the first plane, to read and write; see
            /// [`PlaneSet::as_mut_ptr`](crate::PlaneSet::as_mut_ptr).
            pub fn as_mut_ptr(&mut self) -> *mut T {
                self.as_padded_mut_slice().as_mut_ptr()
            }
        }
    };
}
pub(crate) use whole_of_owners;
