//! Decompression of Brotli content, in memory of an arena.

use std::cell::{Cell, RefCell};

use brotli_decompressor::{
    Allocator, BrotliDecompressStream, BrotliResult, BrotliState, HuffmanCode, SliceWrapper,
    SliceWrapperMut,
};
use frame_arena::{AllocError, Arena, Scratch, SharedPlane};

use crate::memory::{List, list_in};
use crate::{Error, Limits};

/// Length of two allocations that the decompressor makes in a row while it checks only the first.
const UNCHECKED_CODES: usize = 3 * 1080;

/// Decompresses twice: first to count the bytes, then into memory of exactly that length.
///
/// # Errors
/// Not a Brotli stream; more bytes than the limit; memory.
pub(super) fn decompress(
    stored: &[u8],
    arena: &Arena,
    limits: &Limits,
) -> Result<SharedPlane<u8>, Error> {
    let mut bytes = 0;
    run(stored, arena, |part| {
        bytes += part.len();
        limits.check_box(bytes)
    })?;
    let mut content = arena.detached_plane::<u8>(bytes, 1)?;
    let mut rest = content.row_mut(0);
    run(stored, arena, |part| {
        let (front, back) = std::mem::take(&mut rest).split_at_mut(part.len());
        front.copy_from_slice(part);
        rest = back;
        Ok(())
    })?;
    Ok(content.into_shared())
}

/// Calls `put` for each part that is decompressed.
fn run(
    stored: &[u8],
    arena: &Arena,
    mut put: impl FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let frame = arena.frame();
    let scratch = frame.scratch();
    let pieces = Pieces::new(&scratch)?;
    let mut state = BrotliState::new_strict(&pieces, &pieces, &pieces);
    let mut out = [0; 4096];
    let (mut left, mut offset, mut total) = (stored.len(), 0, 0);
    loop {
        // A table that is missing is not always looked for.
        pieces.check()?;
        let (mut room, mut end) = (out.len(), 0);
        let result = BrotliDecompressStream(
            &mut left,
            &mut offset,
            stored,
            &mut room,
            &mut end,
            &mut out,
            &mut total,
            &mut state,
        );
        pieces.check()?;
        put(&out[..end])?;
        match result {
            BrotliResult::ResultSuccess => return Ok(()),
            BrotliResult::NeedsMoreOutput => {}
            BrotliResult::NeedsMoreInput => return Err(Error::Truncated),
            BrotliResult::ResultFailure => {
                return Err(Error::corrupt("brob box without a valid Brotli stream"));
            }
        }
    }
}

/// Memory for the decompressor. After one refusal, all further requests are refused.
struct Pieces<'s> {
    scratch: &'s Scratch<'s>,
    refusal: Cell<Option<AllocError>>,
    unchecked: RefCell<[Piece<'s, HuffmanCode>; 2]>,
}

/// A list of fixed length, or an empty one if memory was refused.
struct Piece<'s, T>(Option<List<'s, T>>);

impl<'s> Pieces<'s> {
    fn new(scratch: &'s Scratch<'s>) -> Result<Self, AllocError> {
        let unchecked = [
            Piece::new(scratch, UNCHECKED_CODES)?,
            Piece::new(scratch, UNCHECKED_CODES)?,
        ];
        Ok(Self {
            scratch,
            refusal: Cell::new(None),
            unchecked: RefCell::new(unchecked),
        })
    }

    fn check(&self) -> Result<(), AllocError> {
        self.refusal.get().map_or(Ok(()), Err)
    }

    fn take<T: Clone + Default>(&self, len: usize) -> Piece<'s, T> {
        if self.refusal.get().is_none() {
            match Piece::new(self.scratch, len) {
                Ok(piece) => return piece,
                Err(refusal) => self.refusal.set(Some(refusal)),
            }
        }
        Piece::default()
    }
}

impl<'s, T: Clone + Default> Piece<'s, T> {
    fn new(scratch: &'s Scratch<'s>, len: usize) -> Result<Self, AllocError> {
        let mut list = list_in(scratch, len)?;
        list.resize(len, T::default());
        Ok(Self(Some(list)))
    }
}

impl<'s> Allocator<u8> for &Pieces<'s> {
    type AllocatedMemory = Piece<'s, u8>;

    fn alloc_cell(&mut self, len: usize) -> Self::AllocatedMemory {
        self.take(len)
    }

    fn free_cell(&mut self, _: Self::AllocatedMemory) {}
}

impl<'s> Allocator<u32> for &Pieces<'s> {
    type AllocatedMemory = Piece<'s, u32>;

    fn alloc_cell(&mut self, len: usize) -> Self::AllocatedMemory {
        self.take(len)
    }

    fn free_cell(&mut self, _: Self::AllocatedMemory) {}
}

impl<'s> Allocator<HuffmanCode> for &Pieces<'s> {
    type AllocatedMemory = Piece<'s, HuffmanCode>;

    fn alloc_cell(&mut self, len: usize) -> Self::AllocatedMemory {
        if len == UNCHECKED_CODES {
            let mut unchecked = self.unchecked.borrow_mut();
            if let Some(piece) = unchecked.iter_mut().find(|piece| piece.0.is_some()) {
                return std::mem::take(piece);
            }
        }
        self.take(len)
    }

    fn free_cell(&mut self, _: Self::AllocatedMemory) {}
}

impl<T> Default for Piece<'_, T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> SliceWrapper<T> for Piece<'_, T> {
    fn slice(&self) -> &[T] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl<T> SliceWrapperMut<T> for Piece<'_, T> {
    fn slice_mut(&mut self) -> &mut [T] {
        self.0.as_deref_mut().unwrap_or_default()
    }
}
