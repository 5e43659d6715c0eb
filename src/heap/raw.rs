//! The operations of a heap that free memory or change its layout.

#![allow(unsafe_code)]

use std::alloc::Layout;
use std::ptr::NonNull;

use super::chunk::Chunk;
use super::piece::{Piece, Pieces};
use super::sizes::{Class, Place, padding};
use super::tree::PieceTree;
use super::{Heap, Memory};
use crate::AllocError;
use crate::memory::{poison, unpoison};

/// The result of giving an allocation another layout.
#[derive(Debug)]
pub(crate) enum Resized {
    /// The memory now has the layout. The bytes that both layouts have stay; the old memory, if
    /// the allocation moved, is free.
    Done(Memory),
    /// There is new memory for the layout, and the old memory is still allocated: the caller copies
    /// it after unlocking the heap, then frees the old memory.
    Copy(Memory),
}

impl<P: Piece> Heap<P> {
    /// Frees memory.
    ///
    /// # Safety
    /// The memory at `start` was granted by this heap with `layout` and is allocated. Nobody uses
    /// it any more.
    #[inline]
    pub(crate) unsafe fn dealloc(
        &mut self,
        start: NonNull<u8>,
        layout: Layout,
        source: &mut (impl Pieces<P> + ?Sized),
    ) {
        self.counts.freed_bytes += layout.size() as u64;
        match self.sizes.place(layout) {
            Place::Nowhere => {}
            Place::Small(class) => {
                // SAFETY: by the invariants of the heap, the allocation is a chunk of this class.
                let chunk = unsafe { Chunk::freed(start, class.bytes) };
                self.free_small(chunk, source);
            }
            Place::Own => self.free_own(start.addr().get(), source),
        }
    }

    /// Gives memory another layout: in place if it can, otherwise by moving it.
    ///
    /// # Errors
    /// The errors of [`alloc`](Self::alloc); the memory is as before. Shrinking without a larger
    /// alignment never fails.
    ///
    /// # Safety
    /// The memory at `start` was granted by this heap with the layout `old` and is allocated.
    /// Nobody uses it meanwhile.
    #[inline]
    pub(crate) unsafe fn resize(
        &mut self,
        start: NonNull<u8>,
        old: Layout,
        new: Layout,
        source: &mut (impl Pieces<P> + ?Sized),
    ) -> Result<Resized, AllocError> {
        let is_aligned = padding(start.addr().get(), new.align()) == 0;
        // SAFETY: as the caller promises, and the alignment was checked.
        if is_aligned && unsafe { self.resize_in_place(start, old, new) } {
            return Ok(self.resized(start, old, new));
        }
        let memory = match self.alloc(new, source) {
            Ok(memory) => memory,
            // SAFETY: as the caller promises.
            Err(_) if is_aligned && unsafe { self.shrink_own(start, old, new) } => {
                return Ok(self.resized(start, old, new));
            }
            Err(refused) => return Err(refused),
        };
        let bytes = old.size().min(new.size());
        if bytes > self.sizes.own_piece_bytes() {
            return Ok(Resized::Copy(memory));
        }
        // SAFETY: both are allocations of at least this size, and the new one is nobody's yet.
        unsafe { memory.start.copy_from_nonoverlapping(start, bytes) };
        // SAFETY: as the caller promises.
        unsafe { self.dealloc(start, old, source) };
        Ok(Resized::Done(memory))
    }

    /// Counts that the memory at `start` has a new layout.
    fn resized(&mut self, start: NonNull<u8>, old: Layout, new: Layout) -> Resized {
        let more = new.size().saturating_sub(old.size());
        let less = old.size().saturating_sub(new.size());
        self.counts.requested_bytes += more as u64;
        self.counts.freed_bytes += less as u64;
        let start = NonNull::<u8>::with_exposed_provenance(start.addr());
        unpoison(start.as_ptr().wrapping_add(old.size()), more);
        poison(start.as_ptr().wrapping_add(new.size()), less);
        Resized::Done(Memory {
            start,
            dirty_bytes: new.size(),
        })
    }

