//! Counts the allocations of a thread that are not freed.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;

/// An allocator, counting what each thread takes and frees.
pub(crate) struct Balance<A>(pub(crate) A);

thread_local! {
    static OPEN: Cell<i64> = const { Cell::new(0) };
}

fn add(count: i64) {
    OPEN.set(OPEN.get() + count);
}

/// Allocations of this thread minus those that it freed.
pub(crate) fn open() -> i64 {
    OPEN.get()
}

// SAFETY: the allocator within does the work.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Balance<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(1);
        // SAFETY: as the caller promises.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(1);
        // SAFETY: as the caller promises.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        add(-1);
        // SAFETY: as the caller promises.
        unsafe { self.0.dealloc(start, layout) }
    }
}
