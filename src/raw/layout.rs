use super::HEADER_BYTES;
use crate::AllocError;
use crate::layout::{MAX_REQUEST_BYTES, ROW_ALIGN_BYTES};

/// Largest alignment of a raw buffer: a huge page.
const MOST_ALIGN_BYTES: usize = 2 << 20;

/// Describes the size, alignment and padding of a [`RawBuffer`](crate::RawBuffer).
///
/// ```
/// # use frame_arena::{Arena, RawLayout};
/// # let arena = Arena::new();
/// let layout = RawLayout::new(100_000).align_bytes(4096).padding_bytes(64);
/// let buffer = arena.raw_buffer(layout)?;
/// assert_eq!(buffer.as_ptr().addr() % 4096, 0);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct RawLayout {
    bytes: usize,
    align_bytes: usize,
    padding_bytes: usize,
    is_sparse: bool,
}

impl RawLayout {
    /// Describes a buffer of `bytes` bytes, aligned to 64 bytes and without padding.
    pub const fn new(bytes: usize) -> Self {
        Self {
            bytes,
            align_bytes: ROW_ALIGN_BYTES,
            padding_bytes: 0,
            is_sparse: false,
        }
    }

    /// Sets the alignment of the first byte: a power of two up to 2 MiB. Smaller values count as
    /// 64.
    pub const fn align_bytes(mut self, bytes: usize) -> Self {
        self.align_bytes = bytes;
        self
    }

    /// Sets the number of bytes behind the buffer that foreign code may read and write too.
    pub const fn padding_bytes(mut self, bytes: usize) -> Self {
        self.padding_bytes = bytes;
        self
    }

    /// Declares that much of the buffer may never be touched. No huge pages are requested for it,
    /// since one of them is resident as a whole, 2 MiB, as soon as a byte of it is touched.
    pub const fn sparse(mut self) -> Self {
        self.is_sparse = true;
        self
    }

    pub(super) fn is_sparse(&self) -> bool {
        self.is_sparse
    }

    pub(super) fn len(&self) -> usize {
        self.bytes
    }

    pub(super) fn padding_len(&self) -> usize {
        self.padding_bytes
    }

    /// Bytes of memory that suffice for the header and the aligned buffer, if the memory is aligned
    /// to [`ROW_ALIGN_BYTES`].
    pub(super) fn memory_bytes(&self) -> Result<usize, AllocError> {
        if !self.align_bytes.is_power_of_two() || self.align_bytes > MOST_ALIGN_BYTES {
            return Err(AllocError::UnsupportedAlignment {
                align_bytes: self.align_bytes,
                most_bytes: MOST_ALIGN_BYTES,
            });
        }
        self.bytes
            .checked_add(self.padding_bytes)
            .and_then(|bytes| bytes.checked_add(self.align_bytes.max(HEADER_BYTES)))
            .filter(|&bytes| bytes <= MAX_REQUEST_BYTES)
            .ok_or(AllocError::SizeOverflow {
                count: 1,
                width: self.bytes.saturating_add(self.padding_bytes),
                height: 1,
                sample_bytes: 1,
            })
    }

    /// Bytes from the start of that memory, at `address`, to the buffer.
    pub(super) fn offset(&self, address: usize) -> usize {
        let behind_header = address + HEADER_BYTES;
        HEADER_BYTES + behind_header.wrapping_neg() % self.align_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_buffer_has_room_wherever_its_memory_starts() {
        for align_bytes in (0..=21).map(|bits| 1 << bits) {
            let layout = RawLayout::new(1000).align_bytes(align_bytes);
            let layout = layout.padding_bytes(24);
            let memory_bytes = layout.memory_bytes().unwrap();
            for address in (0..3 * MOST_ALIGN_BYTES).step_by(64 * 509) {
                let offset = layout.offset(address);
                assert!((address + offset).is_multiple_of(align_bytes.max(64)));
                assert!(offset >= HEADER_BYTES && offset + 1024 <= memory_bytes);
            }
        }
    }

    #[test]
    fn what_no_memory_has_is_refused() {
        for align_bytes in [0, 3, 96, 4 << 20, usize::MAX] {
            let refused = RawLayout::new(1).align_bytes(align_bytes).memory_bytes();
            let most_bytes = MOST_ALIGN_BYTES;
            let expected = AllocError::UnsupportedAlignment {
                align_bytes,
                most_bytes,
            };
            assert_eq!(refused, Err(expected));
        }
        for (bytes, padding) in [(usize::MAX, 0), (0, usize::MAX), (1, usize::MAX / 2)] {
            let refused = RawLayout::new(bytes).padding_bytes(padding).memory_bytes();
            assert!(matches!(refused, Err(AllocError::SizeOverflow { .. })));
        }
    }
}
