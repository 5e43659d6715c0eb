//! Takes chunks and pieces.

use super::chunk::Chunk;
use super::piece::{Piece, Pieces};
use super::sizes::{Class, HeapSizes, UNIT_BYTES};
use super::{Heap, give};
use crate::AllocError;

impl<P: Piece> Heap<P> {
    /// Takes a chunk of this class that is aligned to `align`.
    ///
    /// # Errors
    /// The errors of the source, after free memory of the heap was searched.
    #[inline]
    pub(super) fn take_chunk(
        &mut self,
        class: Class,
        align: usize,
        source: &mut (impl Pieces<P> + ?Sized),
    ) -> Result<Chunk, AllocError> {
        match self.find_chunk(class, align) {
            Some(chunk) => Ok(chunk),
            None => self.take_chunk_of_source(class, align, source),
        }
    }

    /// Takes a chunk out of the memory that the heap holds.
    #[inline]
    fn find_chunk(&mut self, class: Class, align: usize) -> Option<Chunk> {
        if align > UNIT_BYTES {
            return self.find_aligned(class, align);
        }
        match self.free.take(class) {
            Some(chunk) => Some(chunk),
            None => self.room.split_front(class.bytes),
        }
    }

    #[cold]
    fn find_aligned(&mut self, class: Class, align: usize) -> Option<Chunk> {
        let listed = self.free.take_aligned(class, align);
        listed.or_else(|| self.free.split_aligned(&mut self.room, class, align))
    }

    #[cold]
    fn take_chunk_of_source(
        &mut self,
        class: Class,
        align: usize,
        source: &mut (impl Pieces<P> + ?Sized),
    ) -> Result<Chunk, AllocError> {
        let least_bytes = HeapSizes::least_small_bytes(class, align);
        let wanted_bytes = self.sizes.wanted_small_bytes(self.small_bytes);
        let taken = self.take_piece(least_bytes, wanted_bytes.max(least_bytes), source);
        let piece = match taken {
            Ok(piece) => piece,
            Err(refused) => {
                let gave = self.sweep(source);
                if let Some(chunk) = self.find_chunk(class, align) {
                    return Ok(chunk);
                }
                if !(self.give_newest(source) || gave) {
                    return Err(refused);
                }
                self.take_piece(least_bytes, least_bytes, source)?
            }
        };
        self.open(piece);
        let requested_bytes = least_bytes;
        let chunk = self.find_chunk(class, align);
        chunk.ok_or(AllocError::System { requested_bytes })
    }

    /// Takes a piece from the source, and counts it.
    pub(super) fn take_piece(
        &mut self,
        least_bytes: usize,
        wanted_bytes: usize,
        source: &mut (impl Pieces<P> + ?Sized),
    ) -> Result<Box<P>, AllocError> {
        let piece = source.take(least_bytes, wanted_bytes)?;
        if piece.bytes() < least_bytes {
            debug_assert!(
                false,
                "a source gave {} of {least_bytes} bytes",
                piece.bytes()
            );
            source.give(piece);
            let requested_bytes = least_bytes;
            return Err(AllocError::System { requested_bytes });
        }
        self.counts.pieces_taken += 1;
        self.counts.held_bytes += piece.bytes();
        Ok(piece)
    }

    /// Returns a piece that the heap has unlinked.
    pub(super) fn give_piece(&mut self, piece: Box<P>, source: &mut (impl Pieces<P> + ?Sized)) {
        self.counts.held_bytes -= piece.bytes();
        give(piece, source);
    }
}
