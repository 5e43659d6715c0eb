#![allow(unsafe_code)]

use std::ptr::NonNull;

use super::handle::Handle;
use crate::sample::Sample;

/// Samples that keep open the scope that granted them.
///
/// Invariant: the samples are a grant of the scope of `keeps`, and this is their only user.
pub(super) struct OwnedMemory<T> {
    samples: NonNull<[T]>,
    keeps: Handle,
}

// SAFETY: the memory is used as a slice that it owns.
unsafe impl<T: Send> Send for OwnedMemory<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for OwnedMemory<T> {}

impl<T: Sample> OwnedMemory<T> {
    /// Makes a request of `scope` by `request` and keeps the scope open.
    pub(super) fn request<E>(
        scope: &Handle,
        request: impl for<'s> FnOnce(&'s crate::Scope) -> Result<&'s mut [T], E>,
    ) -> Result<Self, E> {
        Ok(Self {
            samples: NonNull::from(request(scope)?),
            keeps: scope.clone(),
        })
    }

    pub(super) fn scope(&self) -> &Handle {
        &self.keeps
    }

    pub(super) fn samples(&self) -> &[T] {
        // SAFETY: the scope is open as long as `keeps` is, and nobody else uses its grant.
        unsafe { self.samples.as_ref() }
    }

    pub(super) fn samples_mut(&mut self) -> &mut [T] {
        // SAFETY: as above, and the borrow is exclusive.
        unsafe { self.samples.as_mut() }
    }
}
