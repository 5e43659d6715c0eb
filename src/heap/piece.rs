#![allow(unsafe_code)]

use std::ptr::NonNull;

use crate::AllocError;

/// Memory that a heap allocates in.
///
/// # Safety
/// While the piece is alive and is changed only through [`Piece::links_mut`], the `bytes` bytes
/// from `start` belong to one allocation, which only the holder of the piece may read and write,
/// even if the piece itself is moved. `start` is a multiple of [`ROW_ALIGN_BYTES`] and may be used
/// for all these bytes. The bytes from `dirty_bytes` on are zero when a heap gets the piece.
///
/// [`ROW_ALIGN_BYTES`]: crate::layout::ROW_ALIGN_BYTES
pub(crate) unsafe trait Piece: Sized {
    /// First byte of the memory.
    fn start(&self) -> NonNull<u8>;

    /// Length of the memory.
    fn bytes(&self) -> usize;

    /// Number of bytes from the start after which all are zero.
    fn dirty_bytes(&self) -> usize {
        self.bytes()
    }

    /// What the heap keeps in the piece.
    fn links(&self) -> &Links<Self>;

    /// What the heap keeps in the piece.
    fn links_mut(&mut self) -> &mut Links<Self>;
}

/// Two words of a piece that link it with others of its heap, so that lists of pieces never
/// allocate.
pub(crate) struct Links<P> {
    /// Pieces at lower addresses.
    pub(super) below: Option<Box<P>>,
    /// Pieces at higher addresses.
    pub(super) above: Option<Box<P>>,
}

impl<P> Links<P> {
    /// Links of a piece that is in no heap.
    pub(crate) const NONE: Self = Self {
        below: None,
        above: None,
    };
}

/// The source of a heap's pieces.
pub(crate) trait Pieces<P> {
    /// Takes a piece of at least `least_bytes`, and of about `wanted_bytes` if possible.
    ///
    /// # Errors
    /// The errors of the source: its limit, or the system.
    fn take(&mut self, least_bytes: usize, wanted_bytes: usize) -> Result<Box<P>, AllocError>;

    /// Returns a piece. Its bytes count as uninitialized.
    fn give(&mut self, piece: Box<P>);
}
