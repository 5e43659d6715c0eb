#![allow(unsafe_code)]

use std::alloc::Layout;
use std::ptr::NonNull;

use bumpalo::Bump;

use super::chain::Linked;
use super::poison::{RED_ZONE_BYTES, RETURNED, poison, unpoison};
use super::{Granted, touch_pages, try_box};
use crate::AllocError;
use crate::allocator_calls::calling_allocator;
use crate::epoch::Epoch;
use crate::layout::{BLOCK_OVERHEAD_BYTES, ROW_ALIGN_BYTES, block_room_bytes, round_up};
use crate::recorder::MemoryTag;

/// Memory in which small requests are bumped: the only chunk of a `bumpalo::Bump` that never grows.
///
/// Grants are bumped downwards, each a multiple of the row alignment, so they tile the room without
/// gaps.
///
/// Invariants: grants lie in the `room` bytes from `start`, both multiples of [`ROW_ALIGN_BYTES`],
/// and no lower than `start + free`; the room lies in the chunk that `bump` owns; bytes at and
/// above `start + pristine` are initialized, those below were never granted and may be
/// uninitialized.
pub(crate) struct Block {
    _bump: Bump,
    start: NonNull<u8>,
    room: usize,
    free: usize,
    pristine: usize,
    /// Bytes that the block counts for.
    pub(crate) total_bytes: usize,
    /// Epoch of the arena when the block was last returned.
    pub(crate) last_used: Epoch,
    pub(crate) tag: MemoryTag,
    next: Option<Box<Block>>,
}

// SAFETY: `start` points into the chunk that the bump owns, and `Bump` is `Send`; nothing else
// refers to the chunk but grants, whose users are bound by `Granted::into_slice`.
unsafe impl Send for Block {}

impl Linked for Block {
    fn next(&mut self) -> &mut Option<Box<Self>> {
        &mut self.next
    }
}

impl Block {
    /// Takes a block of `total_bytes` (from [`crate::layout::block_bytes`]) from the system.
    pub(crate) fn new(total_bytes: usize) -> Result<Box<Self>, AllocError> {
        let refused = AllocError::System {
            requested_bytes: total_bytes,
        };
        let capacity = total_bytes - BLOCK_OVERHEAD_BYTES;
        let bump = calling_allocator(|| Bump::try_with_capacity(capacity));
        let mut bump = bump.map_err(|_| refused)?;
        bump.set_allocation_limit(Some(bump.allocated_bytes()));
        debug_assert!(bump.allocated_bytes_including_metadata() <= total_bytes);
        let room = bump.chunk_capacity();
        let all = Layout::from_size_align(room, 1).map_err(|_| refused)?;
        let start = bump.try_alloc_layout(all).map_err(|_| refused)?;
        bump.reset();
        let aligned = crate::layout::align_offset(start.addr().get());
        let aligned_room = (room - aligned) / ROW_ALIGN_BYTES * ROW_ALIGN_BYTES;
        // All blocks of a size have the same room, so that the number of blocks of a frame does not
        // depend on addresses.
        let skipped = aligned + aligned_room.saturating_sub(block_room_bytes(total_bytes));
        let room = (room - skipped) / ROW_ALIGN_BYTES * ROW_ALIGN_BYTES;
        // SAFETY: `skipped` bytes are less than the room: the room of a block is more than a page
        // less two lines.
        let start = unsafe { start.add(skipped) };
        // SAFETY: the room is inside what the bump allocated last, and nothing was granted yet.
        unsafe { touch_pages(start, room) };
        poison(start.as_ptr(), room);
        try_box(Self {
            start,
            room,
            free: room,
            pristine: room,
            _bump: bump,
            total_bytes,
            last_used: Epoch::FIRST,
            tag: MemoryTag::NONE,
            next: None,
        })
    }

    /// Bytes that can still be granted; a grant takes its size rounded up to the row alignment, and
    /// a red zone if there is one.
    #[cfg(test)]
    fn remaining_bytes(&self) -> usize {
        self.free
    }

    /// Grants `bytes` if they fit.
    #[inline]
    pub(crate) fn grant(&mut self, bytes: usize) -> Option<Granted> {
        let padded = round_up(bytes, ROW_ALIGN_BYTES)?.checked_add(RED_ZONE_BYTES)?;
        let offset = self.free.checked_sub(padded)?;
        self.free = offset;
        // SAFETY: inside the room.
        let start = unsafe { self.start.add(offset) };
        unpoison(start.as_ptr(), padded);
        let pristine = self.pristine.saturating_sub(offset).min(padded);
        if pristine > 0 {
            // SAFETY: these are the first bytes of what was granted just now, exclusively ours.
            unsafe { start.as_ptr().write_bytes(0, pristine) };
            self.pristine = offset;
        }
        poison(start.as_ptr().wrapping_add(bytes), padded - bytes);
        Some(Granted {
            start,
            bytes,
            stale: pristine.min(bytes)..bytes,
            place: self.tag.place(offset),
            fresh: pristine > 0,
        })
    }

    /// Ends all grants. The caller holds no grant of this block any more.
    pub(crate) fn take_back(&mut self) {
        self.free = self.room;
        if cfg!(debug_assertions) {
            let used = self.room - self.pristine;
            unpoison(self.start.as_ptr(), self.room);
            // SAFETY: the bytes from `pristine` on lie in the room and no grant on them is left.
            unsafe {
                self.start
                    .as_ptr()
                    .add(self.pristine)
                    .write_bytes(RETURNED, used);
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
        // SAFETY: the tests below return no block while a slice of it is in use.
        unsafe { granted.into_slice() }
    }

    #[test]
    fn the_promised_room_is_there_and_no_byte_more_is_taken() {
        for room in [4096, 65536, 1 << 20, 3 << 20] {
            let total = block_bytes(room).unwrap();
            let block = Block::new(total).unwrap();
            assert!(block.remaining_bytes() >= room);
            assert!(block._bump.allocated_bytes_including_metadata() <= total);
        }
    }

    #[test]
    fn fresh_memory_is_zero_and_reused_memory_is_not_called_fresh() {
        let mut block = Block::new(block_bytes(8192).unwrap()).unwrap();
        let first = block.grant(1000).unwrap();
        assert!(first.stale.is_empty() && first.fresh);
        let slice = bytes(first, &block);
        assert_eq!(slice, [0; 1000]);
        slice.fill(7);
        block.take_back();
        let again = block.grant(64).unwrap();
        assert!(again.stale == (0..64) && !again.fresh);
        let partly = block.grant(2000).unwrap();
        assert!(!partly.stale.is_empty() && partly.fresh);
        bytes(partly, &block).fill(1);
    }

    #[test]
    fn a_full_block_refuses() {
        let mut block = Block::new(block_bytes(4096).unwrap()).unwrap();
        let mut granted = 0;
        while let Some(grant) = block.grant(512) {
            bytes(grant, &block).fill(1);
            granted += 1;
        }
        assert!(granted >= 4096 / (512 + RED_ZONE_BYTES));
        assert!(block.grant(usize::MAX).is_none());
    }
}
