//! Huge pages, where the system has them to give.

#![allow(unsafe_code)]

use std::ptr::NonNull;

/// Bytes of a huge page.
const HUGE_PAGE_BYTES: usize = 2 << 20;

/// Asks the system to map the whole huge pages that lie in `bytes` bytes from `start` as such when they are first touched. The
/// caller owns them. A system that has none, or does not know the call, changes nothing.
pub(super) fn advise(start: NonNull<u8>, bytes: usize) {
    let skipped = start.addr().get().wrapping_neg() % HUGE_PAGE_BYTES;
    let whole = bytes.saturating_sub(skipped) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
    if whole > 0 {
        madvise(start.as_ptr().wrapping_add(skipped), whole);
    }
}

#[cfg(target_os = "linux")]
fn madvise(start: *mut u8, bytes: usize) {
    const MADV_HUGEPAGE: core::ffi::c_int = 14;
    unsafe extern "C" {
        fn madvise(
            start: *mut core::ffi::c_void,
            bytes: usize,
            advice: core::ffi::c_int,
        ) -> core::ffi::c_int;
    }
    // SAFETY: the advice changes no contents, only how the caller's pages are mapped.
    let _refused = unsafe { madvise(start.cast(), bytes, MADV_HUGEPAGE) };
}

#[cfg(not(target_os = "linux"))]
fn madvise(_: *mut u8, _: usize) {}
