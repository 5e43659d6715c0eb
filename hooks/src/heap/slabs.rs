//! Allocations of any size, each known by its pointer alone.
//!
//! Before each allocation is a header. Small allocations are blocks of a *slab*, a raw buffer that
//! is cut into blocks of one size class. Large ones are raw buffers of their own. Slabs with free
//! blocks are in the list of their class. A slab without live blocks is returned to the arena,
//! unless it is the only such slab of its class; it is returned too when the arena refuses memory.
#![allow(unsafe_code)]

use std::ptr::{self, NonNull};
use std::sync::{Mutex, MutexGuard, PoisonError};

use frame_arena::{AllocError, Arena, RawBuffer, RawLayout};

use super::sizes::{
    CLASSES, HEADER_BYTES, SLAB_HEADER_BYTES, block_bytes, blocks_in_slab, class_of, slab_bytes,
};
use crate::source::Source;

/// Bytes before a large allocation: keeps it aligned to a cache line.
const LARGE_OFFSET_BYTES: usize = 64;

/// A heap in an arena.
///
/// Invariants: each slab is the start of an uninitialized raw buffer of `slab_bytes` of its class,
/// reduced to its pointer. It is read and written only under the lock of its class. A slab is in
/// the list of its class exactly while it has a free block. Its first `bumped` blocks have headers;
/// those that are free are in its list `free`, the others are live.
pub(super) struct Heap {
    source: Source,
    classes: [Mutex<Class>; CLASSES],
}

struct Class {
    /// First of the slabs with free blocks.
    first: *mut Slab,
    /// The number of slabs in this list that have no live blocks.
    empty: usize,
}

// SAFETY: the slabs of a class belong to it and are used under its lock, on any thread.
unsafe impl Send for Class {}

#[repr(C)]
struct Slab {
    before: *mut Slab,
    next: *mut Slab,
    free: *mut Header,
    bumped: usize,
    live: usize,
}

const _: () = assert!(size_of::<Slab>() <= SLAB_HEADER_BYTES);

/// What is before an allocation.
#[repr(C, align(16))]
struct Header {
    /// The slab of a live small allocation, or null for a large one. While the block is free, the
    /// next free block of the slab.
    owner: *mut u8,
    class: usize,
}

const _: () = assert!(size_of::<Header>() == HEADER_BYTES);

impl Heap {
    pub(super) fn new(arena: &Arena) -> Self {
        let class = || {
            Mutex::new(Class {
                first: ptr::null_mut(),
                empty: 0,
            })
        };
        Self {
            source: Source::new(arena),
            classes: std::array::from_fn(|_| class()),
        }
    }

    pub(super) fn take_refusal(&self) -> Option<AllocError> {
        self.source.take_refusal()
    }

    /// Allocates `bytes`, aligned to 16. They may be uninitialized.
    #[inline]
    pub(super) fn alloc(&self, bytes: usize) -> Option<NonNull<u8>> {
        match class_of(bytes) {
            Some(class) => self.alloc_small(class),
            None => self.alloc_large(bytes),
        }
    }

    /// Frees an allocation.
    ///
    /// # Safety
    /// `start` came from [`alloc`](Self::alloc) of this heap and was not freed since. Nobody uses
    /// the allocation any more.
    #[inline]
    pub(super) unsafe fn free(&self, start: NonNull<u8>) {
        // SAFETY: each allocation has a header before it, which is written when it is allocated.
        // Nobody else uses it while the allocation is live.
        let header = unsafe { start.cast::<Header>().sub(1) };
        // SAFETY: as above.
        let (owner, class) = unsafe { ((*header.as_ptr()).owner, (*header.as_ptr()).class) };
        match NonNull::new(owner) {
            // SAFETY: the header names its slab, and the block is live.
            Some(slab) => unsafe { self.free_small(header, slab.cast(), class) },
            // SAFETY: the buffer of a large allocation starts `LARGE_OFFSET_BYTES` before it, and
            // was reduced to its pointer.
            None => drop(unsafe { RawBuffer::from_raw(start.sub(LARGE_OFFSET_BYTES)) }),
        }
    }

    fn alloc_large(&self, bytes: usize) -> Option<NonNull<u8>> {
        // A library may touch little of a piece, as it may of malloc's.
        let whole = RawLayout::new(bytes.saturating_add(LARGE_OFFSET_BYTES)).sparse();
        let buffer = self.uninit(whole)?;
        let header = Header {
            owner: ptr::null_mut(),
            class: CLASSES,
        };
        // SAFETY: the buffer has these bytes before the allocation, and is aligned to 64.
        unsafe {
            let start = buffer.add(LARGE_OFFSET_BYTES);
            start.cast::<Header>().sub(1).write(header);
            Some(start)
        }
    }

    /// Requests a buffer, for which slabs without live blocks make room.
    fn uninit(&self, layout: RawLayout) -> Option<NonNull<u8>> {
        let trim = || {
            // Another thread may hold a lock and wait for that of this one.
            let mut has_room = false;
            for class in &self.classes {
                if let Ok(mut slabs) = class.try_lock() {
                    has_room |= slabs.trim();
                }
            }
            has_room
        };
        self.source.uninit(layout, trim).ok()
    }

