#![allow(unsafe_code)]

use std::ptr::NonNull;

use super::piece::Piece;
use super::sizes::{GAP_BYTES, UNIT_BYTES};
use crate::memory::{RETURNED, poison, unpoison};

/// Free memory of a small piece, owned as by a box: the owner may write in it.
///
/// Dropping a chunk loses its memory until the piece is returned to its source.
///
/// Invariants: `start` and `bytes` are multiples of [`UNIT_BYTES`]; the `bytes` bytes from `start`
/// lie in one piece, which its heap holds for as long as the chunk is anywhere in that heap; they
/// belong to no allocation and to no other chunk; `start` may be used for all memory of the piece.
/// Chunks of different pieces never adjoin, as the last [`GAP_BYTES`] of a piece are in none. A
/// chunk may be empty: then it is at the end of what it was split from, or [`Chunk::NONE`].
pub(super) struct Chunk {
    start: NonNull<u8>,
    bytes: usize,
}

// SAFETY: a chunk is exclusive access to its bytes.
unsafe impl Send for Chunk {}

impl Chunk {
    /// An empty chunk that adjoins no other.
    pub(super) const NONE: Self = Self {
        start: NonNull::dangling(),
        bytes: 0,
    };

    /// All memory of a piece that can be granted.
    ///
    /// # Safety
    /// The heap that calls this holds the piece. No allocation is in it, and each earlier chunk of
    /// it is dropped.
    pub(super) unsafe fn whole(piece: &impl Piece) -> Self {
        // A pointer that a user returns may have narrower provenance. `freed` recovers this one.
        let _ = piece.start().expose_provenance();
        poison(piece.start().as_ptr(), piece.bytes());
        Self {
            start: piece.start(),
            bytes: usable_bytes(piece),
        }
    }

    /// The chunk of an allocation that ends, or a part of it.
    ///
    /// # Safety
    /// The `bytes` bytes from `start` lie in a chunk that was [granted](Self::grant), from a piece
    /// that its heap still holds. Both are multiples of [`UNIT_BYTES`]. The caller does not use
    /// these bytes any more.
    #[inline]
    pub(super) unsafe fn freed(start: NonNull<u8>, bytes: usize) -> Self {
        let start = NonNull::with_exposed_provenance(start.addr());
        if cfg!(debug_assertions) {
            unpoison(start.as_ptr(), bytes);
            // SAFETY: the caller owns the bytes and does not use them any more.
            unsafe { start.as_ptr().write_bytes(RETURNED, bytes) };
        }
        poison(start.as_ptr(), bytes);
        Self { start, bytes }
    }

    /// Turns the chunk into an allocation of `bytes` bytes, which are at most those of the chunk.
    #[inline]
    pub(super) fn grant(self, bytes: usize) -> NonNull<u8> {
        debug_assert!(bytes <= self.bytes);
        unpoison(self.start.as_ptr(), bytes);
        self.start
    }

    #[inline]
    pub(super) fn address(&self) -> usize {
        self.start.addr().get()
    }

    #[inline]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether the chunk is all memory of `piece` that can be granted.
    pub(super) fn is_whole(&self, piece: &impl Piece) -> bool {
        self.start == piece.start() && self.bytes == usable_bytes(piece)
    }

    /// Splits `bytes` bytes off the front, a multiple of [`UNIT_BYTES`], if the chunk has them.
    #[inline]
    pub(super) fn split_front(&mut self, bytes: usize) -> Option<Self> {
        debug_assert!(bytes.is_multiple_of(UNIT_BYTES));
        let rest = self.bytes.checked_sub(bytes)?;
        let front = Self {
            start: self.start,
            bytes,
        };
        // SAFETY: inside the chunk or at its end, both in the piece.
        self.start = unsafe { self.start.add(bytes) };
        self.bytes = rest;
        Some(front)
    }

    /// Joins `before` to the front. Returns it if it does not adjoin.
    #[inline]
    pub(super) fn join_front(&mut self, before: Self) -> Option<Self> {
        if before.address() + before.bytes != self.address() {
            return Some(before);
        }
        self.start = before.start;
        self.bytes += before.bytes;
        None
    }
}

fn usable_bytes(piece: &impl Piece) -> usize {
    piece.bytes().saturating_sub(GAP_BYTES) / UNIT_BYTES * UNIT_BYTES
}

