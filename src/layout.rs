//! All arithmetic of sizes, strides and offsets. No `unsafe` here; fuzzed on its own.

use crate::AllocError;

/// Alignment of every row start and of every allocation, in bytes: one cache line, and the widest SIMD register.
pub(crate) const ROW_ALIGN_BYTES: usize = 64;

/// Strides that are a multiple of this map the same column of many rows to few cache sets; libjxl avoids them too
/// (`BytesPerRow` in lib/jxl/image.cc).
pub(crate) const ALIASING_STRIDE_BYTES: usize = 2048;

/// Page granularity that block and run sizes are rounded to.
pub(crate) const PAGE_BYTES: usize = 4096;

/// Largest request: with its run's rounding, still less than the address space.
pub(crate) const MAX_REQUEST_BYTES: usize = isize::MAX as usize / 2;

/// What the system allocator keeps before a large allocation (glibc: one chunk header of two words).
pub(crate) const SYSTEM_HEADER_BYTES: usize = 16;

/// What `bumpalo` keeps in a chunk of its own: a footer of six words and room for the system's header.
pub(crate) const BLOCK_OVERHEAD_BYTES: usize = 64;

/// Dimensions of one plane, or of a set of equal planes, in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlaneLayout {
    /// Samples from one row start to the next.
    pub(crate) stride: usize,
    /// Samples from one plane of a set to the next.
    pub(crate) plane_stride: usize,
    /// Bytes of all planes, padding included.
    pub(crate) bytes: usize,
}

/// Lays out `count` planes of `width` x `height` samples of `sample_bytes` each.
///
/// Every row starts at [`ROW_ALIGN_BYTES`]; a stride that is a multiple of [`ALIASING_STRIDE_BYTES`] is one alignment
/// unit longer.
///
/// # Errors
/// [`AllocError::SizeOverflow`] if the size exceeds [`MAX_REQUEST_BYTES`].
#[inline]
pub(crate) fn planes(
    count: usize,
    width: usize,
    height: usize,
    sample_bytes: usize,
) -> Result<PlaneLayout, AllocError> {
    let overflow = AllocError::SizeOverflow {
        count,
        width,
        height,
        sample_bytes,
    };
    layout_planes(count, width, height, sample_bytes).ok_or(overflow)
}

#[inline]
fn layout_planes(
    count: usize,
    width: usize,
    height: usize,
    sample_bytes: usize,
) -> Option<PlaneLayout> {
    if count == 0 || width == 0 || height == 0 || sample_bytes == 0 {
        return Some(PlaneLayout {
            stride: width,
            plane_stride: width.checked_mul(height)?,
            bytes: 0,
        });
    }
    let unit = match ROW_ALIGN_BYTES.is_multiple_of(sample_bytes) {
        true => ROW_ALIGN_BYTES,
        false => lcm(ROW_ALIGN_BYTES, sample_bytes)?,
    };
    let mut stride_bytes = round_up(width.checked_mul(sample_bytes)?, unit)?;
    if height > 1 && stride_bytes.is_multiple_of(ALIASING_STRIDE_BYTES) {
        stride_bytes = stride_bytes.checked_add(unit)?;
    }
    let plane_bytes = stride_bytes.checked_mul(height)?;
    let bytes = plane_bytes.checked_mul(count)?;
    (bytes <= MAX_REQUEST_BYTES).then_some(PlaneLayout {
        stride: stride_bytes / sample_bytes,
        plane_stride: plane_bytes / sample_bytes,
        bytes,
    })
}

/// Bytes of a slice of `len` samples.
///
/// # Errors
/// [`AllocError::SizeOverflow`] if the size exceeds [`MAX_REQUEST_BYTES`].
pub(crate) fn slice(len: usize, sample_bytes: usize) -> Result<usize, AllocError> {
    len.checked_mul(sample_bytes)
        .filter(|&bytes| bytes <= MAX_REQUEST_BYTES)
        .ok_or(AllocError::SizeOverflow {
            count: 1,
            width: len,
            height: 1,
            sample_bytes,
        })
}

/// Bytes taken from the system for a run that serves `bytes`: alignment slack and the system's header included, rounded up
/// so that requests of nearly the same size share a run (at most 1/16 of the size, at least a page).
/// `None` on overflow.
pub(crate) fn run_bytes(bytes: usize) -> Option<usize> {
    let needed = bytes.checked_add(ROW_ALIGN_BYTES + SYSTEM_HEADER_BYTES)?;
    let granule = (previous_power_of_two(needed) / 16).max(PAGE_BYTES);
    round_up(needed, granule).filter(|&total| total <= isize::MAX as usize)
}

