//! The system allocator, with calls and bytes counted.
//!
//! Every decoder uses it, so the cost of the counters (a few relaxed atomics per call) is in all
//! rows.

#![allow(unsafe_code, reason = "GlobalAlloc is an unsafe trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static CALLS: AtomicUsize = AtomicUsize::new(0);
static LIVE_BYTES: AtomicUsize = AtomicUsize::new(0);
static PEAK_BYTES: AtomicUsize = AtomicUsize::new(0);

/// Counting wrapper over [`System`], to be made the global allocator of a binary or test.
pub struct CountingAllocator;

// SAFETY: every request goes unchanged to `System`, which upholds the contract; the counters do not
// touch the memory.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises about `layout` are those that `System` requires.
        taken(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `alloc`.
        taken(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE_BYTES.fetch_sub(layout.size(), Relaxed);
        // SAFETY: `pointer` came from `System` through this wrapper, with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: `pointer` came from `System` with this layout; the caller vouches for `new_size`.
        let moved = unsafe { System.realloc(pointer, layout, new_size) };
        if !moved.is_null() {
            LIVE_BYTES.fetch_sub(layout.size(), Relaxed);
        }
        taken(moved, new_size)
    }
}

/// Counts one call that returned `bytes` bytes. A failed call is not counted.
fn taken(pointer: *mut u8, bytes: usize) -> *mut u8 {
    if !pointer.is_null() {
        CALLS.fetch_add(1, Relaxed);
        let live = LIVE_BYTES.fetch_add(bytes, Relaxed) + bytes;
        PEAK_BYTES.fetch_max(live, Relaxed);
    }
    pointer
}

/// Calls that returned memory (alloc, alloc_zeroed, realloc) since the process began.
pub fn calls() -> usize {
    CALLS.load(Relaxed)
}

/// Bytes granted and not returned.
pub fn live_bytes() -> usize {
    LIVE_BYTES.load(Relaxed)
}

/// Largest [`live_bytes`] since the last [`restart_peak`].
pub fn peak_bytes() -> usize {
    PEAK_BYTES.load(Relaxed)
}

/// Restarts the peak from the bytes that are live now. Call it while no other thread allocates.
pub fn restart_peak() {
    PEAK_BYTES.store(LIVE_BYTES.load(Relaxed), Relaxed);
}
