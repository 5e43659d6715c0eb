//! The difference between two decodes of one file.

use std::fmt;

use crate::image::Layout;

/// Largest difference of two sample buffers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Largest absolute difference in steps of 8 bits (1/255 of the nominal range); 0 only if all
    /// samples are equal.
    pub largest_steps: f64,
    /// Samples that are not equal.
    pub samples: usize,
    /// Index of the sample that is furthest off.
    pub at: usize,
}

impl Difference {
    /// Tells whether all samples are equal (floats: the same bits, or both zero).
    pub fn is_none(&self) -> bool {
        self.samples == 0
    }

    /// Frame, y, x and channel of the sample that is furthest off.
    pub fn place(&self, layout: &Layout) -> (usize, usize, usize, usize) {
        let (pixel, channel) = (self.at / layout.channels, self.at % layout.channels);
        let (frame, pixel) = (pixel / layout.frame_pixels(), pixel % layout.frame_pixels());
        (frame, pixel / layout.width, pixel % layout.width, channel)
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_none() {
            f.write_str("equal")
        } else {
            let Difference {
                largest_steps,
                samples,
                ..
            } = self;
            write!(f, "{largest_steps:.3} in {samples} samples")
        }
    }
}

/// Compares two outputs of the same layout. Panics if their lengths differ.
pub fn difference(layout: &Layout, left: &[u8], right: &[u8]) -> Difference {
    assert_eq!(left.len(), right.len(), "outputs of different size");
    let sample_bytes = layout.format.sample_bytes();
    let scale = 255.0 / layout.format.full_scale();
    let value = |sample: &[u8]| layout.format.value(sample);
    let mut found = Difference {
        largest_steps: 0.0,
        samples: 0,
        at: 0,
    };
    let pairs = left
        .chunks_exact(sample_bytes)
        .zip(right.chunks_exact(sample_bytes));
    for (index, (a, b)) in pairs.enumerate() {
        if a == b || value(a) == value(b) {
            continue;
        }
        let apart = (value(a) - value(b)).abs() * scale;
        let apart = if apart.is_nan() { f64::INFINITY } else { apart };
        found.samples += 1;
        if apart > found.largest_steps {
            (found.largest_steps, found.at) = (apart, index);
        }
    }
    found
}

/// Root of the mean square of the differences of two outputs, in steps of 8 bits. Panics if their
/// lengths differ.
pub fn rms(layout: &Layout, left: &[u8], right: &[u8]) -> f64 {
    assert_eq!(left.len(), right.len(), "outputs of different size");
    let format = layout.format;
    let pairs = format.values(left).zip(format.values(right));
    let (sum, count) = pairs.fold((0.0, 0.0), |(sum, count), (a, b)| {
        (sum + (a - b) * (a - b), count + 1.0)
    });
    (sum / count).sqrt() * 255.0 / format.full_scale()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::SampleFormat;

    fn layout(format: SampleFormat) -> Layout {
        Layout {
            width: 2,
            height: 1,
            channels: 1,
            frames: 1,
            format,
        }
    }

    #[test]
    fn counts_and_locates_what_differs() {
        let found = difference(&layout(SampleFormat::U8 { bits: 8 }), &[7, 9], &[7, 4]);
        assert_eq!(
            found,
            Difference {
                largest_steps: 5.0,
                samples: 1,
                at: 1
            }
        );
        assert_eq!(
            found.place(&layout(SampleFormat::U8 { bits: 8 })),
            (0, 0, 1, 0)
        );
    }

    #[test]
    fn sixteen_bit_samples_are_measured_in_steps_of_eight_bits() {
        let (a, b) = (0u16.to_ne_bytes(), 257u16.to_ne_bytes());
        let found = difference(
            &layout(SampleFormat::U16 { bits: 16 }),
            &[a, a].concat(),
            &[b, a].concat(),
        );
        assert_eq!(found.largest_steps, 1.0);
    }

    #[test]
    fn the_mean_square_is_in_steps_of_eight_bits() {
        let layout = layout(SampleFormat::U8 { bits: 4 });
        assert_eq!(rms(&layout, &[7, 9], &[10, 5]), 12.5f64.sqrt() * 17.0);
    }

    #[test]
    fn a_nan_on_one_side_is_infinitely_far() {
        let (a, b) = (1f32.to_ne_bytes(), f32::NAN.to_ne_bytes());
        let found = difference(
            &layout(SampleFormat::F32),
            &[a, b].concat(),
            &[a, a].concat(),
        );
        assert_eq!((found.largest_steps, found.samples), (f64::INFINITY, 1));
    }
}