/// Bytes taken from the system for a block in which `room_bytes` can be allocated, wherever it starts. `None` on overflow.
pub(crate) fn block_bytes(room_bytes: usize) -> Option<usize> {
    let needed = room_bytes.checked_add(BLOCK_OVERHEAD_BYTES + ROW_ALIGN_BYTES)?;
    round_up(needed, PAGE_BYTES).filter(|&total| total <= isize::MAX as usize)
}

/// Bytes that a block of `total_bytes`, a multiple of the page size, has room for wherever it starts.
pub(crate) fn block_room_bytes(total_bytes: usize) -> usize {
    total_bytes - BLOCK_OVERHEAD_BYTES - ROW_ALIGN_BYTES
}

/// `value` rounded up to a multiple of `unit`. `None` on overflow, or if `unit` is zero.
pub(crate) fn round_up(value: usize, unit: usize) -> Option<usize> {
    value.checked_next_multiple_of(unit)
}

/// Bytes from `address` to the next multiple of [`ROW_ALIGN_BYTES`].
pub(crate) fn align_offset(address: usize) -> usize {
    address.wrapping_neg() % ROW_ALIGN_BYTES
}

/// Extent of tile `index` along an axis of `length` samples, when the first tile is `first` long and the others `step`: its
/// start and its length. Tiles cover the axis without overlap; the last may be short.
pub(crate) fn tile_span(length: usize, first: usize, step: usize, index: usize) -> (usize, usize) {
    let (start, nominal) = match index {
        0 => (0, first),
        _ => ((index - 1).saturating_mul(step).saturating_add(first), step),
    };
    let start = start.min(length);
    (start, nominal.min(length - start))
}

/// Number of tiles along an axis; see [`tile_span`].
pub(crate) fn tile_count(length: usize, first: usize, step: usize) -> usize {
    match length {
        0 => 0,
        _ => 1 + length.saturating_sub(first).div_ceil(step),
    }
}

fn lcm(a: usize, b: usize) -> Option<usize> {
    (a / gcd(a, b)).checked_mul(b)
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn previous_power_of_two(value: usize) -> usize {
    1 << value.max(1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_aligned_and_strides_do_not_alias() {
        let layout = planes(3, 256, 256, 4).unwrap();
        assert_eq!(layout.stride, 256);
        assert_eq!(layout.bytes, 3 * 256 * 256 * 4);
        let aliasing = planes(1, 512, 2, 4).unwrap();
        assert_eq!(aliasing.stride * 4, 2048 + 64);
        let odd = planes(1, 5, 2, 3).unwrap();
        assert_eq!(odd.stride * 3, 192);
    }

    #[test]
    fn overflow_is_an_error() {
        for (count, width, height, bytes) in [
            (1, usize::MAX, 2, 4),
            (1, 1 << 61, 1, 8),
            (usize::MAX, 1, 1, 1),
            (2, 1 << 31, 1 << 31, 4),
        ] {
            assert!(matches!(
                planes(count, width, height, bytes),
                Err(AllocError::SizeOverflow { .. })
            ));
        }
        assert!(slice(1 << 62, 4).is_err());
        assert_eq!(run_bytes(usize::MAX - 8), None);
    }

    #[test]
    fn runs_waste_at_most_a_sixteenth() {
        for bytes in (600_000..40_000_000).step_by(77_777) {
            let total = run_bytes(bytes).unwrap();
            assert!(total >= bytes + ROW_ALIGN_BYTES + SYSTEM_HEADER_BYTES);
            assert!(total - bytes <= bytes / 16 + PAGE_BYTES);
        }
    }

    #[test]
    fn tiles_cover_an_axis_once() {
        for length in 0..40 {
            for first in 1..9 {
                for step in 1..9 {
                    let mut next = 0;
                    for index in 0..tile_count(length, first, step) {
                        let (start, extent) = tile_span(length, first, step, index);
                        assert_eq!(start, next);
                        assert!(extent > 0);
                        next = start + extent;
                    }
                    assert_eq!(next, length);
                }
            }
        }
    }
}
