//! A source of pieces for tests: the global allocator with a limit and chosen refusals.

#![allow(unsafe_code)]

use std::alloc::{Layout, alloc, dealloc};
use std::ptr::NonNull;

use crate::AllocError;
use crate::heap::{Links, Piece, Pieces};
use crate::layout::ROW_ALIGN_BYTES;

/// The contents of new memory that is not clean.
const GARBAGE: u8 = 0xEE;

/// Memory of the global allocator.
///
/// Invariant: `start` is an allocation of `layout` that this piece owns.
pub(crate) struct TestPiece {
    start: NonNull<u8>,
    layout: Layout,
    dirty_bytes: usize,
    links: Links<Self>,
}

// SAFETY: the piece owns its memory.
unsafe impl Send for TestPiece {}

impl TestPiece {
    /// A piece with garbage in all bytes, or in those of the first half.
    pub(crate) fn new(bytes: usize, is_half_clean: bool) -> Box<Self> {
        let layout = Layout::from_size_align(bytes, ROW_ALIGN_BYTES).unwrap();
        assert!(bytes > 0);
        // SAFETY: the layout has bytes.
        let start = NonNull::new(unsafe { alloc(layout) }).unwrap();
        let dirty_bytes = if is_half_clean { bytes / 2 } else { bytes };
        // SAFETY: both inside the allocation.
        unsafe {
            start.write_bytes(GARBAGE, dirty_bytes);
            start.add(dirty_bytes).write_bytes(0, bytes - dirty_bytes);
        }
        Box::new(Self {
            start,
            layout,
            dirty_bytes,
            links: Links::NONE,
        })
    }
}

impl Drop for TestPiece {
    fn drop(&mut self) {
        // SAFETY: the piece's own allocation. Overwriting it reveals later uses.
        unsafe {
            self.start.write_bytes(GARBAGE, self.layout.size());
            dealloc(self.start.as_ptr(), self.layout);
        }
    }
}

// SAFETY: the allocation is the piece's alone, and aligned to a row.
unsafe impl Piece for TestPiece {
    fn start(&self) -> NonNull<u8> {
        self.start
    }

    fn bytes(&self) -> usize {
        self.layout.size()
    }

    fn dirty_bytes(&self) -> usize {
        self.dirty_bytes
    }

    fn links(&self) -> &Links<Self> {
        &self.links
    }

    fn links_mut(&mut self) -> &mut Links<Self> {
        &mut self.links
    }
}

/// Gives pieces of the global allocator, and counts them.
pub(crate) struct TestSource {
    pub(crate) limit_bytes: usize,
    /// The request to refuse, counted from zero.
    pub(crate) refused: Option<u64>,
    /// Sizes are rounded up to a multiple of this.
    pub(crate) unit_bytes: usize,
    pub(crate) requests: u64,
    pub(crate) pieces: usize,
    pub(crate) held_bytes: usize,
    pub(crate) peak_bytes: usize,
}

impl TestSource {
    pub(crate) fn new() -> Self {
        Self::with_limit(usize::MAX)
    }

    pub(crate) fn with_limit(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            refused: None,
            unit_bytes: 1,
            requests: 0,
            pieces: 0,
            held_bytes: 0,
            peak_bytes: 0,
        }
    }
}

impl Pieces<TestPiece> for TestSource {
    fn take(
        &mut self,
        least_bytes: usize,
        wanted_bytes: usize,
    ) -> Result<Box<TestPiece>, AllocError> {
        assert!(least_bytes <= wanted_bytes);
        let request = self.requests;
        self.requests += 1;
        let refused = AllocError::LimitExceeded {
            requested_bytes: least_bytes,
            in_use_bytes: self.held_bytes,
            limit_bytes: self.limit_bytes,
        };
        if self.refused == Some(request) {
            return Err(refused);
        }
        let left_bytes = self.limit_bytes - self.held_bytes;
        let wanted_bytes = wanted_bytes.checked_next_multiple_of(self.unit_bytes);
        let bytes = wanted_bytes.unwrap_or(usize::MAX).min(left_bytes);
        if bytes < least_bytes {
            return Err(refused);
        }
        self.pieces += 1;
        self.held_bytes += bytes;
        self.peak_bytes = self.peak_bytes.max(self.held_bytes);
        Ok(TestPiece::new(bytes, request.is_multiple_of(2)))
    }

    fn give(&mut self, piece: Box<TestPiece>) {
        assert!(piece.links.below.is_none() && piece.links.above.is_none());
        self.pieces -= 1;
        self.held_bytes -= piece.bytes();
    }
}

impl Drop for TestSource {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!((self.pieces, self.held_bytes), (0, 0));
        }
    }
}
