//! Counts the calls to the C allocator, those of C libraries included: the functions here take the
//! place of those of the same names in glibc.

#![allow(unsafe_code, reason = "the functions of a C allocator")]

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

static CALLS: AtomicU64 = AtomicU64::new(0);

/// Returns the calls that requested memory since the process began.
pub fn calls() -> u64 {
    CALLS.load(Relaxed)
}

unsafe extern "C" {
    fn __libc_malloc(bytes: usize) -> *mut c_void;
    fn __libc_calloc(count: usize, bytes: usize) -> *mut c_void;
    fn __libc_realloc(start: *mut c_void, bytes: usize) -> *mut c_void;
    fn __libc_memalign(align: usize, bytes: usize) -> *mut c_void;
}

fn count() {
    CALLS.fetch_add(1, Relaxed);
}

/// # Safety
/// As `malloc`.
#[unsafe(no_mangle)]
unsafe extern "C" fn malloc(bytes: usize) -> *mut c_void {
    count();
    // SAFETY: as the caller promises.
    unsafe { __libc_malloc(bytes) }
}

/// # Safety
/// As `calloc`.
#[unsafe(no_mangle)]
unsafe extern "C" fn calloc(items: usize, bytes: usize) -> *mut c_void {
    count();
    // SAFETY: as the caller promises.
    unsafe { __libc_calloc(items, bytes) }
}

/// # Safety
/// As `realloc`.
#[unsafe(no_mangle)]
unsafe extern "C" fn realloc(start: *mut c_void, bytes: usize) -> *mut c_void {
    count();
    // SAFETY: as the caller promises.
    unsafe { __libc_realloc(start, bytes) }
}

/// # Safety
/// As `memalign`.
#[unsafe(no_mangle)]
unsafe extern "C" fn memalign(align: usize, bytes: usize) -> *mut c_void {
    count();
    // SAFETY: as the caller promises.
    unsafe { __libc_memalign(align, bytes) }
}

/// # Safety
/// As `aligned_alloc`.
#[unsafe(no_mangle)]
unsafe extern "C" fn aligned_alloc(align: usize, bytes: usize) -> *mut c_void {
    count();
    // SAFETY: as the caller promises.
    unsafe { __libc_memalign(align, bytes) }
}

/// # Safety
/// As `posix_memalign`.
#[unsafe(no_mangle)]
unsafe extern "C" fn posix_memalign(result: *mut *mut c_void, align: usize, bytes: usize) -> c_int {
    if !align.is_power_of_two() || align < size_of::<usize>() {
        return libc::EINVAL;
    }
    count();
    // SAFETY: as the caller promises.
    let start = unsafe { __libc_memalign(align, bytes) };
    if start.is_null() {
        return libc::ENOMEM;
    }
    // SAFETY: as the caller promises.
    unsafe { result.write(start) };
    0
}
