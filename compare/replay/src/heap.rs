#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, handle_alloc_error};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use crate::memory::{Fill, Memory, Scope, Scratch};

/// A vector per buffer, from a given allocator. Stale buffers are not cleared, like the capacity of
/// a new vector. This favors vectors: safe code could only fill them from the start.
pub(crate) struct Heap<A>(A);

impl<A: GlobalAlloc + Sync + 'static> Heap<A> {
    pub(crate) const fn new(allocator: A) -> Self {
        Self(allocator)
    }

    pub(crate) fn take(&self, bytes: usize, fill: Fill) -> HeapBuffer<'_, A> {
        let layout = Layout::from_size_align(bytes, 16).expect("a size");
        assert!(bytes > 0);
        // SAFETY: the size is not zero.
        let start = unsafe {
            match fill {
                Fill::Zeroed => self.0.alloc_zeroed(layout),
                Fill::Stale => self.0.alloc(layout),
            }
        };
        HeapBuffer {
            start: NonNull::new(start).unwrap_or_else(|| handle_alloc_error(layout)),
            layout,
            allocator: &self.0,
        }
    }
}

/// Memory of an allocator, freed when dropped. The engine writes it before it reads it.
pub(crate) struct HeapBuffer<'h, A: GlobalAlloc> {
    start: NonNull<u8>,
    layout: Layout,
    allocator: &'h A,
}

// SAFETY: the memory is the buffer's alone, and the allocator may be used from any thread.
unsafe impl<A: GlobalAlloc + Sync + 'static> Send for HeapBuffer<'_, A> {}

impl<A: GlobalAlloc> Deref for HeapBuffer<'_, A> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: this many bytes were allocated, and written before this is called.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.layout.size()) }
    }
}

impl<A: GlobalAlloc> DerefMut for HeapBuffer<'_, A> {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: this many bytes were allocated for this buffer alone. A stale buffer is written
        // before it is read.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.layout.size()) }
    }
}

impl<A: GlobalAlloc> Drop for HeapBuffer<'_, A> {
    fn drop(&mut self) {
        // SAFETY: the memory came from this allocator, with this layout.
        unsafe { self.allocator.dealloc(self.start.as_ptr(), self.layout) }
    }
}

impl<A: GlobalAlloc + Sync + 'static> Memory for Heap<A> {
    type Scope = Self;
    type Own<'m>
        = HeapBuffer<'m, A>
    where
        A: 'm;

    fn with_frame(&self, work: &mut dyn FnMut(&Self)) {
        work(self);
    }

    fn own(&self, bytes: usize, fill: Fill) -> HeapBuffer<'_, A> {
        self.take(bytes, fill)
    }
}

impl<A: GlobalAlloc + Sync + 'static> Scope for Heap<A> {
    type Buffer<'s>
        = HeapBuffer<'s, A>
    where
        A: 's;
    type Scratch<'s>
        = Self
    where
        A: 's;

    fn buffer(&self, bytes: usize, fill: Fill) -> HeapBuffer<'_, A> {
        self.take(bytes, fill)
    }

    fn with_stage(&self, work: &mut dyn FnMut(&Self)) {
        work(self);
    }

    fn with_scratch(&self, work: &mut dyn FnMut(&Self)) {
        work(self);
    }
}

impl<A: GlobalAlloc + Sync + 'static> Scratch for Heap<A> {
    type Buffer<'s>
        = HeapBuffer<'s, A>
    where
        A: 's;

    fn buffer(&self, bytes: usize, fill: Fill) -> HeapBuffer<'_, A> {
        self.take(bytes, fill)
    }
}
