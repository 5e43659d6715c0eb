#![allow(unsafe_code)]

use std::alloc::Layout;
use std::ptr::NonNull;

use bumpalo::Bump;

use super::chain::Linked;
use super::poison::{HANDED_BACK, RED_ZONE_BYTES, poison, unpoison};
use super::{Granted, touch_pages};
use crate::AllocError;
use crate::epoch::Epoch;
use crate::layout::{BLOCK_OVERHEAD_BYTES, ROW_ALIGN_BYTES, block_room_bytes, round_up};
use crate::recorder::{MemoryTag, Place};

/// Size class of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlockClass {
    /// For a thread's small requests in a scope, those of a scratch, and bumps.
    Small,
    /// For bumps that a small block has no room for.
    Large,
}

impl BlockClass {
    pub(crate) const ALL: [Self; 2] = [Self::Small, Self::Large];
}

/// The only chunk of a `bumpalo::Bump` that never grows. Either the bump is lent, or grants are made of its chunk.
///
/// Grants are bumped downwards, each a multiple of the row alignment, so they tile the room without gaps.
///
/// Invariants: grants lie in the `room` bytes from `start`, both multiples of [`ROW_ALIGN_BYTES`], and no lower than
/// `start + free`; `start` is `skipped` bytes above the lowest byte of the chunk; bytes at and above
/// `start + pristine` are initialised, those below were never granted since the block was made (or last lent out as a
/// [`Bump`]) and may be uninitialised; bytes below `start + untouched` were never handed out at all.
pub(crate) struct Block {
    bump: Bump,
    start: NonNull<u8>,
    room: usize,
    free: usize,
    skipped: usize,
    pristine: usize,
    untouched: usize,
    lent: bool,
    /// What the bump took for its only chunk.
    chunk_bytes: usize,
    pub(crate) class: BlockClass,
    /// Bytes taken from the system.
    pub(crate) total_bytes: usize,
    /// Epoch of the arena when the block was last handed back.
    pub(crate) last_used: Epoch,
    pub(crate) tag: MemoryTag,
    next: Option<Box<Block>>,
}

// SAFETY: `start` points into the chunk that `bump` owns, and `Bump` is `Send`; nothing else refers to the chunk but grants,
// whose users are bound by `Granted::into_slice`.
unsafe impl Send for Block {}

impl Linked for Block {
    fn next(&mut self) -> &mut Option<Box<Self>> {
        &mut self.next
    }
}

impl Block {
    /// Takes a block of `total_bytes` (from [`crate::layout::block_bytes`]) from the system.
    pub(crate) fn new(class: BlockClass, total_bytes: usize) -> Result<Box<Self>, AllocError> {
        let refused = AllocError::System {
            asked_bytes: total_bytes,
        };
        let mut bump =
            Bump::try_with_capacity(total_bytes - BLOCK_OVERHEAD_BYTES).map_err(|_| refused)?;
        bump.set_allocation_limit(Some(bump.allocated_bytes()));
        debug_assert!(bump.allocated_bytes_including_metadata() <= total_bytes);
        let room = bump.chunk_capacity();
        let all = Layout::from_size_align(room, 1).map_err(|_| refused)?;
        let start = bump.try_alloc_layout(all).map_err(|_| refused)?;
        bump.reset();
        let aligned = crate::layout::align_offset(start.addr().get());
        let aligned_room = (room - aligned) / ROW_ALIGN_BYTES * ROW_ALIGN_BYTES;
        // All blocks of a size have the same room, so that how many a frame needs does not depend on addresses.
        let skipped = aligned + aligned_room.saturating_sub(block_room_bytes(total_bytes));
        let untouched = room - skipped;
        let room = untouched / ROW_ALIGN_BYTES * ROW_ALIGN_BYTES;
        // SAFETY: `skipped` bytes are less than the room: the room of a block is more than a page less two lines.
        let start = unsafe { start.add(skipped) };
        if class == BlockClass::Small {
            // SAFETY: the room is inside what the bump allocated last, and nothing was granted yet.
            unsafe { touch_pages(start, room) };
        }
        poison(start.as_ptr(), room);
        Ok(Box::new(Self {
            start,
            room,
            free: room,
            skipped,
            pristine: room,
            untouched,
            lent: false,
            chunk_bytes: bump.allocated_bytes(),
            bump,
            class,
            total_bytes,
            last_used: Epoch::FIRST,
            tag: MemoryTag::NONE,
            next: None,
        }))
    }

    /// Bytes that can still be granted; a grant takes its size rounded up to the row alignment, and a red zone if there is one.
    #[cfg(test)]
    fn remaining_bytes(&self) -> usize {
        self.free
    }

    /// Grants `bytes` if they fit.
    pub(crate) fn grant(&mut self, bytes: usize) -> Option<Granted> {
        let padded = round_up(bytes, ROW_ALIGN_BYTES)?.checked_add(RED_ZONE_BYTES)?;
        let offset = self.free.checked_sub(padded)?;
        self.free = offset;
        // SAFETY: inside the room.
        let start = unsafe { self.start.add(offset) };
        unpoison(start.as_ptr(), padded);
        let pristine = self.pristine.saturating_sub(offset).min(padded);
        let mut fresh = false;
        if pristine > 0 {
            // SAFETY: these are the first bytes of what was granted just now, exclusively ours.
            unsafe { start.as_ptr().write_bytes(0, pristine) };
            self.pristine = offset;
            fresh = offset < self.untouched;
            self.untouched = self.untouched.min(offset);
        }
        poison(start.as_ptr().wrapping_add(bytes), padded - bytes);
        Some(Granted {
            start,
            bytes,
            stale: pristine.min(bytes)..bytes,
            place: self.tag.place(offset),
            fresh,
        })
    }

