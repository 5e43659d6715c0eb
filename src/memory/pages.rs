//! Zeroed memory, from the global allocator or mapped by the system.

#![allow(unsafe_code)]

#[cfg(target_os = "linux")]
mod cuts;
#[cfg(target_os = "linux")]
mod mapped;
#[cfg(not(target_os = "linux"))]
#[path = "pages/unknown.rs"]
mod mapped;

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ptr::NonNull;

use crate::AllocError;
use crate::allocator_calls::calling_allocator;
use crate::layout::RUN_OVERHEAD_BYTES;

/// Smaller memory comes from the global allocator, whose heap needs fewer system calls for it.
const LEAST_MAPPED_BYTES: usize = 64 << 10;

/// Bytes of a huge page.
pub(super) const HUGE_PAGE_BYTES: usize = 2 << 20;

/// The source of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    GlobalAllocator,
    /// Large memory is mapped, on systems for which this crate knows how.
    System {
        /// Leading bytes for which huge pages are requested, rounded down to whole huge pages.
        huge_bytes: usize,
    },
}

impl Source {
    /// Whether it is of huge pages.
    pub(super) fn is_huge(self) -> bool {
        matches!(self, Self::System { huge_bytes } if huge_bytes >= HUGE_PAGE_BYTES)
    }
}

/// Memory that is zero at first and is released when dropped.
///
/// Invariant: `start` is the start of `origin`, which this owns.
pub(crate) struct Pages {
    start: NonNull<u8>,
    origin: Origin,
    /// Whether foreign code had some of it, and may have left that uninitialized.
    is_unwritten: bool,
}

// SAFETY: the pages own their memory, to which nothing here gives access.
unsafe impl Send for Pages {}
// SAFETY: as above.
unsafe impl Sync for Pages {}

enum Origin {
    /// The bytes were moved out.
    Nothing,
    Allocator(Layout),
    Mapped(mapped::Mapped),
}

impl Pages {
    /// Memory of a run that counts for `total_bytes`.
    pub(super) fn of_run(total_bytes: usize, source: Source) -> Result<Self, AllocError> {
        let pages = Self::zeroed(total_bytes - RUN_OVERHEAD_BYTES, source);
        pages.ok_or(AllocError::System {
            requested_bytes: total_bytes,
        })
    }

    /// Memory of `bytes` bytes (at least one), aligned to 16; `None` if the system refuses.
    pub(super) fn zeroed(bytes: usize, source: Source) -> Option<Self> {
        if let Source::System { huge_bytes } = source
            && bytes >= LEAST_MAPPED_BYTES
            && mapped::IS_KNOWN
        {
            let mapped = mapped::Mapped::new(bytes, huge_bytes)?;
            return Some(Self {
                start: mapped.start(),
                origin: Origin::Mapped(mapped),
                is_unwritten: false,
            });
        }
        let layout = Layout::from_size_align(bytes, 16).ok()?;
        // SAFETY: the size is not zero.
        let start = NonNull::new(calling_allocator(|| unsafe { alloc_zeroed(layout) }))?;
        Some(Self {
            start,
            origin: Origin::Allocator(layout),
            is_unwritten: false,
        })
    }

    /// Moves the memory out.
    pub(super) fn take(&mut self) -> Self {
        let nothing = Self {
            start: NonNull::dangling(),
            origin: Origin::Nothing,
            is_unwritten: false,
        };
        std::mem::replace(self, nothing)
    }

    /// Moves the memory out, and leaves none here.
    fn take_origin(&mut self) -> Origin {
        std::mem::replace(&mut self.origin, Origin::Nothing)
    }

    /// Whether memory of `bytes` bytes from this source can be [spliced](Self::splice).
    pub(super) fn can_be_spliced(bytes: usize, source: Source) -> bool {
        let is_mapped = mapped::IS_KNOWN && bytes >= LEAST_MAPPED_BYTES;
        is_mapped && matches!(source, Source::System { .. })
    }

    /// Replaces the bytes from `offset` on, which nobody has touched, by the first `bytes` bytes of
    /// `from`, as far as they fit, and releases the rest of `from`. The bytes keep their contents.
    /// Returns the number of bytes moved, which is zero unless both are mapped. Returns `None` if
    /// the system refused; then only the bytes before `offset` are left.
    pub(super) fn splice(&mut self, offset: usize, mut from: Self, bytes: usize) -> Option<usize> {
        let (Origin::Mapped(mapped), Origin::Mapped(_)) = (&mut self.origin, &from.origin) else {
            return Some(0);
        };
        self.is_unwritten |= from.is_unwritten;
        match from.take_origin() {
            Origin::Mapped(from) => mapped.splice(offset, from, bytes),
            _ => Some(0),
        }
    }

    /// Marks some of it as possibly uninitialized.
    pub(super) fn set_unwritten(&mut self) {
        self.is_unwritten = true;
    }

    pub(super) fn is_unwritten(&self) -> bool {
        self.is_unwritten
    }

    pub(super) fn start(&self) -> NonNull<u8> {
        self.start
    }

    /// Splits off the bytes beyond the first `bytes`. `None` if memory of this origin is released
    /// only as a whole, or if there is no whole page beyond.
    pub(super) fn split_off(&mut self, bytes: usize) -> Option<Self> {
        match &mut self.origin {
            Origin::Allocator(_) | Origin::Nothing => None,
            Origin::Mapped(mapped) => {
                let tail = mapped.split_off(bytes)?;
                Some(Self {
                    start: tail.start(),
                    origin: Origin::Mapped(tail),
                    is_unwritten: self.is_unwritten,
                })
            }
        }
    }

    /// Whether [`split_off`](Self::split_off) can release everything beyond `bytes` bytes.
    pub(super) fn can_split_at(&self, bytes: usize) -> bool {
        match &self.origin {
            Origin::Allocator(_) | Origin::Nothing => false,
            Origin::Mapped(mapped) => mapped.can_split_at(bytes),
        }
    }

    /// Joins a tail that was split off.
    pub(super) fn join(&mut self, mut tail: Self) {
        match (&mut self.origin, tail.take_origin()) {
            (Origin::Mapped(mapped), Origin::Mapped(tail)) => mapped.join(tail),
            _ => unreachable!("only mapped memory is split"),
        }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        match &mut self.origin {
            // SAFETY: allocated in `zeroed` with this layout, and owned.
            Origin::Allocator(layout) => unsafe { dealloc(self.start.as_ptr(), *layout) },
            Origin::Mapped(mapped) => mapped.unmap(),
            Origin::Nothing => {}
        }
    }
}