    /// Changes the chunk or piece at `start` to the layout `new`, if that is possible in place.
    ///
    /// # Safety
    /// As for [`Self::resize`]; `start` is aligned for `new`.
    #[inline]
    unsafe fn resize_in_place(&mut self, start: NonNull<u8>, old: Layout, new: Layout) -> bool {
        match (self.sizes.place(old), self.sizes.place(new)) {
            (Place::Nowhere, Place::Nowhere) => true,
            // SAFETY: by the invariants of the heap, the allocation is a chunk of the old class.
            (Place::Small(old), Place::Small(new)) => unsafe { self.resize_chunk(start, old, new) },
            (Place::Own, Place::Own) => self.fits_own(start.addr().get(), old.size(), new),
            _ => false,
        }
    }

    /// Grows a chunk if it is the last one before the room, and shrinks any chunk.
    ///
    /// # Safety
    /// There is an allocation at `start` that is a chunk of the class `old`.
    #[inline]
    unsafe fn resize_chunk(&mut self, start: NonNull<u8>, old: Class, new: Class) -> bool {
        if old.bytes < new.bytes {
            let is_last = start.addr().get() + old.bytes == self.room.address();
            return is_last && self.room.split_front(new.bytes - old.bytes).is_some();
        }
        let freed_bytes = old.bytes - new.bytes;
        if freed_bytes > 0 {
            // SAFETY: inside the old chunk or at its end; the caller does not use the bytes beyond
            // the new one any more.
            let freed = unsafe { Chunk::freed(start.add(new.bytes), freed_bytes) };
            self.put_aside(freed);
        }
        true
    }

    /// Shrinks an allocation in a piece of its own if there is no memory to move it to. The piece
    /// stays, and becomes a small piece if the layout `new` is that of a small allocation.
    ///
    /// # Safety
    /// As for [`Self::resize`]; `start` is aligned for `new`.
    #[cold]
    unsafe fn shrink_own(&mut self, start: NonNull<u8>, old: Layout, new: Layout) -> bool {
        if new.size() > old.size() || self.sizes.place(old) != Place::Own {
            return false;
        }
        let class = match self.sizes.place(new) {
            Place::Small(class) => class,
            Place::Own => return true,
            Place::Nowhere => return false,
        };
        let Some(piece) = self.own.remove(start.addr().get()) else {
            return false;
        };
        // SAFETY: the piece had no chunks, and its only allocation is taken out of the chunk below.
        let mut rest = unsafe { Chunk::whole(&*piece) };
        let before = rest.split_front(start.addr().get() - rest.address());
        let grant = rest.split_front(class.bytes);
        debug_assert!(before.is_some() && grant.is_some());
        let (Some(before), Some(grant)) = (before, grant) else {
            self.own.insert(piece);
            return false;
        };
        grant.grant(new.size());
        self.live += 1;
        self.free.push(before);
        self.free.push(rest);
        self.small_bytes += piece.bytes();
        self.small.insert(piece);
        true
    }

    /// Makes a piece the newest of the small ones. The rest of the room goes to the free chunks.
    pub(super) fn open(&mut self, piece: Box<P>) {
        // SAFETY: the piece is new to the heap, which keeps it.
        let whole = unsafe { Chunk::whole(&*piece) };
        let room = std::mem::replace(&mut self.room, whole);
        self.free.push(room);
        self.newest = piece.start().addr().get();
        self.small_bytes += piece.bytes();
        self.small.insert(piece);
        self.plan_sweep(self.sweep_at_bytes);
    }

    /// Returns all small pieces but the newest. No small allocation is left.
    #[cold]
    pub(super) fn reset(&mut self, source: &mut (impl Pieces<P> + ?Sized)) {
        debug_assert_eq!(self.live, 0);
        self.free.clear();
        self.room = Chunk::NONE;
        let mut pieces = std::mem::replace(&mut self.small, PieceTree::new());
        while let Some(piece) = pieces.pop_first() {
            if piece.start().addr().get() == self.newest {
                // SAFETY: no allocation is left, and the chunks were dropped above.
                self.room = unsafe { Chunk::whole(&*piece) };
                self.small.insert(piece);
            } else {
                self.give_small(piece, source);
            }
        }
        self.plan_sweep(0);
    }
}
