//! The places of the planes of a picture in its memory. This module has no `unsafe`.

use super::layout::{MAX_PLANES, PictureLayout, PlaneShape};
use super::places::Record;
use crate::layout::{ALIASING_STRIDE_BYTES, MAX_REQUEST_BYTES, ROW_ALIGN_BYTES, round_up};
use crate::{AllocError, Sample};

/// The places of a picture's planes in its memory, which is aligned to [`ROW_ALIGN_BYTES`]. The
/// samples of all planes come first, then a record of the place of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placement {
    planes: [PlanePlace; MAX_PLANES],
    count: usize,
    samples_bytes: usize,
    bytes: usize,
}

/// The place of a plane and its border, in samples from the beginning of the memory.
///
/// Planes follow one another: the samples from `start` to the last one of the border are those of
/// this plane alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PlanePlace {
    /// First sample of the border.
    pub(super) start: usize,
    /// Samples from one row start to the next.
    pub(super) stride: usize,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) border_x: usize,
    pub(super) border_y: usize,
    /// Columns of the plane, with those allocated to its right and those of the border on both
    /// sides.
    pub(super) full_width: usize,
    /// Rows of the plane, with those allocated below it and those of the border on both sides.
    pub(super) full_height: usize,
}

impl Placement {
    pub(crate) fn new<T: Sample>(layout: &PictureLayout) -> Result<Self, AllocError> {
        const { assert!(size_of::<T>() > 0, "a sample has a size") };
        let sample_bytes = size_of::<T>();
        Self::of(layout, sample_bytes).ok_or_else(|| {
            let (width, height) = layout.largest_size();
            AllocError::SizeOverflow {
                count: layout.count(),
                width,
                height,
                sample_bytes,
            }
        })
    }

    fn of(layout: &PictureLayout, sample_bytes: usize) -> Option<Self> {
        let tail = layout.tail_bytes().div_ceil(sample_bytes);
        let mut planes = [PlanePlace::EMPTY; MAX_PLANES];
        let mut end = 0;
        for (place, shape) in planes.iter_mut().zip(layout.shapes()) {
            let shape = shape?;
            *place = PlanePlace::empty(&shape, end);
            if !shape.is_empty() {
                let unit = row_unit(sample_bytes);
                *place = PlanePlace::new(&shape, end, unit, sample_bytes)?;
                let rows = place.stride.checked_mul(place.full_height)?;
                end = round_up(end.checked_add(rows)?.checked_add(tail)?, unit)?;
            }
        }
        let samples_bytes = end.checked_mul(sample_bytes)?;
        let record_bytes = layout.count() * size_of::<Record>();
        let record_offset = round_up(samples_bytes, ROW_ALIGN_BYTES)?;
        let bytes = record_offset.checked_add(record_bytes)?;
        (bytes <= MAX_REQUEST_BYTES).then_some(Self {
            planes,
            count: layout.count(),
            samples_bytes,
            bytes,
        })
    }

    /// Bytes of the samples of all planes.
    pub(crate) fn samples_bytes(&self) -> usize {
        self.samples_bytes
    }

    /// Bytes of the whole memory.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The planes in the order of their memory.
    pub(super) fn planes(&self) -> &[PlanePlace] {
        &self.planes[..self.count]
    }
}

impl PlanePlace {
    const EMPTY: Self = Self {
        start: 0,
        stride: 0,
        width: 0,
        height: 0,
        border_x: 0,
        border_y: 0,
        full_width: 0,
        full_height: 0,
    };

    /// A plane of no samples.
    fn empty(shape: &PlaneShape, start: usize) -> Self {
        Self {
            start,
            stride: shape.width,
            width: shape.width,
            height: shape.height,
            full_width: shape.width,
            full_height: shape.height,
            ..Self::EMPTY
        }
    }

    /// A plane whose first row begins at `origin` with its left border.
    fn new(shape: &PlaneShape, origin: usize, unit: usize, sample_bytes: usize) -> Option<Self> {
        let left = round_up(shape.border_x, unit)?;
        let right = shape.allocated_width.checked_add(shape.border_x)?;
        let full_width = right.checked_add(shape.border_x)?;
        let full_height = shape
            .allocated_height
            .checked_add(shape.border_y)?
            .checked_add(shape.border_y)?;
        let mut stride = round_up(left.checked_add(right)?, unit)?;
        let stride_bytes = stride.checked_mul(sample_bytes)?;
        if full_height > 1 && stride_bytes.is_multiple_of(ALIASING_STRIDE_BYTES) {
            stride = stride.checked_add(ROW_ALIGN_BYTES.div_ceil(sample_bytes))?;
        }
        Some(Self {
            start: origin.checked_add(left - shape.border_x)?,
            stride,
            width: shape.width,
            height: shape.height,
            border_x: shape.border_x,
            border_y: shape.border_y,
            full_width,
            full_height,
        })
    }

    /// Samples from the first one of the border to the last.
    pub(super) fn span(&self) -> usize {
        match self.width.min(self.height) {
            0 => 0,
            _ => (self.full_height - 1) * self.stride + self.full_width,
        }
    }

    /// Samples from the first one of the border to column 0 of row 0.
    pub(super) fn inside(&self) -> usize {
        self.border_y * self.stride + self.border_x
    }
}

