//! The global allocator.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use frame_arena::{AllocError, RawBuffer, RawLayout, is_calling_allocator};

use super::{current, registry};

/// Smaller allocations always go to the wrapped allocator.
pub const LEAST_BYTES: usize = registry::GRANULE_BYTES;

/// Whether an allocator of this type serves requests.
static IS_INSTALLED: AtomicBool = AtomicBool::new(false);

/// A global allocator whose large allocations an arena can [adopt](super::Adopt). All others go to
/// the allocator that it wraps, which is the system's by default.
///
/// The module's page has an [example](super).
#[derive(Clone, Copy, Debug, Default)]
pub struct FrameGlobal<A = System>(A);

impl FrameGlobal {
    /// Wraps the system's allocator.
    pub const fn new() -> Self {
        Self(System)
    }
}

impl<A> FrameGlobal<A> {
    /// Wraps `allocator`.
    pub const fn wrapping(allocator: A) -> Self {
        Self(allocator)
    }
}

/// Allocates from the arena of the thread's adoption, if there is one. `layout` has `LEAST_BYTES`
/// at least.
fn adopted(layout: Layout, is_zeroed: bool) -> Option<NonNull<u8>> {
    if !IS_INSTALLED.load(Relaxed) {
        IS_INSTALLED.store(true, Relaxed);
    }
    current::with(|adoption| {
        // The backtrace of a panic fills caches that stay for the rest of the process.
        if is_calling_allocator() || thread::panicking() {
            return None;
        }
        let request = RawLayout::new(layout.size()).align_bytes(layout.align());
        let taken = match is_zeroed {
            true => adoption.arena.raw_buffer(request).map(RawBuffer::into_raw),
            false => adoption.arena.uninit_raw_buffer(request),
        };
        let start = match taken {
            Ok(start) => start,
            Err(refused) => {
                if let AllocError::LimitExceeded { .. } = refused {
                    adoption.count_excess(layout.size(), refused);
                }
                return None;
            }
        };
        let address = start.as_ptr().expose_provenance();
        if registry::insert(address) {
            return Some(start);
        }
        // SAFETY: the buffer was reduced to this pointer above, and nobody else has it.
        drop(unsafe { RawBuffer::from_raw(start) });
        None
    })
}

/// Returns an allocation to its arena.
///
/// # Safety
/// The registry contains `start`, which is the start of an allocation that nobody uses any more.
unsafe fn free_adopted(start: *mut u8) {
    let address = start.addr();
    registry::remove(address);
    if let Some(start) = NonNull::new(ptr::with_exposed_provenance_mut::<u8>(address)) {
        // SAFETY: the registry contains only pointers to which `adopted` reduced buffers and whose
        // provenance it exposed, and this one was just removed.
        drop(unsafe { RawBuffer::from_raw(start) });
    }
}

/// Whether the allocation at `start` with `layout` is one of an arena.
#[inline]
fn is_adopted(start: *mut u8, layout: Layout) -> bool {
    // An arena's allocation that is reallocated in place keeps `LEAST_BYTES` bytes or more.
    layout.size() >= LEAST_BYTES && registry::contains(start.addr())
}

// SAFETY: an allocation comes from the wrapped allocator, or is a raw buffer of an arena with the
// size and alignment of its layout, which nobody else has until it is freed. The registry tells
// which of both it is: only starts of buffers are in it, each while it is allocated. Nothing here
// panics.
unsafe impl<A: GlobalAlloc> GlobalAlloc for FrameGlobal<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() >= LEAST_BYTES
            && let Some(start) = adopted(layout, false)
        {
            return start.as_ptr();
        }
        // SAFETY: as the caller promises.
        unsafe { self.0.alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.size() >= LEAST_BYTES
            && let Some(start) = adopted(layout, true)
        {
            return start.as_ptr();
        }
        // SAFETY: as the caller promises.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        if is_adopted(start, layout) {
            // SAFETY: it is in the registry, and the caller does not use it any more.
            return unsafe { free_adopted(start) };
        }
        // SAFETY: as the caller promises, and the allocation is not one of an arena.
        unsafe { self.0.dealloc(start, layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        let was_adopted = is_adopted(start, layout);
        // A smaller buffer of at least half the size stays where it is.
        if was_adopted && bytes <= layout.size() && bytes >= LEAST_BYTES.max(layout.size() / 2) {
            return start;
        }
        // SAFETY: the caller promises that the size, rounded up, is valid.
        let new_layout = unsafe { Layout::from_size_align_unchecked(bytes, layout.align()) };
        let adopted = match bytes >= LEAST_BYTES {
            true => adopted(new_layout, false),
            false => None,
        };
        let new = match adopted {
            Some(new) => new.as_ptr(),
            // SAFETY: as the caller promises, and neither is one of an arena.
            None if !was_adopted => return unsafe { self.0.realloc(start, layout, bytes) },
            // SAFETY: the caller promises that the size is not zero.
            None => unsafe { self.0.alloc(new_layout) },
        };
        if !new.is_null() {
            // SAFETY: both have these bytes and are different allocations. The old one is not used
            // any more, and was allocated by this allocator.
            unsafe {
                new.copy_from_nonoverlapping(start, bytes.min(layout.size()));
                self.dealloc(start, layout);
            }
        }
        new
    }
}

/// Panics if the program's global allocator is no [`FrameGlobal`].
pub(super) fn assert_installed() {
    if !IS_INSTALLED.load(Relaxed) {
        drop(black_box(Vec::<u8>::with_capacity(black_box(LEAST_BYTES))));
        assert!(
            IS_INSTALLED.load(Relaxed),
            "the program's #[global_allocator] is no FrameGlobal"
        );
    }
}
