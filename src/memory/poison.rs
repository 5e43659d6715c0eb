//! Makes wrong accesses to memory that is not granted visible: debug builds overwrite it, and
//! AddressSanitizer gets it poisoned.

#![allow(unsafe_code)]

/// Bytes left unusable behind every allocation under `--cfg frame_arena_asan`, so that a write past
/// its end is caught inside a block too.
pub(crate) const RED_ZONE_BYTES: usize = if cfg!(frame_arena_asan) { 64 } else { 0 };

/// Debug builds overwrite returned memory with this byte.
pub(crate) const RETURNED: u8 = 0xA5;

#[cfg(frame_arena_asan)]
unsafe extern "C" {
    fn __asan_poison_memory_region(start: *const core::ffi::c_void, bytes: usize);
    fn __asan_unpoison_memory_region(start: *const core::ffi::c_void, bytes: usize);
}

/// Marks memory as not to be accessed. The caller owns it and holds no reference to it.
#[inline]
pub(crate) fn poison(start: *const u8, bytes: usize) {
    #[cfg(frame_arena_asan)]
    // SAFETY: the runtime only marks its shadow of the range, which the caller owns.
    unsafe {
        __asan_poison_memory_region(start.cast(), bytes);
    }
    let _ = (start, bytes);
}

/// Marks memory as accessible again.
#[inline]
pub(crate) fn unpoison(start: *const u8, bytes: usize) {
    #[cfg(frame_arena_asan)]
    // SAFETY: as in `poison`.
    unsafe {
        __asan_unpoison_memory_region(start.cast(), bytes);
    }
    let _ = (start, bytes);
}