    #[inline]
    fn alloc_small(&self, class: usize) -> Option<NonNull<u8>> {
        let mut slabs = self.lock(class);
        let slab = match NonNull::new(slabs.first) {
            Some(slab) => slab,
            None => self.open_slab(&mut slabs, class)?,
        };
        // SAFETY: the slab is in the list of its class, whose lock is held.
        let own = unsafe { &mut *slab.as_ptr() };
        slabs.empty -= usize::from(own.live == 0);
        own.live += 1;
        let header = match NonNull::new(own.free) {
            Some(free) => {
                // SAFETY: a free block of the slab, whose header names the next one.
                own.free = unsafe { (*free.as_ptr()).owner }.cast();
                free
            }
            None => {
                let offset = SLAB_HEADER_BYTES + own.bumped * block_bytes(class);
                own.bumped += 1;
                // SAFETY: a listed slab whose free blocks are all beyond `bumped` has one there.
                unsafe { slab.cast::<u8>().add(offset) }.cast::<Header>()
            }
        };
        if own.live == blocks_in_slab(class) {
            // SAFETY: the slab is in the list.
            unsafe { slabs.unlink(slab) };
        }
        let owner = slab.as_ptr().cast();
        // SAFETY: the block belongs to the caller now, and its header to the block.
        unsafe {
            header.write(Header { owner, class });
            Some(header.add(1).cast())
        }
    }

    /// # Safety
    /// `header` is that of a live block in `slab`, of `class`. Nobody uses the block any more.
    #[inline]
    unsafe fn free_small(&self, header: NonNull<Header>, slab: NonNull<Slab>, class: usize) {
        let mut slabs = self.lock(class);
        // SAFETY: the slab has a live block, so it exists; the lock of its class is held.
        let own = unsafe { &mut *slab.as_ptr() };
        // SAFETY: the block is free now, so its header is the slab's.
        unsafe { (*header.as_ptr()).owner = own.free.cast() };
        own.free = header.as_ptr();
        let was_full = own.live == blocks_in_slab(class);
        own.live -= 1;
        let is_empty = own.live == 0;
        if was_full {
            // SAFETY: a full slab is in no list.
            unsafe { slabs.link(slab) };
        }
        if !is_empty {
            return;
        }
        if slabs.empty == 0 {
            slabs.empty = 1;
            return;
        }
        // SAFETY: the slab has free blocks, so it is in the list.
        unsafe { slabs.unlink(slab) };
        drop(slabs);
        // SAFETY: no block of it is live, and it is in no list.
        unsafe { return_slab(slab) };
    }

    #[cold]
    fn open_slab(&self, slabs: &mut Class, class: usize) -> Option<NonNull<Slab>> {
        let buffer = self.uninit(RawLayout::new(slab_bytes(class)))?;
        let slab = buffer.cast::<Slab>();
        let empty = Slab {
            before: ptr::null_mut(),
            next: ptr::null_mut(),
            free: ptr::null_mut(),
            bumped: 0,
            live: 0,
        };
        // SAFETY: the buffer is new, aligned to 64, and has room. It is in no list yet.
        unsafe {
            slab.write(empty);
            slabs.link(slab);
        }
        slabs.empty += 1;
        Some(slab)
    }

    fn lock(&self, class: usize) -> MutexGuard<'_, Class> {
        let lock = self.classes[class].lock();
        lock.unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns slabs without live blocks to the arena.
    pub(super) fn trim(&self) {
        for class in 0..CLASSES {
            self.lock(class).trim();
        }
    }
}

impl Drop for Heap {
    /// Slabs with live blocks stay for ever, so that their users are not left with nothing.
    fn drop(&mut self) {
        self.trim();
    }
}

impl Class {
    /// Returns slabs without live blocks to the arena. Returns whether there was one.
    fn trim(&mut self) -> bool {
        let had_empty = self.empty > 0;
        let mut next = self.first;
        while let Some(slab) = NonNull::new(next) {
            // SAFETY: the slab is in the list, and the lock is held, as `self` is borrowed.
            let (following, live) = unsafe { ((*next).next, (*next).live) };
            next = following;
            if live == 0 {
                self.empty -= 1;
                // SAFETY: the slab is in the list, and has no live block.
                unsafe {
                    self.unlink(slab);
                    return_slab(slab);
                }
            }
        }
        had_empty
    }

    /// # Safety
    /// `slab` is of this class, and in no list.
    unsafe fn link(&mut self, slab: NonNull<Slab>) {
        // SAFETY: the lock is held, as `self` is borrowed; the listed slabs exist.
        unsafe {
            (*slab.as_ptr()).before = ptr::null_mut();
            (*slab.as_ptr()).next = self.first;
            if let Some(first) = self.first.as_mut() {
                first.before = slab.as_ptr();
            }
        }
        self.first = slab.as_ptr();
    }

    /// # Safety
    /// `slab` is in the list of this class.
    unsafe fn unlink(&mut self, slab: NonNull<Slab>) {
        // SAFETY: as in `link`.
        unsafe {
            let (before, next) = ((*slab.as_ptr()).before, (*slab.as_ptr()).next);
            match before.as_mut() {
                Some(before) => before.next = next,
                None => self.first = next,
            }
            if let Some(next) = next.as_mut() {
                next.before = before;
            }
        }
    }
}

/// # Safety
/// No block of the slab is live, and it is in no list.
unsafe fn return_slab(slab: NonNull<Slab>) {
    // SAFETY: a slab is the start of a buffer that was reduced to its pointer.
    drop(unsafe { RawBuffer::from_raw(slab.cast()) });
}
