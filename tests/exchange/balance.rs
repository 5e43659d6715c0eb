//! How many allocations of a thread are not freed.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, counting what each thread takes and frees.
pub(crate) struct Balance;

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

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Balance {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(1);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        add(-1);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(start, layout) }
    }
}
