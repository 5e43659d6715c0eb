//! Zeroed memory of the process's allocator, or mapped by the system.

#![allow(unsafe_code)]

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ptr::NonNull;

/// Less is taken from the global allocator: its heap serves that with fewer calls of the system.
const LEAST_MAPPED_BYTES: usize = 64 << 10;

/// Where memory comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    GlobalAllocator,
    /// Large memory is mapped, where the system is one that is known how to ask.
    System {
        /// So many bytes of it, from the start, are asked to be huge pages as far as they fill such.
        huge_bytes: usize,
    },
}

/// Memory that is zero at first and goes back when dropped.
pub(super) struct Pages {
    start: NonNull<u8>,
    origin: Origin,
}

enum Origin {
    Allocator(Layout),
    Mapped(mapped::Mapped),
}

impl Pages {
    /// Memory of `bytes` bytes, which are not zero, aligned to 16, or nothing if the system refuses.
    pub(super) fn zeroed(bytes: usize, source: Source) -> Option<Self> {
        if let Source::System { huge_bytes } = source
            && bytes >= LEAST_MAPPED_BYTES
            && mapped::IS_KNOWN
        {
            let mapped = mapped::Mapped::new(bytes, huge_bytes)?;
            return Some(Self {
                start: mapped.start(),
                origin: Origin::Mapped(mapped),
            });
        }
        let layout = Layout::from_size_align(bytes, 16).ok()?;
        // SAFETY: the size is not zero.
        let start = NonNull::new(unsafe { alloc_zeroed(layout) })?;
        Some(Self {
            start,
            origin: Origin::Allocator(layout),
        })
    }

    pub(super) fn start(&self) -> NonNull<u8> {
        self.start
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        match &mut self.origin {
            // SAFETY: allocated in `zeroed` with this layout, and owned.
            Origin::Allocator(layout) => unsafe { dealloc(self.start.as_ptr(), *layout) },
            Origin::Mapped(mapped) => mapped.unmap(),
        }
    }
}

#[cfg(target_os = "linux")]
mod mapped {
    use std::ptr::NonNull;

    use libc::{
        MADV_HUGEPAGE, MAP_ANONYMOUS, MAP_FAILED, MAP_PRIVATE, PROT_READ, PROT_WRITE, madvise,
        mmap, munmap,
    };

    pub(super) const IS_KNOWN: bool = true;

    const HUGE_PAGE_BYTES: usize = 2 << 20;

    /// The largest page that a system has besides huge ones: parts of a mapping begin at multiples of it.
    const LARGEST_PAGE_BYTES: usize = 64 << 10;

    /// A mapping of its own, of whole pages. Who has it unmaps it, once.
    pub(super) struct Mapped {
        start: NonNull<u8>,
        bytes: usize,
    }

    impl Mapped {
        /// A mapping of at least `bytes` bytes.
        pub(super) fn new(bytes: usize, huge_bytes: usize) -> Option<Self> {
            let bytes = bytes.checked_next_multiple_of(LARGEST_PAGE_BYTES)?;
            if huge_bytes < HUGE_PAGE_BYTES {
                return Self::map(bytes);
            }
            let mapped = Self::map(bytes.checked_add(HUGE_PAGE_BYTES)?)?.aligned(bytes);
            let huge_bytes = huge_bytes.min(bytes) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
            // SAFETY: the bytes are this mapping's. The advice changes no contents, only how pages are mapped when they are first
            // touched; a system that has no huge pages refuses it and changes nothing.
            unsafe { madvise(mapped.start.as_ptr().cast(), huge_bytes, MADV_HUGEPAGE) };
            Some(mapped)
        }

        pub(super) fn start(&self) -> NonNull<u8> {
            self.start
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
            Some(Self { start, bytes })
        }

        /// The `bytes` bytes of the mapping that begin at a huge page; the others are unmapped. There must be one such page more.
        fn aligned(self, bytes: usize) -> Self {
            let before = self.start.addr().get().wrapping_neg() % HUGE_PAGE_BYTES;
            let part = |offset: usize, bytes| Self {
                // SAFETY: inside the mapping or at its end: at most a huge page before `bytes` bytes.
                start: unsafe { self.start.add(offset) },
                bytes,
            };
            let after = before + bytes;
            part(0, before).unmap();
            part(after, self.bytes - after).unmap();
            part(before, bytes)
        }

        pub(super) fn unmap(&self) {
            if self.bytes > 0 {
                // SAFETY: the pages are this mapping's, whose owner uses them no more.
                unsafe { munmap(self.start.as_ptr().cast(), self.bytes) };
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod mapped {
    use std::ptr::NonNull;

    pub(super) const IS_KNOWN: bool = false;

    pub(super) enum Mapped {}

    impl Mapped {
        pub(super) fn new(_: usize, _: usize) -> Option<Self> {
            None
        }

        pub(super) fn start(&self) -> NonNull<u8> {
            match *self {}
        }

        pub(super) fn unmap(&self) {}
    }
}
