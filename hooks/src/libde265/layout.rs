use std::ffi::c_int;

/// Alignment of planes and strides. The library requires 16 (`spec.alignment`).
pub(super) const ALIGN_BYTES: usize = 64;

/// Bytes behind each plane. The library's own allocation has 16.
const PADDING_BYTES: usize = 64;

/// Rows at a multiple of this distance compete for the same cache sets.
const CONFLICT_BYTES: usize = 1024;

/// A plane in the buffer of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plane {
    /// Its first byte.
    pub(super) start: usize,
    /// Bytes from row to row.
    pub(super) stride_bytes: c_int,
}

/// Where the planes of a picture lie in one buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Planes {
    /// Bytes of all planes, with the padding behind each.
    pub(super) bytes: usize,
    /// The planes; `None` for chroma of a monochrome picture.
    pub(super) planes: [Option<Plane>; 3],
}

impl Planes {
    /// `format` is a `de265_image_format`; `bits` are those of a sample of luma and of chroma.
    /// `None` if the parameters are invalid, or the sizes exceed what the library can express.
    pub(super) fn new(
        width: c_int,
        height: c_int,
        format: c_int,
        bits: [c_int; 2],
    ) -> Option<Self> {
        let positive = |size: c_int| usize::try_from(size).ok().filter(|&size| size > 0);
        let (width, height) = (positive(width)?, positive(height)?);
        let chroma = match format {
            1 => None,
            2 => Some((width.div_ceil(2), height.div_ceil(2))),
            3 => Some((width.div_ceil(2), height)),
            4 => Some((width, height)),
            _ => return None,
        };
        let mut bytes = 0usize;
        let mut plane = |(width, height): (usize, usize), bits: c_int| {
            let sample_bytes = match bits {
                1..=8 => 1,
                9..=16 => 2,
                _ => return None,
            };
            let row_bytes = width.checked_mul(sample_bytes)?;
            let mut stride_bytes = row_bytes.checked_next_multiple_of(ALIGN_BYTES)?;
            if stride_bytes.is_multiple_of(CONFLICT_BYTES) {
                stride_bytes = stride_bytes.checked_add(ALIGN_BYTES)?;
            }
            let start = bytes;
            let end = stride_bytes
                .checked_mul(height)?
                .checked_add(PADDING_BYTES)?
                .checked_add(start)?;
            bytes = end.checked_next_multiple_of(ALIGN_BYTES)?;
            let stride_bytes = c_int::try_from(stride_bytes).ok()?;
            Some(Plane {
                start,
                stride_bytes,
            })
        };
        let luma = plane((width, height), bits[0])?;
        let planes = match chroma {
            None => [Some(luma), None, None],
            Some(size) => [
                Some(luma),
                Some(plane(size, bits[1])?),
                Some(plane(size, bits[1])?),
            ],
        };
        isize::try_from(bytes).ok()?;
        Some(Self { bytes, planes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_are_aligned_padded_and_apart() {
        for (width, height) in [(1, 1), (8, 8), (1920, 1080), (4096, 2160)] {
            for format in 1..=4 {
                for bits in [[8, 8], [10, 10], [8, 12]] {
                    let planes = Planes::new(width, height, format, bits).unwrap();
                    let mut end = 0;
                    for (index, plane) in planes.planes.iter().enumerate() {
                        let Some(plane) = plane else {
                            assert!(format == 1 && index > 0);
                            continue;
                        };
                        let is_chroma = index > 0;
                        let sample_bytes = if bits[usize::from(is_chroma)] > 8 {
                            2
                        } else {
                            1
                        };
                        let halved_x = is_chroma && (2..=3).contains(&format);
                        let halved_y = is_chroma && format == 2;
                        let columns = (width + c_int::from(halved_x)) >> c_int::from(halved_x);
                        let rows = (height + c_int::from(halved_y)) >> c_int::from(halved_y);
                        let stride_bytes = plane.stride_bytes as usize;
                        assert!(stride_bytes >= columns as usize * sample_bytes);
                        assert!(stride_bytes.is_multiple_of(64));
                        assert!(!stride_bytes.is_multiple_of(1024));
                        assert!(plane.start >= end && plane.start.is_multiple_of(64));
                        end = plane.start + stride_bytes * rows as usize + 16;
                    }
                    assert!(planes.bytes >= end);
                }
            }
        }
    }

    #[test]
    fn invalid_parameters_have_no_planes() {
        for (width, height, format, bits) in [
            (0, 1, 2, [8, 8]),
            (1, -5, 2, [8, 8]),
            (1, 1, 0, [8, 8]),
            (1, 1, 5, [8, 8]),
            (1, 1, 2, [0, 8]),
            (1, 1, 2, [8, 17]),
            (c_int::MAX, 1, 2, [8, 8]),
        ] {
            assert_eq!(Planes::new(width, height, format, bits), None);
        }
        // Only the plane that exists needs bits.
        assert!(Planes::new(8, 8, 1, [8, 0]).is_some());
    }
}