/// Chunks, linked through themselves: the last one added comes first.
///
/// Invariants: `first` is null or starts a chunk that this list owns, whose bytes begin with a
/// [`Node`]; so does the `next` of each node. No chunk is empty.
pub(super) struct ChunkList {
    first: Option<NonNull<Node>>,
}

/// The first bytes of a chunk in a list.
#[derive(Clone, Copy)]
struct Node {
    next: Option<NonNull<Node>>,
    bytes: usize,
}

const _: () = assert!(size_of::<Node>() <= UNIT_BYTES && align_of::<Node>() <= UNIT_BYTES);

// SAFETY: a list owns its chunks, which are `Send`.
unsafe impl Send for ChunkList {}

impl ChunkList {
    pub(super) const EMPTY: Self = Self { first: None };

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Adds a chunk that is not empty.
    #[inline]
    pub(super) fn push(&mut self, chunk: Chunk) {
        self.first = Some(write(chunk, self.first));
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<Chunk> {
        let node = self.first?;
        // SAFETY: the list owns the chunk.
        let Node { next, bytes } = unsafe { read(node) };
        self.first = next;
        Some(Chunk {
            start: node.cast(),
            bytes,
        })
    }

    /// Removes the first chunk if its address is below `end`.
    pub(super) fn pop_before(&mut self, end: usize) -> Option<Chunk> {
        match self.first?.addr().get() < end {
            true => self.pop(),
            false => None,
        }
    }

    /// Removes the first chunk whose address `accepts` accepts, among the first `most`.
    pub(super) fn take_where(
        &mut self,
        most: usize,
        accepts: impl Fn(usize) -> bool,
    ) -> Option<Chunk> {
        let mut passed = Self::EMPTY;
        let mut found = None;
        for _ in 0..most {
            match self.pop() {
                Some(chunk) if accepts(chunk.address()) => {
                    found = Some(chunk);
                    break;
                }
                Some(chunk) => passed.push(chunk),
                None => break,
            }
        }
        while let Some(chunk) = passed.pop() {
            self.push(chunk);
        }
        found
    }

    /// Address of the first chunk.
    pub(super) fn first_address(&self) -> Option<usize> {
        self.first.map(|node| node.addr().get())
    }

    /// Merges two lists whose addresses ascend.
    pub(super) fn merge(self, other: Self) -> Self {
        let (mut one, mut two) = (self.first, other.first);
        let mut merged = Self::EMPTY;
        let mut link = &raw mut merged.first;
        let mut last = None;
        while let (Some(first), Some(second)) = (one, two) {
            let (node, rest) = match first < second {
                true => (first, &mut one),
                false => (second, &mut two),
            };
            unpoison(node.as_ptr().cast(), UNIT_BYTES);
            // SAFETY: this function owns both lists, and so their nodes. `link` is where the merged
            // list ends: its head, or in the node `last`.
            unsafe {
                link.write(Some(node));
                link = &raw mut (*node.as_ptr()).next;
                *rest = link.read();
            }
            poison_last(last.replace(node));
        }
        // SAFETY: as above.
        unsafe { link.write(one.or(two)) };
        poison_last(last);
        merged
    }
}

fn poison_last(last: Option<NonNull<Node>>) {
    if let Some(node) = last {
        poison(node.as_ptr().cast(), UNIT_BYTES);
    }
}

/// Writes the node of a chunk that a list takes over.
#[inline]
fn write(chunk: Chunk, next: Option<NonNull<Node>>) -> NonNull<Node> {
    let bytes = chunk.bytes;
    assert!(bytes >= UNIT_BYTES, "an empty chunk in a list");
    let node = chunk.start.cast::<Node>();
    unpoison(chunk.start.as_ptr(), UNIT_BYTES);
    // SAFETY: a chunk that is not empty has a unit, in which a node fits at any multiple of it.
    unsafe { node.write(Node { next, bytes }) };
    poison(chunk.start.as_ptr(), UNIT_BYTES);
    node
}

/// Reads the node of a listed chunk.
///
/// # Safety
/// The caller owns the list.
#[inline]
unsafe fn read(node: NonNull<Node>) -> Node {
    unpoison(node.as_ptr().cast(), UNIT_BYTES);
    // SAFETY: by the invariants of the list there is a node, and the list is the caller's.
    let read = unsafe { node.read() };
    poison(node.as_ptr().cast(), UNIT_BYTES);
    read
}
