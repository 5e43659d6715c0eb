//! A heap for collections: memory of any layout, allocated and freed in any order, and returned
//! wholesale when its scope ends.
//!
//! # Where memory lies
//! A heap gets *pieces* from a source that each call names. It calls no other allocator: its
//! bookkeeping is in the heap itself, in two words of each piece, and in free memory.
//!
//! * *Small* allocations lie in *chunks*. A chunk is bumped upwards in the newest small piece: the
//!   *room* is the rest of that piece. Sizes are rounded up to a size class, four per doubling. The
//!   first piece is small, the next ones double up to a block, so that a scope with one tiny `Vec`
//!   takes little.
//! * An allocation of more than `own_piece_bytes` has a *piece of its own*, which is returned as
//!   soon as the allocation is freed.
//!
//! The layout alone decides between the two. `dealloc` gets the layout again, so it knows where to
//! look. So an allocation needs no header, and a size that is a power of two wastes nothing.
//!
//! # What happens to freed memory
//! The last chunk before the room grows, shrinks and is freed in place. Any other chunk that is
//! freed goes to the list of its class and serves the next request of that class. A larger one is
//! split if there is none. When no small allocation is left, all small pieces but the newest are
//! returned.
//!
//! A small piece has no count of its live chunks. Such a count would cost each `dealloc` a search
//! for the piece, and a piece whose count reaches zero would still have chunks in the lists.
//! Instead, a [sweep](sweep) sorts all free chunks by address, joins those that adjoin, and returns
//! the pieces that are free as a whole. It runs before a request is refused, and when the free
//! chunks have more bytes than each of these: a block, a quarter of the small pieces, and twice the
//! bytes that the last sweep left. As the threshold doubles with the bytes that cannot be returned,
//! all sweeps together take time in proportion to the bytes freed, times the logarithm of the
//! number of free chunks. So allocating and freeing take a few tens of instructions each, and
//! memory is returned unless a live neighbor pins it.
//!
//! A [tree](tree) finds the piece of a large allocation by its address, in a logarithmic number of
//! steps, which take little time compared with filling the allocation.
//!
//! # Bounds
//! * Free chunks that no live neighbor pins have at most the bytes named above: a block, or a
//!   quarter of the small pieces.
//! * A `Vec` that is pushed to `n` bytes has a capacity of less than `2 n`. With the chunks that it
//!   outgrew, it holds at most `2 n` and a block after each growth. While one piece is copied to
//!   the next, both are held: up to `3 n` and a block. A source may round these up.
//! * A refusal changes nothing: an allocation that cannot grow stays as it is. Shrinking needs no
//!   memory, unless the alignment grows.

mod chunk;
mod free;
mod own;
mod piece;
mod raw;
mod sizes;
mod sweep;
mod take;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod tree;

pub(crate) use piece::{Links, Piece, Pieces};
pub(crate) use raw::Resized;
pub(crate) use sizes::HeapSizes;

use std::alloc::Layout;
use std::num::NonZero;
use std::ptr::NonNull;

use crate::AllocError;
use crate::memory::unpoison;
use chunk::Chunk;
use free::FreeChunks;
use sizes::Place;
use tree::PieceTree;

/// Memory for collections; see the [module](self).
///
/// A heap is used by one thread at a time. Each call names the source of its pieces, always the
/// same.
///
/// If a heap is dropped without being closed, its pieces are dropped and not returned to the
/// source.
///
/// Invariants: `small` and `own` hold all pieces that were taken from the source and not returned.
/// The chunks in `free` and `room` are in pieces of `small`; `room` is the end of the piece whose
/// address is `newest`. Each live allocation is a chunk of its class in a piece of `small` (`live`
/// counts these), or is alone in a piece of `own`.
pub(crate) struct Heap<P: Piece> {
    room: Chunk,
    free: FreeChunks,
    /// Live small allocations.
    live: usize,
    /// Bytes of free chunks beyond which a sweep is worth its time.
    sweep_at_bytes: usize,
    sizes: HeapSizes,
    /// Address of the small piece that contains `room`.
    newest: usize,
    small: PieceTree<P>,
    small_bytes: usize,
    own: PieceTree<P>,
    counts: HeapCounts,
}

