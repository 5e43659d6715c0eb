//! An allocator that refuses on demand and grants odd addresses.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;

pub(crate) struct Odd<A>(pub(crate) A);

/// Memory of blocks, runs and records is at least that large. Only such memory is refused or put at
/// odd addresses.
const LARGE_BYTES: usize = 300;

/// More than any system has; a sanitizer's allocator would end the process instead of refusing.
const TOO_LARGE_BYTES: usize = 1 << 39;

thread_local! {
    static ODDNESS: Cell<usize> = const { Cell::new(16) };
    static GRANTED: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// Makes the calling thread's memory begin this many bytes (0, 16, 32 or 48) after a multiple of
/// 64.
pub(crate) fn set_oddness(bytes: usize) {
    assert!(bytes < 64 && bytes.is_multiple_of(16));
    ODDNESS.set(bytes);
}

/// Grants the calling thread's next `count` large requests, and refuses all later ones.
pub(crate) fn refuse_after(count: usize) {
    GRANTED.set(count);
}

/// Number of large requests that the calling thread may still make.
pub(crate) fn still_granted() -> usize {
    GRANTED.get()
}

/// Grants everything again.
pub(crate) fn refuse_nothing() {
    GRANTED.set(usize::MAX);
}

fn is_large(layout: Layout) -> bool {
    layout.size() >= LARGE_BYTES && layout.align() <= 16
}

/// The memory that large memory lies in, with room for a shift.
fn outer(layout: Layout) -> Layout {
    Layout::from_size_align(layout.size().saturating_add(128), 64).unwrap_or(layout)
}

fn place(layout: Layout, take: impl FnOnce(Layout) -> *mut u8) -> *mut u8 {
    if !is_large(layout) {
        return take(layout);
    }
    match GRANTED.get() {
        _ if layout.size() >= TOO_LARGE_BYTES => return std::ptr::null_mut(),
        0 => return std::ptr::null_mut(),
        usize::MAX => {}
        left => GRANTED.set(left - 1),
    }
    let start = take(outer(layout));
    match start.is_null() {
        true => start,
        // Within the outer memory, which is 128 bytes longer.
        false => start.wrapping_add(64 + ODDNESS.get()),
    }
}

// SAFETY: the allocator within does the work; large memory lies within memory of `outer`, whose
// start is the multiple of 64 below the address 64 bytes lower.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Odd<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises; the outer layout is not empty either.
        place(layout, |layout| unsafe { self.0.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        place(layout, |layout| unsafe { self.0.alloc_zeroed(layout) })
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        let (start, layout) = match is_large(layout) {
            true => (
                start.map_addr(|address| (address - 64) / 64 * 64),
                outer(layout),
            ),
            false => (start, layout),
        };
        // SAFETY: the memory that `place` took.
        unsafe { self.0.dealloc(start, layout) }
    }
}
