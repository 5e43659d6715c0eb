use std::ffi::{c_int, c_uint};

/// Alignment of planes, and bytes behind the last one (dav1d 1.0.0, `picture.h` line 40).
pub(super) const ALIGN_BYTES: usize = 64;

/// Widths and heights are rounded up to a multiple of this many samples of luma (line 104).
const BLOCK: usize = 128;

/// Rows at a multiple of this distance compete for the same cache sets.
const CONFLICT_BYTES: usize = 1024;

/// A value of the C enum `Dav1dPixelLayout` (`headers.h` lines 104 to 109).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PixelLayout {
    I400,
    I420,
    I422,
    I444,
}

impl PixelLayout {
    fn from_c(value: c_uint) -> Option<Self> {
        [Self::I400, Self::I420, Self::I422, Self::I444]
            .get(usize::try_from(value).ok()?)
            .copied()
    }
}

/// Where the planes of a picture lie in one buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Planes {
    /// Bytes of all planes.
    pub(super) bytes: usize,
    /// First byte of each plane; `None` for planes that the picture does not have.
    pub(super) starts: [Option<usize>; 3],
    /// Bytes from row to row, of luma and of chroma.
    pub(super) strides: [usize; 2],
}

impl Planes {
    /// `None` if the parameters are invalid, or the sizes exceed the address space.
    pub(super) fn new(
        width: c_int,
        height: c_int,
        layout: c_uint,
        bits_per_sample: c_int,
    ) -> Option<Self> {
        let layout = PixelLayout::from_c(layout)?;
        let positive = |size: c_int| usize::try_from(size).ok().filter(|&size| size > 0);
        let rounded = |size| positive(size)?.checked_next_multiple_of(BLOCK);
        let (width, height) = (rounded(width)?, rounded(height)?);
        let sample_bytes = match bits_per_sample {
            1..=8 => 1,
            9..=16 => 2,
            _ => return None,
        };
        let stride = |width: usize| {
            let bytes = width.checked_mul(sample_bytes)?;
            match bytes.is_multiple_of(CONFLICT_BYTES) {
                true => bytes.checked_add(ALIGN_BYTES),
                false => Some(bytes),
            }
        };
        let luma_stride = stride(width)?;
        let luma_bytes = luma_stride.checked_mul(height)?;
        let (chroma_stride, chroma_bytes) = match layout {
            PixelLayout::I400 => (0, 0),
            PixelLayout::I420 => {
                let stride = stride(width / 2)?;
                (stride, stride.checked_mul(height / 2)?)
            }
            PixelLayout::I422 => {
                let stride = stride(width / 2)?;
                (stride, stride.checked_mul(height)?)
            }
            PixelLayout::I444 => (luma_stride, luma_bytes),
        };
        let bytes = chroma_bytes.checked_mul(2)?.checked_add(luma_bytes)?;
        isize::try_from(bytes).ok()?;
        let chroma = |start| (layout != PixelLayout::I400).then_some(start);
        Some(Self {
            bytes,
            starts: [
                Some(0),
                chroma(luma_bytes),
                chroma(luma_bytes + chroma_bytes),
            ],
            strides: [luma_stride, chroma_stride],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_are_padded_aligned_and_apart() {
        for (width, height) in [(1, 1), (128, 128), (129, 257), (1920, 1080), (8192, 4320)] {
            for layout in 0..=3 {
                for bits in [8, 10, 12] {
                    let planes = Planes::new(width, height, layout, bits).unwrap();
                    let sample_bytes = if bits > 8 { 2 } else { 1 };
                    let rounded = |size: c_int| (size as usize).next_multiple_of(128);
                    let (columns, rows) = (rounded(width), rounded(height));
                    let (halved_x, halved_y) = ((1..3).contains(&layout), layout == 1);
                    let chroma_columns = columns >> usize::from(halved_x);
                    let chroma_rows = rows >> usize::from(halved_y);
                    let [luma_stride, chroma_stride] = planes.strides;
                    assert!(luma_stride >= columns * sample_bytes && luma_stride % 64 == 0);
                    assert_ne!(luma_stride % 1024, 0);
                    assert_eq!(planes.starts[0], Some(0));
                    if layout == 0 {
                        assert_eq!(planes.starts[1..], [None, None]);
                        assert_eq!((chroma_stride, planes.bytes), (0, luma_stride * rows));
                        continue;
                    }
                    assert!(chroma_stride >= chroma_columns * sample_bytes);
                    assert!(chroma_stride % 64 == 0 && chroma_stride % 1024 != 0);
                    let [_, u, v] = planes.starts.map(Option::unwrap);
                    assert!(u >= luma_stride * rows && v >= u + chroma_stride * chroma_rows);
                    assert!(planes.bytes >= v + chroma_stride * chroma_rows);
                    assert!(u % 64 == 0 && v % 64 == 0);
                    // rav1d checks that each plane has a multiple of 4096 bytes.
                    assert!(u % 4096 == 0 && (v - u) % 4096 == 0);
                }
            }
        }
    }

    #[test]
    fn invalid_parameters_have_no_planes() {
        for (width, height, layout, bits) in [
            (0, 1, 1, 8),
            (1, -1, 1, 8),
            (1, 1, 4, 8),
            (1, 1, c_uint::MAX, 8),
            (1, 1, 1, 0),
            (1, 1, 1, 17),
            (1, 1, 1, -8),
        ] {
            assert_eq!(Planes::new(width, height, layout, bits), None);
        }
    }
}