/// Rows start at multiples of this number of samples: a cache line if it holds whole samples.
fn row_unit(sample_bytes: usize) -> usize {
    match ROW_ALIGN_BYTES.is_multiple_of(sample_bytes) {
        true => ROW_ALIGN_BYTES / sample_bytes,
        false => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(layout: &PictureLayout, sample_bytes: usize) -> Placement {
        Placement::of(layout, sample_bytes).unwrap()
    }

    #[test]
    fn columns_are_aligned_inside_the_border() {
        for sample_bytes in [1, 2, 4, 8, 64] {
            for border in [0, 1, 16, 63, 64, 80] {
                let layout = PictureLayout::yuv420(333, 77)
                    .alpha()
                    .border_xy(border, border / 2);
                for place in placed(&layout, sample_bytes).planes() {
                    let column_0 = (place.start + place.inside()) * sample_bytes;
                    assert!(column_0.is_multiple_of(ROW_ALIGN_BYTES));
                    let stride = place.stride * sample_bytes;
                    assert!(stride.is_multiple_of(ROW_ALIGN_BYTES));
                    assert!(!stride.is_multiple_of(ALIASING_STRIDE_BYTES));
                }
            }
        }
    }

    #[test]
    fn planes_and_their_padding_do_not_meet() {
        for (sample_bytes, tail) in [(1, 0), (1, 1), (2, 64), (3, 100), (4, 64), (12, 7)] {
            let layout = PictureLayout::yuv422(100, 50)
                .plane(7, 900)
                .plane(0, 9)
                .plane(1, 1)
                .border(5)
                .round_up_to(16, 4)
                .tail_padding_bytes(tail);
            let places = placed(&layout, sample_bytes);
            let mut end = 0;
            for place in places.planes() {
                assert!(place.start >= end);
                assert!(place.stride >= place.full_width);
                end = place.start;
                if place.span() > 0 {
                    let padded = (place.start + place.span()) * sample_bytes + tail;
                    end = padded.div_ceil(sample_bytes);
                }
            }
            assert!(end * sample_bytes <= places.samples_bytes());
            assert!(places.samples_bytes().is_multiple_of(sample_bytes));
        }
    }

    #[test]
    fn subsampled_planes_have_their_part_rounded_up() {
        let layout = PictureLayout::yuv420(1919, 1081).border_xy(33, 8);
        let places = placed(&layout.round_up_to(128, 64), 1);
        let [luma, u, v] = places.planes() else {
            panic!("three planes");
        };
        assert_eq!((luma.width, luma.height), (1919, 1081));
        assert_eq!((u.width, u.height), (960, 541));
        assert_eq!((u.border_x, u.border_y), (17, 4));
        assert_eq!((luma.full_width, luma.full_height), (1920 + 66, 1088 + 16));
        assert_eq!((u.full_width, u.full_height), (960 + 34, 544 + 8));
        assert_eq!(u.stride, v.stride);
        let allocated = PictureLayout::yuv422(30, 20).allocated_size(40, 25);
        let places = placed(&allocated.round_up_to(16, 2).plane(3, 3), 2);
        let sizes = places
            .planes()
            .iter()
            .map(|p| (p.full_width, p.full_height));
        assert!(sizes.eq([(48, 26), (24, 26), (24, 26), (16, 4)]));
    }

    #[test]
    fn what_has_no_samples_takes_its_record() {
        let layouts = [
            PictureLayout::new(),
            PictureLayout::yuv420(0, 0),
            PictureLayout::yuv444(0, usize::MAX).alpha(),
            PictureLayout::new().plane(usize::MAX, 0),
        ];
        for layout in layouts {
            let layout = layout.border(1 << 40).tail_padding_bytes(100);
            let placed = placed(&layout, 4);
            assert_eq!(placed.samples_bytes(), 0);
            assert_eq!(placed.bytes(), layout.count() * size_of::<Record>());
        }
    }

    #[test]
    fn samples_that_do_not_divide_a_line_waste_less_than_a_line_and_a_sample() {
        let layout = PictureLayout::new().plane(1, 1000);
        assert_eq!(placed(&layout, 31).samples_bytes(), 31_000);
        let wide = PictureLayout::new().plane(2048, 4);
        let places = placed(&wide, 3);
        assert_eq!(places.planes()[0].stride, 2048 + 22);
    }

    #[test]
    fn overflow_is_found_wherever_it_is() {
        let most = usize::MAX;
        let layouts = [
            PictureLayout::yuv420(most, 1),
            PictureLayout::yuv420(1, most),
            PictureLayout::yuv444(1 << 31, 1 << 31).alpha(),
            PictureLayout::yuv420(64, 64).border(most),
            PictureLayout::yuv420(64, 64).border(most / 2),
            PictureLayout::yuv420(64, 64).border_xy(0, most / 2),
            PictureLayout::yuv420(64, 64).tail_padding_bytes(most),
            PictureLayout::yuv420(64, 64).round_up_to(most, 1),
            PictureLayout::yuv420(65, 64).round_up_to(most / 2, 3),
            PictureLayout::yuv420(64, 64).allocated_size(most, most),
            PictureLayout::yuv420(64, 64).plane(most - 63, 1),
        ];
        for layout in layouts {
            let refused = layout.bytes::<u16>();
            assert!(
                matches!(refused, Err(AllocError::SizeOverflow { .. })),
                "{layout:?}: {refused:?}"
            );
        }
    }
}
