//! Requests to the global allocator: counted, and refused on demand.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::null_mut;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The system's allocator, counted.
pub(crate) struct Counted;

/// Bytes that were granted and not returned.
static LIVE_BYTES: AtomicUsize = AtomicUsize::new(0);
/// Most live bytes since [`restart_peak`].
static PEAK_BYTES: AtomicUsize = AtomicUsize::new(0);

static IS_ARMED: AtomicBool = AtomicBool::new(false);
/// Requests since refusals were armed.
static REQUESTS: AtomicUsize = AtomicUsize::new(0);
/// Requests of fewer bytes are left out.
static LEAST_BYTES: AtomicUsize = AtomicUsize::new(0);
/// The first request that is refused.
static FIRST: AtomicUsize = AtomicUsize::new(0);
/// Whether those after it are refused as well.
static ALL_AFTER: AtomicBool = AtomicBool::new(false);

/// The function of [`look_before_less`].
static LOOK: OnceLock<fn()> = OnceLock::new();
/// Returns of fewer bytes do not call it.
const LEAST_LOOK_BYTES: usize = 4096;

/// From now on, calls `look` before the count of bytes falls and before it is read, so that it can
/// [`add`] and [`subtract`] bytes that no request reports.
pub(crate) fn look_before_less(look: fn()) {
    LOOK.get_or_init(|| look);
}

fn look() {
    if let Some(look) = LOOK.get() {
        look();
    }
}

/// Returns the bytes that the process has from the system at this moment.
pub(crate) fn live_bytes() -> usize {
    look();
    LIVE_BYTES.load(Ordering::SeqCst)
}

/// Restarts the peak from the live bytes, and returns these.
pub(crate) fn restart_peak() -> usize {
    let live = live_bytes();
    PEAK_BYTES.store(live, Ordering::SeqCst);
    live
}

/// Returns the most live bytes since [`restart_peak`].
pub(crate) fn peak_bytes() -> usize {
    look();
    PEAK_BYTES.load(Ordering::SeqCst)
}

/// Leaves requests of fewer bytes out: they are neither numbered nor refused.
pub(crate) fn leave_out_below(bytes: usize) {
    LEAST_BYTES.store(bytes, Ordering::SeqCst);
}

/// Refuses request `first`, counted from 0 from now on, and with `all_after` all that follow.
pub(crate) fn refuse(first: usize, all_after: bool) {
    FIRST.store(first, Ordering::SeqCst);
    ALL_AFTER.store(all_after, Ordering::SeqCst);
    REQUESTS.store(0, Ordering::SeqCst);
    IS_ARMED.store(true, Ordering::SeqCst);
}

/// Counts requests from now on and grants all of them.
pub(crate) fn count() {
    refuse(usize::MAX, false);
}

/// Returns how many requests there were since [`count`].
pub(crate) fn counted() -> usize {
    refuse_nothing()
}

/// Grants everything again. Returns how many requests there were since [`refuse`].
pub(crate) fn refuse_nothing() -> usize {
    IS_ARMED.store(false, Ordering::SeqCst);
    REQUESTS.load(Ordering::SeqCst)
}

/// Counts a request. Tells whether it must be refused.
pub(crate) fn is_refused(bytes: usize) -> bool {
    if !IS_ARMED.load(Ordering::SeqCst) || bytes < LEAST_BYTES.load(Ordering::SeqCst) {
        return false;
    }
    let request = REQUESTS.fetch_add(1, Ordering::SeqCst);
    let first = FIRST.load(Ordering::SeqCst);
    request == first || (request > first && ALL_AFTER.load(Ordering::SeqCst))
}

/// Counts bytes that were granted.
pub(crate) fn add(bytes: usize) {
    let live = LIVE_BYTES.fetch_add(bytes, Ordering::SeqCst) + bytes;
    PEAK_BYTES.fetch_max(live, Ordering::SeqCst);
}

/// Counts bytes that were returned.
pub(crate) fn subtract(bytes: usize) {
    LIVE_BYTES.fetch_sub(bytes, Ordering::SeqCst);
}

/// Grants a request with the memory that `take` returns, unless it must be refused.
fn grant(bytes: usize, take: impl FnOnce() -> *mut u8) -> *mut u8 {
    if is_refused(bytes) {
        return null_mut();
    }
    let start = take();
    if !start.is_null() {
        add(bytes);
    }
    start
}

// SAFETY: the system's allocator does the work; a null pointer is a refusal.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        grant(layout.size(), || unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        grant(layout.size(), || unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        // SAFETY: as the caller promises.
        let moved = grant(bytes, || unsafe { System.realloc(start, layout, bytes) });
        if !moved.is_null() {
            subtract(layout.size());
        }
        moved
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        if layout.size() >= LEAST_LOOK_BYTES {
            look();
        }
        subtract(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(start, layout) }
    }
}
