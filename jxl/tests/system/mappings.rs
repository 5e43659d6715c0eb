//! Memory mappings of the program, counted and refused like requests to its allocator.
//!
//! These functions replace those of the C library for all calls from Rust code. The C library's own
//! calls, for its heap and the stacks of threads, do not use them.

#![allow(unsafe_code)]

use std::ffi::c_int;

use libc::{
    ENOMEM, MAP_FAILED, SYS_mmap, SYS_mremap, SYS_munmap, c_void, off_t, off64_t, size_t, syscall,
};

use super::requests::{add, is_refused, subtract};

const PAGE_BYTES: usize = 4096;

fn refused() -> *mut c_void {
    // SAFETY: the calling thread's own variable.
    unsafe { *libc::__errno_location() = ENOMEM };
    MAP_FAILED
}

/// # Safety
/// As the system's.
#[unsafe(no_mangle)]
unsafe extern "C" fn mmap(
    start: *mut c_void,
    bytes: size_t,
    protection: c_int,
    flags: c_int,
    file: c_int,
    offset: off_t,
) -> *mut c_void {
    if is_refused(bytes) {
        return refused();
    }
    // SAFETY: as the caller promises.
    unsafe { map(start, bytes, protection, flags, file, offset) }
}

/// # Safety
/// As the system's.
unsafe fn map(
    start: *mut c_void,
    bytes: size_t,
    protection: c_int,
    flags: c_int,
    file: c_int,
    offset: off64_t,
) -> *mut c_void {
    // SAFETY: as the caller promises.
    let mapped = unsafe { syscall(SYS_mmap, start, bytes, protection, flags, file, offset) };
    let mapped = std::ptr::with_exposed_provenance_mut(mapped as usize);
    if mapped != MAP_FAILED {
        add(bytes.next_multiple_of(PAGE_BYTES));
    }
    mapped
}

/// What the standard library calls, for the signal stacks of threads: counted, but not refused, as
/// it panics then.
///
/// # Safety
/// As the system's.
#[unsafe(no_mangle)]
unsafe extern "C" fn mmap64(
    start: *mut c_void,
    bytes: size_t,
    protection: c_int,
    flags: c_int,
    file: c_int,
    offset: off64_t,
) -> *mut c_void {
    // SAFETY: as the caller promises.
    unsafe { map(start, bytes, protection, flags, file, offset) }
}

/// # Safety
/// As the system's.
#[unsafe(no_mangle)]
unsafe extern "C" fn munmap(start: *mut c_void, bytes: size_t) -> c_int {
    // SAFETY: as the caller promises.
    let result = unsafe { syscall(SYS_munmap, start, bytes) };
    if result == 0 {
        subtract(bytes.next_multiple_of(PAGE_BYTES));
    }
    result as c_int
}

/// Only what the arena does: a mapping moves into the place of another one.
///
/// # Safety
/// As the system's.
#[unsafe(no_mangle)]
unsafe extern "C" fn mremap(
    start: *mut c_void,
    bytes: size_t,
    new_bytes: size_t,
    flags: c_int,
    place: *mut c_void,
) -> *mut c_void {
    assert_eq!(bytes, new_bytes);
    if is_refused(bytes) {
        // Where Linux refuses this, it has unmapped the place before.
        // SAFETY: as the caller promises, who loses that place.
        unsafe { munmap(place, new_bytes) };
        return refused();
    }
    // SAFETY: as the caller promises.
    let moved = unsafe { syscall(SYS_mremap, start, bytes, new_bytes, flags, place) };
    let moved = std::ptr::with_exposed_provenance_mut(moved as usize);
    if moved != MAP_FAILED {
        // The pages that were in that place are gone.
        subtract(bytes.next_multiple_of(PAGE_BYTES));
    }
    moved
}
