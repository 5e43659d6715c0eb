//! Memory mapped by Linux.

#![allow(unsafe_code)]

use std::ptr::NonNull;

use libc::{
    MADV_HUGEPAGE, MAP_ANONYMOUS, MAP_FAILED, MAP_PRIVATE, MREMAP_FIXED, MREMAP_MAYMOVE, PROT_READ,
    PROT_WRITE, madvise, mmap, mremap, munmap,
};

use super::HUGE_PAGE_BYTES;
use super::cuts::Cuts;

pub(super) const IS_KNOWN: bool = true;

/// The largest page size of any system, huge pages excluded. Parts of a mapping begin at multiples
/// of it.
const LARGEST_PAGE_BYTES: usize = 64 << 10;

/// Mappings are split at multiples of this: a whole number of pages.
const SPLIT_BYTES: usize = if cfg!(any(target_arch = "x86", target_arch = "x86_64")) {
    4096
} else {
    LARGEST_PAGE_BYTES
};

/// A mapping of whole pages, unmapped when dropped.
///
/// Invariant: the bytes between two `cuts` belong to one mapping of the system.
pub(super) struct Mapped {
    start: NonNull<u8>,
    bytes: usize,
    cuts: Cuts,
}

impl Mapped {
    /// A mapping of at least `bytes` bytes.
    pub(super) fn new(bytes: usize, huge_bytes: usize) -> Option<Self> {
        let bytes = bytes.checked_next_multiple_of(LARGEST_PAGE_BYTES)?;
        if huge_bytes < HUGE_PAGE_BYTES {
            return Self::map(bytes);
        }
        // Recent systems place a mapping of whole huge pages at a huge page boundary.
        let mut mapped = Self::map(bytes.checked_next_multiple_of(HUGE_PAGE_BYTES)?)?;
        if !mapped.start.addr().get().is_multiple_of(HUGE_PAGE_BYTES) {
            mapped.unmap();
            mapped = Self::map(bytes.checked_add(HUGE_PAGE_BYTES)?)?.aligned(bytes);
        }
        let huge_bytes = huge_bytes.min(bytes) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
        if !mapped.cuts.add(huge_bytes / SPLIT_BYTES) {
            return Some(mapped);
        }
        // SAFETY: the bytes are this mapping's. The advice changes no contents, only how pages are
        // mapped when they are first touched; a system that has no huge pages refuses it and
        // changes nothing.
        unsafe { madvise(mapped.start.as_ptr().cast(), huge_bytes, MADV_HUGEPAGE) };
        Some(mapped)
    }

    pub(super) fn start(&self) -> NonNull<u8> {
        self.start
    }

    pub(super) fn can_split_at(&self, bytes: usize) -> bool {
        bytes.is_multiple_of(SPLIT_BYTES) && bytes < self.bytes
    }

    pub(super) fn split_off(&mut self, bytes: usize) -> Option<Self> {
        if !self.can_split_at(bytes) {
            return None;
        }
        let cuts = self.cuts.split_off(bytes / SPLIT_BYTES)?;
        let tail = Self {
            // SAFETY: inside the mapping.
            start: unsafe { self.start.add(bytes) },
            bytes: self.bytes - bytes,
            cuts,
        };
        self.bytes = bytes;
        Some(tail)
    }

    /// Joins the mapping directly behind this one.
    pub(super) fn join(&mut self, tail: Self) {
        assert_eq!(
            self.start.as_ptr().wrapping_add(self.bytes),
            tail.start.as_ptr(),
            "the mapping behind"
        );
        self.cuts.join(self.bytes / SPLIT_BYTES, &tail.cuts);
        self.bytes += tail.bytes;
    }

    /// Replaces the bytes from `offset` on, which nobody has touched, by the first `bytes` bytes of
    /// `from`, as far as they fit, and unmaps the rest of `from`. Pages keep their contents and are
    /// not faulted in again. Returns the number of bytes moved, or `None` if the system refused;
    /// then this mapping ends at `offset`, or behind a part that was moved.
    pub(super) fn splice(&mut self, offset: usize, from: Self, bytes: usize) -> Option<usize> {
        let bytes = bytes.next_multiple_of(SPLIT_BYTES).min(from.bytes);
        let mut moved = 0;
        // Each part adds a cut at its start and one at its end.
        while moved < bytes && offset + moved < self.bytes && self.cuts.make_room(2) {
            let part_end = from.cuts.after(moved / SPLIT_BYTES);
            let part_end = part_end.map_or(bytes, |page| bytes.min(page * SPLIT_BYTES));
            let part = (part_end - moved).min(self.bytes - offset - moved);
            if !self.move_part(offset + moved, &from, moved, part) {
                from.unmap_from(moved);
                return None;
            }
            moved += part;
        }
        from.unmap_from(moved);
        Some(moved)
    }

    /// Moves `bytes` bytes of one part of `from`, from its `first` on, to `offset`.
    fn move_part(&mut self, offset: usize, from: &Self, first: usize, bytes: usize) -> bool {
        // SAFETY: the bytes are inside `from`, which is consumed, and their new place is inside
        // this mapping, where nobody uses the bytes yet.
        let moved = unsafe {
            let (source, place) = (from.start.add(first), self.start.add(offset));
            let flags = MREMAP_MAYMOVE | MREMAP_FIXED;
            let place = place.as_ptr().cast::<libc::c_void>();
            mremap(source.as_ptr().cast(), bytes, bytes, flags, place)
        };
        if moved == MAP_FAILED {
            // It is not known whether their new place is still mapped, and others may have mapped
            // it meanwhile. So this mapping ends before it, and only the bytes beyond, which are
            // ours, are unmapped.
            self.unmap_from(offset + bytes);
            self.cuts = Cuts::NONE;
            self.bytes = offset;
            return false;
        }
        let (first, last) = (offset / SPLIT_BYTES, (offset + bytes) / SPLIT_BYTES);
        self.cuts.remove_between(first, last);
        let is_cut = (first == 0 || self.cuts.add(first)) && self.cuts.add(last);
        debug_assert!(is_cut, "there was room for two");
        true
    }

    fn map(bytes: usize) -> Option<Self> {
        // SAFETY: a new private mapping at a place that the system chooses, of no file.
        let start = unsafe {
            mmap(
                std::ptr::null_mut(),
                bytes,
                PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        (start != MAP_FAILED).then_some(())?;
        let start = NonNull::new(start.cast())?;
        Some(Self {
            start,
            bytes,
            cuts: Cuts::NONE,
        })
    }

    /// Keeps the `bytes` bytes that begin at a huge page boundary, and unmaps the others. The
    /// mapping must be longer by a huge page.
    fn aligned(self, bytes: usize) -> Self {
        let before = self.start.addr().get().wrapping_neg() % HUGE_PAGE_BYTES;
        let part = |offset: usize, bytes| Self {
            // SAFETY: inside the mapping or at its end: at most a huge page before `bytes` bytes.
            start: unsafe { self.start.add(offset) },
            bytes,
            cuts: Cuts::NONE,
        };
        let after = before + bytes;
        part(0, before).unmap();
        part(after, self.bytes - after).unmap();
        part(before, bytes)
    }

    pub(super) fn unmap(&self) {
        self.unmap_from(0);
    }

    /// Unmaps all but the first `offset` bytes.
    fn unmap_from(&self, offset: usize) {
        if offset < self.bytes {
            // SAFETY: the pages belong to this mapping, and its owner does not use them any more.
            unsafe { munmap(self.start.add(offset).as_ptr().cast(), self.bytes - offset) };
        }
    }
}
