#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// An allocator whose calls are counted while a strategy works, not while the engine that drives it does.
pub(crate) struct Counted<A>(pub(crate) A);

static CALLS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static IN_STRATEGY: Cell<bool> = const { Cell::new(false) };
}

/// Allocations and reallocations by strategies so far.
pub(crate) fn calls() -> u64 {
    CALLS.load(Relaxed)
}

/// Runs what a strategy does.
pub(crate) fn in_strategy<R>(work: impl FnOnce() -> R) -> R {
    switched(true, work)
}

/// Runs what the engine does inside a call of a strategy.
pub(crate) fn in_engine<R>(work: impl FnOnce() -> R) -> R {
    switched(false, work)
}

fn switched<R>(on: bool, work: impl FnOnce() -> R) -> R {
    let before = IN_STRATEGY.replace(on);
    let result = work();
    IN_STRATEGY.set(before);
    result
}

fn count() {
    if IN_STRATEGY.get() {
        CALLS.fetch_add(1, Relaxed);
    }
}

// SAFETY: the allocator inside does the work.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Counted<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as the caller promises.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as the caller promises.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { self.0.dealloc(start, layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        count();
        // SAFETY: as the caller promises.
        unsafe { self.0.realloc(start, layout, bytes) }
    }
}