    /// The place of all that can be granted, and its bytes.
    pub(crate) fn room(&self) -> (Place, usize) {
        (self.tag.place(0), self.room)
    }

    /// Lends the whole block as a [`Bump`] that cannot grow; nothing may have been granted from it.
    pub(crate) fn lend(&mut self) -> &Bump {
        debug_assert_eq!((self.free, self.used_bytes()), (self.room, 0));
        unpoison(self.start.as_ptr(), self.room);
        self.lent = true;
        &self.bump
    }

    /// The block as a [`Bump`] that was [lent](Self::lend) before.
    pub(crate) fn lent(&self) -> &Bump {
        debug_assert!(self.lent);
        &self.bump
    }

    /// Whether the bump is still as it was lent: who raises its allocation limit makes it grow out of the block.
    pub(crate) fn is_intact(&self) -> bool {
        self.bump.allocated_bytes() == self.chunk_bytes
    }

    /// Bytes allocated through the bump, padding included; all of the block if the bump grew out of it.
    pub(crate) fn used_bytes(&self) -> usize {
        match self.is_intact() {
            true => self.chunk_bytes - self.bump.chunk_capacity(),
            false => self.chunk_bytes,
        }
    }

    /// Whether the bump allocated memory of the block that was never handed out before.
    pub(crate) fn lent_is_fresh(&self) -> bool {
        debug_assert!(self.lent);
        self.chunk_bytes - self.used_bytes() < self.skipped + self.untouched
    }

    /// Takes everything back that was granted. The caller holds no grant of this block any more.
    pub(crate) fn hand_back(&mut self) {
        if self.lent {
            // What a lent bump holds need not be initialised: types with padding, memory never written.
            self.pristine = self.room;
            let lowest = self.bump.chunk_capacity().saturating_sub(self.skipped);
            self.untouched = self.untouched.min(lowest);
            self.lent = false;
            self.bump.reset();
            self.bump.set_allocation_limit(Some(self.chunk_bytes));
        }
        self.free = self.room;
        if cfg!(debug_assertions) {
            let used = self.room - self.pristine;
            unpoison(self.start.as_ptr(), self.room);
            // SAFETY: the bytes from `pristine` on lie in the room and no grant on them is left.
            unsafe {
                self.start
                    .as_ptr()
                    .add(self.pristine)
                    .write_bytes(HANDED_BACK, used);
            }
        }
        poison(self.start.as_ptr(), self.room);
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        unpoison(self.start.as_ptr(), self.room);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::block_bytes;

    #[allow(clippy::mut_from_ref)]
    fn bytes(granted: Granted, _block: &Block) -> &mut [u8] {
        // SAFETY: the tests below hand no block back while a slice of it is in use.
        unsafe { granted.into_slice() }
    }

    #[test]
    fn the_promised_room_is_there_and_no_byte_more_is_taken() {
        for room in [4096, 65536, 1 << 20, 3 << 20] {
            let total = block_bytes(room).unwrap();
            let block = Block::new(BlockClass::Small, total).unwrap();
            assert!(block.remaining_bytes() >= room);
            assert!(block.bump.allocated_bytes_including_metadata() <= total);
        }
    }

    #[test]
    fn fresh_memory_is_zero_and_reused_memory_is_not_called_fresh() {
        let mut block = Block::new(BlockClass::Small, block_bytes(8192).unwrap()).unwrap();
        let first = block.grant(1000).unwrap();
        assert!(first.stale.is_empty() && first.fresh);
        let slice = bytes(first, &block);
        assert_eq!(slice, [0; 1000]);
        slice.fill(7);
        block.hand_back();
        let again = block.grant(64).unwrap();
        assert!(again.stale == (0..64) && !again.fresh);
        let partly = block.grant(2000).unwrap();
        assert!(!partly.stale.is_empty() && partly.fresh);
        bytes(partly, &block).fill(1);
    }

    #[test]
    fn a_full_block_refuses() {
        let mut block = Block::new(BlockClass::Small, block_bytes(4096).unwrap()).unwrap();
        let mut granted = 0;
        while let Some(grant) = block.grant(512) {
            bytes(grant, &block).fill(1);
            granted += 1;
        }
        assert!(granted >= 4096 / (512 + RED_ZONE_BYTES));
        assert!(block.grant(usize::MAX).is_none());
    }

    #[test]
    fn a_lent_block_is_pristine_again_afterwards() {
        let mut block = Block::new(BlockClass::Small, block_bytes(4096).unwrap()).unwrap();
        block.lend().alloc([3u8; 200]);
        assert!(block.used_bytes() >= 200);
        block.hand_back();
        let grant = block.grant(1024).unwrap();
        assert!(grant.stale.is_empty());
        assert!(bytes(grant, &block).iter().all(|&byte| byte == 0));
    }
}
