//! Memory for collections of any type: scopes and scratch as allocators.
//!
//! [`RawAlloc`] has the operations, for all versions of the `Allocator` trait; [`adapters`]
//! implements each version.

#![allow(unsafe_code)]

mod adapters;
mod scopes;
#[cfg(test)]
mod tests;

use std::alloc::Layout;
use std::ptr::NonNull;

use crate::AllocError;
use crate::heap::{Heap, Memory, Piece, Pieces, Resized};

/// An allocator of collections that uses a [`Heap`]. Its methods are those of std's `Allocator`,
/// with this crate's error.
///
/// # Safety
/// `with_heap` always passes the same heap, and nobody else closes it or frees memory that `self`
/// allocated, as long as `self` is borrowed. It passes the source of the heap's pieces.
pub(crate) unsafe trait RawAlloc {
    type Piece: Piece;

    /// Runs `work` with the heap, which is locked meanwhile. `work` runs no code of users.
    ///
    /// # Errors
    /// The errors of taking the heap's record, if this is its first use.
    fn with_heap<R>(
        &self,
        work: impl FnOnce(&mut Heap<Self::Piece>, &mut dyn Pieces<Self::Piece>) -> R,
    ) -> Result<R, AllocError>;

    /// Allocates memory of `layout`, which is uninitialized.
    ///
    /// # Errors
    /// The errors of the source of the heap's pieces; the same for the methods below.
    #[inline]
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let memory = self.with_heap(|heap, source| heap.alloc(layout, source))??;
        Ok(slice(memory.start, layout))
    }

    /// Allocates memory of `layout`, which is zero.
    #[inline]
    fn allocate_zeroed(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let memory = self.with_heap(|heap, source| heap.alloc(layout, source))??;
        // SAFETY: the granted memory has these bytes and belongs to nobody else.
        unsafe { memory.start.write_bytes(0, memory.dirty_bytes) };
        Ok(slice(memory.start, layout))
    }

    /// Frees memory.
    ///
    /// # Safety
    /// This allocator granted the memory at `start`, with `layout`, and it is allocated. Nobody
    /// uses it any more.
    #[inline]
    unsafe fn deallocate(&self, start: NonNull<u8>, layout: Layout) {
        // SAFETY: as the caller promises.
        let freed = self.with_heap(|heap, source| unsafe { heap.dealloc(start, layout, source) });
        debug_assert!(freed.is_ok(), "the heap that granted it");
    }

    /// Gives memory another layout. The bytes that both layouts have are kept; on an error nothing
    /// changes.
    ///
    /// # Safety
    /// This allocator granted the memory at `start`, with the layout `old`, and it is allocated.
    /// Nobody uses it meanwhile, and nobody uses it at `start` after success.
    #[inline]
    unsafe fn resize(
        &self,
        start: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: as the caller promises.
        let memory = unsafe { resize(self, start, old, new) }?;
        Ok(slice(memory.start, new))
    }

    /// As [`resize`](Self::resize) to a larger size; the bytes beyond the old size are zero.
    ///
    /// # Safety
    /// As for `resize`.
    #[inline]
    unsafe fn grow_zeroed(
        &self,
        start: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: as the caller promises.
        let memory = unsafe { resize(self, start, old, new) }?;
        let dirty_bytes = memory.dirty_bytes.saturating_sub(old.size());
        // SAFETY: the dirty bytes are in the granted memory. There are none beyond its end.
        unsafe {
            memory
                .start
                .add(old.size().min(new.size()))
                .write_bytes(0, dirty_bytes)
        };
        Ok(slice(memory.start, new))
    }
}

/// Gives memory another layout. Large memory is copied while the heap is not locked.
///
/// # Safety
/// As for [`RawAlloc::resize`].
#[inline]
unsafe fn resize<A: RawAlloc + ?Sized>(
    allocator: &A,
    start: NonNull<u8>,
    old: Layout,
    new: Layout,
) -> Result<Memory, AllocError> {
    // SAFETY: as the caller promises.
    let resized =
        allocator.with_heap(|heap, source| unsafe { heap.resize(start, old, new, source) });
    match resized?? {
        Resized::Done(memory) => Ok(memory),
        Resized::Copy(memory) => {
            let bytes = old.size().min(new.size());
            // SAFETY: both are allocations of at least this size, and nobody uses the new one yet.
            unsafe { memory.start.copy_from_nonoverlapping(start, bytes) };
            // SAFETY: as the caller promises.
            unsafe { allocator.deallocate(start, old) };
            Ok(memory)
        }
    }
}

#[inline]
fn slice(start: NonNull<u8>, layout: Layout) -> NonNull<[u8]> {
    NonNull::slice_from_raw_parts(start, layout.size())
}
