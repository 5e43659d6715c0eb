//! Returns small pieces that are wholly free.

use super::Heap;
use super::chunk::Chunk;
use super::piece::{Piece, Pieces};
use super::tree::PieceTree;

impl<P: Piece> Heap<P> {
    /// Adds a free chunk to the room or the free lists.
    #[inline]
    pub(super) fn put_aside(&mut self, chunk: Chunk) {
        if let Some(chunk) = self.room.join_front(chunk) {
            self.free.push(chunk);
        }
    }

    /// Ends a small allocation whose memory is `chunk`.
    #[inline]
    pub(super) fn free_small(&mut self, chunk: Chunk, source: &mut (impl Pieces<P> + ?Sized)) {
        self.put_aside(chunk);
        self.live -= 1;
        if self.live == 0 {
            if !self.free.is_empty() || self.small.has_several() {
                self.reset(source);
            }
        } else if self.free.bytes() > self.sweep_at_bytes {
            self.sweep(source);
        }
    }

    /// Joins adjoining free chunks, and returns all small pieces that are wholly free, except the
    /// newest. Returns whether there were any.
    #[cold]
    pub(super) fn sweep(&mut self, source: &mut (impl Pieces<P> + ?Sized)) -> bool {
        if self.free.is_empty() {
            return false;
        }
        let taken = self.counts.held_bytes;
        let mut chunks = self.free.drain_sorted();
        let mut pieces = std::mem::replace(&mut self.small, PieceTree::new());
        while let Some(piece) = pieces.pop_first() {
            let start = piece.start().addr().get();
            let mut joined = Chunk::NONE;
            while let Some(mut chunk) = chunks.pop_before(start + piece.bytes()) {
                if let Some(before) = chunk.join_front(joined) {
                    self.free.push(before);
                }
                joined = chunk;
            }
            if start != self.newest && joined.is_whole(&*piece) {
                self.give_small(piece, source);
            } else {
                self.put_aside(joined);
                self.small.insert(piece);
            }
        }
        debug_assert!(chunks.is_empty(), "a chunk in no piece");
        self.plan_sweep(2 * self.free.bytes());
        self.counts.held_bytes < taken
    }

    /// Returns the newest small piece if all of it is room.
    pub(super) fn give_newest(&mut self, source: &mut (impl Pieces<P> + ?Sized)) -> bool {
        let newest = self.small.get(self.newest);
        if !newest.is_some_and(|piece| self.room.is_whole(piece)) {
            return false;
        }
        self.room = Chunk::NONE;
        if let Some(piece) = self.small.remove(std::mem::take(&mut self.newest)) {
            self.give_small(piece, source);
        }
        true
    }

    pub(super) fn give_small(&mut self, piece: Box<P>, source: &mut (impl Pieces<P> + ?Sized)) {
        self.small_bytes -= piece.bytes();
        self.give_piece(piece, source);
    }

    /// Sets the next sweep for when the free chunks have more than `bytes`, if that is worth it.
    pub(super) fn plan_sweep(&mut self, bytes: usize) {
        let least = self.sizes.block_bytes().max(self.small_bytes / 4);
        self.sweep_at_bytes = bytes.max(least);
    }
}
