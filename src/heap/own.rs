//! Allocations that have a piece of their own.

use std::alloc::Layout;

use super::piece::{Piece, Pieces};
use super::sizes::{GAP_BYTES, padding};
use super::{Heap, Memory};
use crate::AllocError;
use crate::memory::{RED_ZONE_BYTES, poison, unpoison};

impl<P: Piece> Heap<P> {
    /// Allocates memory of `layout` in a new piece.
    #[cold]
    pub(super) fn alloc_own(
        &mut self,
        layout: Layout,
        source: &mut (impl Pieces<P> + ?Sized),
    ) -> Result<Memory, AllocError> {
        let bytes = self.sizes.least_own_bytes(layout);
        let piece = match self.take_piece(bytes, bytes, source) {
            Ok(piece) => piece,
            Err(refused) => {
                let gave = self.sweep(source);
                if !(self.give_newest(source) || gave) {
                    return Err(refused);
                }
                self.take_piece(bytes, bytes, source)?
            }
        };
        let offset = padding(piece.start().addr().get(), layout.align());
        let start = (piece.start()).map_addr(|address| address.saturating_add(offset));
        // A pointer that a user returns may have narrower provenance. `resize` recovers this one.
        let _ = piece.start().expose_provenance();
        poison(piece.start().as_ptr(), piece.bytes());
        unpoison(start.as_ptr(), layout.size());
        let dirty_bytes = piece.dirty_bytes().saturating_sub(offset);
        self.own.insert(piece);
        Ok(Memory {
            start,
            dirty_bytes: dirty_bytes.min(layout.size()),
        })
    }

    /// Returns the piece that holds only the allocation at `address`.
    #[cold]
    pub(super) fn free_own(&mut self, address: usize, source: &mut (impl Pieces<P> + ?Sized)) {
        let piece = self.own.remove(address);
        debug_assert!(piece.is_some(), "freed twice, or with another layout");
        if let Some(piece) = piece {
            self.give_piece(piece, source);
        }
    }

    /// Whether the allocation at `address`, of `old_bytes` and in a piece of its own, can and
    /// should become one of `new` in place: an allocation that shrinks by half moves to a smaller
    /// piece.
    pub(super) fn fits_own(&self, address: usize, old_bytes: usize, new: Layout) -> bool {
        let Some(piece) = self.own.get(address) else {
            return false;
        };
        let offset = address - piece.start().addr().get();
        let room = piece.bytes() - offset;
        let shrinks = new.size() < old_bytes;
        new.size() + RED_ZONE_BYTES + GAP_BYTES <= room
            && !(shrinks && self.sizes.least_own_bytes(new) <= piece.bytes() / 2)
    }
}
