//! Memory mappings of the program: their requests are counted and refused like those to its
//! allocator, and their resident pages count as bytes of the process.
//!
//! These functions replace those of the C library for all calls from Rust code. The C library's own
//! calls, for its heap and the stacks of threads, do not use them.

#![allow(unsafe_code)]

use std::ffi::c_int;
use std::sync::{Mutex, MutexGuard, PoisonError};

use libc::{
    ENOMEM, MAP_FAILED, SYS_mincore, SYS_mmap, SYS_mremap, SYS_munmap, c_void, off_t, off64_t,
    size_t, syscall,
};

use super::requests::{add, is_refused, look_before_less, subtract};

const PAGE_BYTES: usize = 4096;

/// Addresses of the program that are mapped.
static MAPPED: Mutex<Mapped> = Mutex::new(Mapped {
    places: [(0, 0); MOST_PLACES],
    len: 0,
    resident_bytes: 0,
});

/// Most mappings at once, more than any test has.
const MOST_PLACES: usize = 4096;

struct Mapped {
    /// First addresses and numbers of bytes, `len` of them.
    places: [(usize, usize); MOST_PLACES],
    len: usize,
    /// Bytes in pages that were resident at the last look.
    resident_bytes: usize,
}

impl Mapped {
    fn lock() -> MutexGuard<'static, Self> {
        MAPPED.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn insert(&mut self, start: usize, bytes: usize) {
        self.places[self.len] = (start, bytes);
        self.len += 1;
    }

    /// Forgets addresses. Those that were not mapped change nothing.
    fn remove(&mut self, start: usize, bytes: usize) {
        let end = start + bytes;
        for place in (0..self.len).rev() {
            let (first, bytes) = self.places[place];
            let last = first + bytes;
            if last <= start || end <= first {
                continue;
            }
            self.len -= 1;
            self.places[place] = self.places[self.len];
            if first < start {
                self.insert(first, start - first);
            }
            if end < last {
                self.insert(end, last - end);
            }
        }
    }

    /// Counts the pages that are resident now.
    fn look(&mut self) {
        let mut pages = [0u8; 1024];
        let mut resident_bytes = 0;
        for &(start, bytes) in &self.places[..self.len] {
            for offset in (0..bytes).step_by(pages.len() * PAGE_BYTES) {
                let part = (bytes - offset).min(pages.len() * PAGE_BYTES);
                // SAFETY: the system writes one byte for each page of the part.
                let result =
                    unsafe { syscall(SYS_mincore, start + offset, part, pages.as_mut_ptr()) };
                assert_eq!(result, 0, "mincore of a mapped range fails");
                let resident = pages[..part / PAGE_BYTES]
                    .iter()
                    .filter(|page| *page & 1 == 1);
                resident_bytes += resident.count() * PAGE_BYTES;
            }
        }
        match resident_bytes.checked_sub(self.resident_bytes) {
            Some(more) => add(more),
            None => subtract(self.resident_bytes - resident_bytes),
        }
        self.resident_bytes = resident_bytes;
    }
}

fn refused() -> *mut c_void {
    // SAFETY: the pointer is to a variable of the calling thread.
    unsafe { *libc::__errno_location() = ENOMEM };
    MAP_FAILED
}

/// # Safety
/// The contract of the function of the C library.
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
/// The contract of the function of the C library.
unsafe fn map(
    start: *mut c_void,
    bytes: size_t,
    protection: c_int,
    flags: c_int,
    file: c_int,
    offset: off64_t,
) -> *mut c_void {
    look_before_less(|| Mapped::lock().look());
    let mut places = Mapped::lock();
    // SAFETY: as the caller promises.
    let mapped = unsafe { syscall(SYS_mmap, start, bytes, protection, flags, file, offset) };
    let mapped = std::ptr::with_exposed_provenance_mut::<c_void>(mapped as usize);
    if mapped != MAP_FAILED {
        places.insert(mapped.addr(), bytes.next_multiple_of(PAGE_BYTES));
    }
    mapped
}

/// The standard library calls this for the signal stacks of threads. Calls are counted but not
/// refused, because it would panic.
///
/// # Safety
/// The contract of the function of the C library.
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
/// The contract of the function of the C library.
#[unsafe(no_mangle)]
unsafe extern "C" fn munmap(start: *mut c_void, bytes: size_t) -> c_int {
    let mut places = Mapped::lock();
    places.look();
    // SAFETY: as the caller promises.
    let result = unsafe { syscall(SYS_munmap, start, bytes) };
    if result == 0 {
        places.remove(start.addr(), bytes.next_multiple_of(PAGE_BYTES));
        places.look();
    }
    result as c_int
}

/// Supports only what the arena does: moves a mapping into the place of another one.
///
/// # Safety
/// The contract of the function of the C library.
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
        // When Linux refuses a move, it has already unmapped the place.
        // SAFETY: as the caller promises, who gives up the place.
        unsafe { munmap(place, new_bytes) };
        return refused();
    }
    let mut places = Mapped::lock();
    places.look();
    // SAFETY: as the caller promises.
    let moved = unsafe { syscall(SYS_mremap, start, bytes, new_bytes, flags, place) };
    let moved = std::ptr::with_exposed_provenance_mut(moved as usize);
    if moved != MAP_FAILED {
        places.remove(start.addr(), bytes.next_multiple_of(PAGE_BYTES));
        places.look();
    }
    moved
}
