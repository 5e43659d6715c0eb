//! The places of the planes of a picture in its memory. This module has no `unsafe`.

use super::layout::{MAX_PLANES, PictureLayout};
use super::place::{PlanePlace, Record, row_unit};
use crate::layout::{MAX_REQUEST_BYTES, ROW_ALIGN_BYTES, round_up};
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

impl PictureLayout {
    /// Returns the bytes of a request with samples of type `T`: all planes with their borders and
    /// padding, and 64 bytes for each plane to record its place.
    ///
    /// # Errors
    /// [`AllocError::SizeOverflow`].
    pub fn bytes<T: Sample>(&self) -> Result<usize, AllocError> {
        Ok(Placement::new::<T>(self)?.bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::ALIASING_STRIDE_BYTES;

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
