//! The arithmetic of sizes, strides and offsets. It has no `unsafe` and a fuzz target of its own.

use crate::AllocError;

/// Alignment in bytes of every grant, and of every row if its samples allow it: one cache line, and
/// the widest SIMD register.
pub(crate) const ROW_ALIGN_BYTES: usize = 64;

/// Strides that are a multiple of this map the same column of many rows to few cache sets; libjxl
/// avoids them too (`BytesPerRow` in lib/jxl/image.cc).
pub(crate) const ALIASING_STRIDE_BYTES: usize = 2048;

/// Page granularity that block and run sizes are rounded to.
pub(crate) const PAGE_BYTES: usize = 4096;

/// Largest request. With the rounding of its run, it is still less than the address space.
pub(crate) const MAX_REQUEST_BYTES: usize = isize::MAX as usize / 2;

/// Bytes that a run counts for in addition to its memory: its record, its place in the store's
/// table, and the allocator's header (two words in glibc).
pub(crate) const RUN_OVERHEAD_BYTES: usize = 320;

/// Bytes that a block counts for in addition to its memory: its record, and the overhead of a
/// `bumpalo` chunk (a footer of six words and room for the allocator's header).
pub(crate) const BLOCK_OVERHEAD_BYTES: usize = 256;

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
/// The first row of the first plane is aligned to [`ROW_ALIGN_BYTES`]. If whole samples fill that
/// unit, every row is aligned to it; rows of other samples follow each other without padding. A
/// stride that would be a multiple of [`ALIASING_STRIDE_BYTES`] is longer by a unit, rounded up to
/// whole samples. Planes without samples take no bytes, whatever their other dimensions are.
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
    let overflow = || AllocError::SizeOverflow {
        count,
        width,
        height,
        sample_bytes,
    };
    if count == 0 || width == 0 || height == 0 || sample_bytes == 0 {
        return Ok(PlaneLayout {
            stride: width,
            plane_stride: 0,
            bytes: 0,
        });
    }
    layout_planes(count, width, height, sample_bytes).ok_or_else(overflow)
}

/// The same for dimensions that are not zero.
#[inline]
fn layout_planes(
    count: usize,
    width: usize,
    height: usize,
    sample_bytes: usize,
) -> Option<PlaneLayout> {
    // The samples that fill a unit, or the fewest that exceed it.
    let unit = ROW_ALIGN_BYTES.div_ceil(sample_bytes);
    let mut stride = match ROW_ALIGN_BYTES.is_multiple_of(sample_bytes) {
        true => round_up(width, unit)?,
        false => width,
    };
    let aliases = |stride_bytes: usize| stride_bytes.is_multiple_of(ALIASING_STRIDE_BYTES);
    // No stride avoids aliasing if the size of a sample is such a multiple itself.
    if height > 1 && aliases(stride.checked_mul(sample_bytes)?) && !aliases(sample_bytes) {
        stride = stride.checked_add(unit)?;
    }
    let plane_stride = stride.checked_mul(height)?;
    let bytes = plane_stride.checked_mul(count)?.checked_mul(sample_bytes)?;
    (bytes <= MAX_REQUEST_BYTES).then_some(PlaneLayout {
        stride,
        plane_stride,
        bytes,
    })
}

/// Bytes of a slice of `len` samples.
///
/// # Errors
/// [`AllocError::SizeOverflow`] if the size exceeds [`MAX_REQUEST_BYTES`].
#[inline]
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

/// Bytes that a run for `bytes` counts for: alignment slack and its record included, rounded up so
/// that requests of nearly the same size use the same run (at most 1/16 of the size, at least a
/// page). `None` on overflow.
pub(crate) fn run_bytes(bytes: usize) -> Option<usize> {
    let needed = bytes.checked_add(ROW_ALIGN_BYTES + RUN_OVERHEAD_BYTES)?;
    let granule = (previous_power_of_two(needed) / 16).max(PAGE_BYTES);
    let total = needed.checked_add(granule - 1)? & !(granule - 1);
    (total <= isize::MAX as usize).then_some(total)
}

/// The largest size of a run that [`run_bytes`] has up to `total_bytes`, which are at least a page.
pub(crate) fn run_bytes_below(total_bytes: usize) -> usize {
    let granule = (previous_power_of_two(total_bytes) / 16).max(PAGE_BYTES);
    total_bytes & !(granule - 1)
}

/// Bytes that a run of `total_bytes` has room for wherever its memory starts.
pub(crate) fn run_room_bytes(total_bytes: usize) -> usize {
    total_bytes - RUN_OVERHEAD_BYTES - ROW_ALIGN_BYTES
}

