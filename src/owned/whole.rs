//! Owned planes and sets as one slice or pointer.

use super::{OwnedPlane, OwnedPlaneSet};
use crate::sample::Sample;

impl<T: Sample> OwnedPlane<T> {
    /// All samples as one slice, row after row, if there is no padding between the rows; see
    /// [`Plane::as_slice`](crate::Plane::as_slice).
    pub fn as_slice(&self) -> Option<&[T]> {
        self.view().as_slice()
    }

    /// All samples as one slice, row after row, to write, if there is no padding between the rows;
    /// see [`Plane::as_slice`](crate::Plane::as_slice).
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

impl<T: Sample> OwnedPlaneSet<T> {
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
