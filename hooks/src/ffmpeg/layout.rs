use frame_arena::AllocError;

/// Alignment of planes: what vectors of AVX-512 require.
pub(super) const ALIGN_BYTES: usize = 64;

/// Bytes behind each plane that may be read and written.
const PADDING_BYTES: usize = 64;

/// Where the planes of a picture lie in one buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Planes {
    /// Bytes of all planes, with the padding behind each.
    pub(super) bytes: usize,
    /// The first byte of each plane; `None` for a plane without bytes.
    pub(super) starts: [Option<usize>; 4],
}

impl Planes {
    pub(super) fn new(plane_bytes: [usize; 4]) -> Result<Self, AllocError> {
        Self::place(plane_bytes).ok_or(AllocError::SizeOverflow {
            count: 1,
            width: plane_bytes
                .into_iter()
                .fold(0, |sum, bytes| sum.saturating_add(bytes)),
            height: 1,
            sample_bytes: 1,
        })
    }

    fn place(plane_bytes: [usize; 4]) -> Option<Self> {
        let mut bytes = 0usize;
        let mut starts = [None; 4];
        for (start, plane_bytes) in starts.iter_mut().zip(plane_bytes) {
            if plane_bytes == 0 {
                continue;
            }
            *start = Some(bytes);
            bytes = bytes
                .checked_add(plane_bytes)?
                .checked_add(PADDING_BYTES)?
                .checked_next_multiple_of(ALIGN_BYTES)?;
        }
        Some(Self { bytes, starts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_are_aligned_padded_and_apart() {
        for sizes in [
            [1, 0, 0, 0],
            [1920 * 1088, 960 * 544, 960 * 544, 0],
            [63, 64, 65, 1],
            [100_000, 1024, 0, 0],
        ] {
            let planes = Planes::new(sizes).unwrap();
            let mut end = 0;
            for (start, bytes) in planes.starts.into_iter().zip(sizes) {
                assert_eq!(start.is_some(), bytes > 0);
                if let Some(start) = start {
                    assert!(start >= end && start.is_multiple_of(64));
                    end = start + bytes + 64;
                }
            }
            assert!(planes.bytes >= end && planes.bytes < end + 64);
        }
    }

    #[test]
    fn sizes_that_overflow_are_refused() {
        for sizes in [
            [usize::MAX, 0, 0, 0],
            [usize::MAX - 64, 1, 0, 0],
            [1 << 63, 1 << 63, 0, 0],
        ] {
            let refused = Planes::new(sizes);
            assert!(matches!(refused, Err(AllocError::SizeOverflow { .. })));
        }
    }
}