/// Bytes that a block counts for if it can grant `room_bytes` at any address. `None` on overflow.
pub(crate) fn block_bytes(room_bytes: usize) -> Option<usize> {
    let needed = room_bytes.checked_add(BLOCK_OVERHEAD_BYTES + ROW_ALIGN_BYTES)?;
    round_up(needed, PAGE_BYTES).filter(|&total| total <= isize::MAX as usize)
}

/// Bytes that a block of `total_bytes`, a multiple of the page size, can grant at any address.
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

/// Start and length of tile `index` along an axis of `length` samples. The first tile is `first`
/// long, and the others `step`. Tiles cover the axis without overlap; the last may be short. If
/// `step` is zero, one tile covers the rest of the axis; a `first` of zero stands for `step`.
pub(crate) fn tile_span(length: usize, first: usize, step: usize, index: usize) -> (usize, usize) {
    let (first, step) = tile_lengths(length, first, step);
    let (start, nominal) = match index {
        0 => (0, first),
        _ => ((index - 1).saturating_mul(step).saturating_add(first), step),
    };
    let start = start.min(length);
    (start, nominal.min(length - start))
}

/// Number of tiles along an axis; see [`tile_span`].
pub(crate) fn tile_count(length: usize, first: usize, step: usize) -> usize {
    let (first, step) = tile_lengths(length, first, step);
    match length {
        0 => 0,
        _ => 1 + length.saturating_sub(first).div_ceil(step),
    }
}

/// `first` and `step` with zeros replaced by their meaning: neither is zero unless `length` is.
fn tile_lengths(length: usize, first: usize, step: usize) -> (usize, usize) {
    let step = if step == 0 { length } else { step };
    (if first == 0 { step } else { first }, step)
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
    }

    #[test]
    fn rows_of_samples_that_fill_no_unit_have_no_padding() {
        for sample_bytes in [3, 5, 12, 31, 96, 128] {
            let column = planes(2, 1, 1000, sample_bytes).unwrap();
            assert_eq!((column.stride, column.bytes), (1, 2000 * sample_bytes));
        }
        let aliasing = planes(1, 2048, 2, 3).unwrap();
        assert_eq!(aliasing.stride, 2048 + 22);
        let one_row = planes(1, 2048, 1, 3).unwrap();
        assert_eq!(one_row.stride, 2048);
        let long_samples = planes(1, 3, 5, 4096).unwrap();
        assert_eq!(long_samples.stride, 3);
    }

    #[test]
    fn planes_without_samples_take_nothing() {
        const MOST: usize = usize::MAX;
        for (count, width, height) in [
            (0, MOST, MOST),
            (MOST, 0, MOST),
            (MOST, MOST, 0),
            (MOST, 0, 0),
            (0, 0, 0),
        ] {
            let layout = planes(count, width, height, 4).unwrap();
            let (stride, plane_stride) = (layout.stride, layout.plane_stride);
            assert_eq!((stride, plane_stride, layout.bytes), (width, 0, 0));
        }
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
            assert!(total >= bytes + ROW_ALIGN_BYTES + RUN_OVERHEAD_BYTES);
            assert!(total - bytes <= bytes / 16 + PAGE_BYTES);
        }
    }

    #[test]
    fn the_size_below_is_a_size_of_runs() {
        for bytes in (PAGE_BYTES..40_000_000).step_by(7777) {
            let below = run_bytes_below(bytes);
            assert!(below <= bytes && bytes - below <= bytes / 16 + PAGE_BYTES);
            let room = below - ROW_ALIGN_BYTES - RUN_OVERHEAD_BYTES;
            assert_eq!(run_bytes(room), Some(below));
        }
    }

    #[test]
    fn tiles_cover_an_axis_once() {
        for length in 0..40 {
            for first in 0..9 {
                for step in 0..9 {
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

    #[test]
    fn tiles_of_no_length_are_as_long_as_possible() {
        assert_eq!(tile_count(20, 0, 0), 1);
        assert_eq!(tile_span(20, 0, 0, 0), (0, 20));
        assert_eq!(tile_count(20, 5, 0), 2);
        assert_eq!(tile_span(20, 5, 0, 1), (5, 15));
        assert_eq!(tile_count(20, 0, 8), 3);
        assert_eq!(tile_span(20, 0, 8, 0), (0, 8));
        assert_eq!(tile_count(0, 0, 0), 0);
    }
}
