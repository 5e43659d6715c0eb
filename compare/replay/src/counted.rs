#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

/// An allocator that counts the calls of strategies, but not those of the engine that drives them.
/// If a ceiling is set, it refuses requests of strategies beyond it.
pub(crate) struct Counted<A>(pub(crate) A);

static CALLS: AtomicU64 = AtomicU64::new(0);
static LIVE_BYTES: AtomicUsize = AtomicUsize::new(0);
static CEILING_BYTES: AtomicUsize = AtomicUsize::new(usize::MAX);

thread_local! {
    static IN_STRATEGY: Cell<bool> = const { Cell::new(false) };
}

/// Allocations and reallocations by strategies so far.
pub(crate) fn calls() -> u64 {
    CALLS.load(Relaxed)
}

/// Sets the ceiling to `bytes` in addition to the bytes that are live now.
pub(crate) fn set_ceiling(bytes: usize) {
    CEILING_BYTES.store(LIVE_BYTES.load(Relaxed).saturating_add(bytes), Relaxed);
}

/// Runs work of a strategy, whose calls count.
pub(crate) fn in_strategy<R>(work: impl FnOnce() -> R) -> R {
    switched(true, work)
}

/// Runs work of the engine inside a call of a strategy. Its calls do not count.
pub(crate) fn in_engine<R>(work: impl FnOnce() -> R) -> R {
    switched(false, work)
}

fn switched<R>(on: bool, work: impl FnOnce() -> R) -> R {
    let before = IN_STRATEGY.replace(on);
    let result = work();
    IN_STRATEGY.set(before);
    result
}

/// Least bytes of a request that may be refused. Smaller ones are for bookkeeping and for messages
/// of panics.
const LEAST_REFUSED: usize = 4096;

/// Counts a request for `bytes`. Returns `false` if it is refused.
fn admit(bytes: usize) -> bool {
    let live = LIVE_BYTES.fetch_add(bytes, Relaxed) + bytes;
    if IN_STRATEGY.get() {
        CALLS.fetch_add(1, Relaxed);
        if bytes >= LEAST_REFUSED && live > CEILING_BYTES.load(Relaxed) {
            LIVE_BYTES.fetch_sub(bytes, Relaxed);
            return false;
        }
    }
    true
}

// SAFETY: the allocator inside does the work.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Counted<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !admit(layout.size()) {
            return ptr::null_mut();
        }
        // SAFETY: as the caller promises.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !admit(layout.size()) {
            return ptr::null_mut();
        }
        // SAFETY: as the caller promises.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        LIVE_BYTES.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { self.0.dealloc(start, layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        if !admit(bytes) {
            return ptr::null_mut();
        }
        LIVE_BYTES.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { self.0.realloc(start, layout, bytes) }
    }
}