/// Counts of a heap since it was made or closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeapCounts {
    /// Requests that were granted: allocations, and growth that had to move.
    pub(crate) requests: u64,
    /// Bytes of the requested layouts; growth in place adds the difference.
    pub(crate) requested_bytes: u64,
    /// Bytes of layouts that were freed; shrinking in place adds the difference.
    pub(crate) freed_bytes: u64,
    /// Pieces taken from the source.
    pub(crate) pieces_taken: u64,
    /// Bytes of the pieces that the heap holds.
    pub(crate) held_bytes: usize,
}

impl HeapCounts {
    const NONE: Self = Self {
        requests: 0,
        requested_bytes: 0,
        freed_bytes: 0,
        pieces_taken: 0,
        held_bytes: 0,
    };

    /// Bytes of the live layouts.
    #[cfg(test)]
    pub(crate) fn live_bytes(&self) -> u64 {
        self.requested_bytes - self.freed_bytes
    }
}

/// Memory that a heap granted.
///
/// `start` has the alignment of the layout, and is dangling if the layout has no bytes. The bytes
/// from `dirty_bytes` on are zero; those before it count as uninitialized.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) start: NonNull<u8>,
    pub(crate) dirty_bytes: usize,
}

impl Memory {
    /// Memory of a layout without bytes.
    fn nothing(layout: Layout) -> Self {
        let address = NonZero::new(layout.align()).unwrap_or(NonZero::<usize>::MIN);
        Self {
            start: NonNull::without_provenance(address),
            dirty_bytes: 0,
        }
    }
}

impl<P: Piece> Heap<P> {
    /// A heap that holds nothing.
    pub(crate) const fn new(sizes: HeapSizes) -> Self {
        Self {
            room: Chunk::NONE,
            free: FreeChunks::EMPTY,
            live: 0,
            sweep_at_bytes: sizes.block_bytes(),
            sizes,
            newest: 0,
            small: PieceTree::new(),
            small_bytes: 0,
            own: PieceTree::new(),
            counts: HeapCounts::NONE,
        }
    }

    #[cfg(test)]
    pub(crate) fn counts(&self) -> &HeapCounts {
        &self.counts
    }

    /// Allocates memory of `layout`.
    ///
    /// # Errors
    /// The errors of the source, after free memory of the heap was searched.
    #[inline]
    pub(crate) fn alloc(
        &mut self,
        layout: Layout,
        source: &mut (impl Pieces<P> + ?Sized),
    ) -> Result<Memory, AllocError> {
        let memory = match self.sizes.place(layout) {
            Place::Nowhere => Memory::nothing(layout),
            Place::Small(class) => {
                let chunk = self.take_chunk(class, layout.align(), source)?;
                self.live += 1;
                Memory {
                    start: chunk.grant(layout.size()),
                    dirty_bytes: layout.size(),
                }
            }
            Place::Own => self.alloc_own(layout, source)?,
        };
        self.counts.requests += 1;
        self.counts.requested_bytes += layout.size() as u64;
        Ok(memory)
    }

    /// Returns all pieces to the source, and returns the counts. No allocation may be used any
    /// more. The heap is as new afterwards.
    pub(crate) fn close(&mut self, source: &mut (impl Pieces<P> + ?Sized)) -> HeapCounts {
        let mut closed = std::mem::replace(self, Self::new(self.sizes));
        while let Some(piece) = closed.small.pop_first() {
            give(piece, source);
        }
        while let Some(piece) = closed.own.pop_first() {
            give(piece, source);
        }
        closed.counts
    }
}

fn give<P: Piece>(piece: Box<P>, source: &mut (impl Pieces<P> + ?Sized)) {
    unpoison(piece.start().as_ptr(), piece.bytes());
    source.give(piece);
}
