use jxl_simd::SimdDescriptor;

use crate::simd::{Kernel, dispatch};
use crate::{SampleDepth, SampleFormat};

/// The conversion of a channel's stored integers to output samples, which are `u32`: the integer,
/// or the bits of the float.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ChannelConversion {
    /// Integers of the same range: clamped to it.
    Clamp { max: i32 },
    /// Integers to another integer range: clamped, scaled, rounded to nearest.
    Scale { max: i32, factor: f64 },
    /// Integers to floats of full scale 1.0; not clamped.
    IntegerToFloat { max: f64 },
    /// Stored 32-bit floats as they are.
    FloatBits,
    /// Stored floats of another shape to 32-bit floats.
    NarrowFloat(FloatShape),
    /// Stored floats to an integer range: clamped, scaled, rounded.
    FloatToInteger { shape: FloatShape, max: f32 },
}

/// A binary floating-point format of at most 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FloatShape {
    exponent_bits: u32,
    mantissa_bits: u32,
}

impl ChannelConversion {
    pub(crate) fn new(depth: SampleDepth, target: SampleFormat) -> Self {
        match (depth, target.max_value()) {
            (SampleDepth::Integer { bits }, target_max) => {
                let max = ((1u64 << bits.min(31)) - 1) as i32;
                match target_max {
                    None => Self::IntegerToFloat {
                        max: f64::from(max),
                    },
                    Some(target_max) if i64::from(target_max) == i64::from(max) => {
                        Self::Clamp { max }
                    }
                    Some(target_max) => Self::Scale {
                        max,
                        factor: f64::from(target_max) / f64::from(max),
                    },
                }
            }
            (
                SampleDepth::Float {
                    bits,
                    exponent_bits,
                },
                target_max,
            ) => {
                let shape = FloatShape {
                    exponent_bits,
                    mantissa_bits: bits.saturating_sub(exponent_bits + 1),
                };
                match target_max {
                    None if shape.is_binary32() => Self::FloatBits,
                    None => Self::NarrowFloat(shape),
                    Some(max) => Self::FloatToInteger {
                        shape,
                        max: max as f32,
                    },
                }
            }
        }
    }

    /// Converts `stored` into the equally long `samples`.
    pub(crate) fn run(self, stored: &[i32], samples: &mut [u32]) {
        self.run_into(stored, samples, |bits| bits);
    }

    /// Converts `stored` into the equally long `samples`, which are made from integers or bits of
    /// floats.
    pub(super) fn run_into<T>(
        self,
        stored: &[i32],
        samples: &mut [T],
        sample: impl Fn(u32) -> T + Copy,
    ) {
        dispatch(Convert {
            conversion: self,
            stored,
            samples,
            sample,
        });
    }
}

struct Convert<'a, T, F> {
    conversion: ChannelConversion,
    stored: &'a [i32],
    samples: &'a mut [T],
    sample: F,
}

impl<T, F: Fn(u32) -> T + Copy> Kernel for Convert<'_, T, F> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, _: D) {
        let pairs = self.samples.iter_mut().zip(self.stored);
        let sample = self.sample;
        match self.conversion {
            ChannelConversion::Clamp { max } => {
                for (to, &from) in pairs {
                    *to = sample(from.clamp(0, max) as u32);
                }
            }
            ChannelConversion::Scale { max, factor } => {
                for (to, &from) in pairs {
                    *to = sample((f64::from(from.clamp(0, max)) * factor + 0.5) as u32);
                }
            }
            ChannelConversion::IntegerToFloat { max } => {
                for (to, &from) in pairs {
                    *to = sample(((f64::from(from) / max) as f32).to_bits());
                }
            }
            ChannelConversion::FloatBits => {
                for (to, &from) in pairs {
                    *to = sample(from as u32);
                }
            }
            ChannelConversion::NarrowFloat(shape) => {
                for (to, &from) in pairs {
                    *to = sample(shape.to_f32(from).to_bits());
                }
            }
            ChannelConversion::FloatToInteger { shape, max } => {
                for (to, &from) in pairs {
                    *to = sample(quantize(shape.to_f32(from), max));
                }
            }
        }
    }
}

/// A sample of full scale 1.0 to an integer of full scale `max`: clamped and rounded to nearest;
/// not-a-number becomes 0.
pub(super) fn quantize(value: f32, max: f32) -> u32 {
    (value.clamp(0.0, 1.0) * max + 0.5) as u32
}

impl FloatShape {
    fn is_binary32(self) -> bool {
        (self.exponent_bits, self.mantissa_bits) == (8, 23)
    }

    /// The value of the low bits of `stored`, with subnormals, infinities and not-a-number as in
    /// IEEE 754.
    fn to_f32(self, stored: i32) -> f32 {
        let bits = stored as u32;
        if self.is_binary32() {
            return f32::from_bits(bits);
        }
        let mantissa = bits & ((1 << self.mantissa_bits) - 1);
        let exponent_mask = (1 << self.exponent_bits) - 1;
        let exponent = (bits >> self.mantissa_bits) & exponent_mask;
        let bias = (exponent_mask >> 1) as i32;
        let unit = f64::from(1 - bias - self.mantissa_bits as i32).exp2();
        let magnitude = match exponent {
            0 => f64::from(mantissa) * unit,
            e if e == exponent_mask && mantissa != 0 => f64::NAN,
            e if e == exponent_mask => f64::INFINITY,
            e => {
                let significand = mantissa | (1 << self.mantissa_bits);
                f64::from(significand) * unit * f64::from(e - 1).exp2()
            }
        };
        let negative = bits >> (self.mantissa_bits + self.exponent_bits) & 1 == 1;
        (if negative { -magnitude } else { magnitude }) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integers(bits: u32, target: SampleFormat, stored: &[i32]) -> Vec<u32> {
        let mut samples = vec![0; stored.len()];
        let depth = SampleDepth::Integer { bits };
        ChannelConversion::new(depth, target).run(stored, &mut samples);
        samples
    }

    #[test]
    fn integers_scale_to_the_nearest_for_every_value_and_depth() {
        for bits in 1..=16 {
            let stored: Vec<i32> = (0..1 << bits).collect();
            let max = (1u64 << bits) - 1;
            for target_bits in [8u8, 16] {
                let target = if target_bits == 8 {
                    SampleFormat::U8 { bits: 8 }
                } else {
                    SampleFormat::U16 { bits: 16 }
                };
                let target_max = (1u64 << target_bits) - 1;
                let nearest = |v: i32| ((2 * v as u64 * target_max + max) / (2 * max)) as u32;
                let expected: Vec<u32> = stored.iter().map(|&v| nearest(v)).collect();
                assert_eq!(integers(bits, target, &stored), expected, "{bits} bits");
            }
        }
    }

    #[test]
    fn integers_out_of_range_are_clamped() {
        let stored = [i32::MIN, -1, 0, 1023, 1024, i32::MAX];
        let native = SampleFormat::U16 { bits: 10 };
        assert_eq!(integers(10, native, &stored), [0, 0, 0, 1023, 1023, 1023]);
        let full = SampleFormat::U16 { bits: 16 };
        assert_eq!(integers(10, full, &stored), [0, 0, 0, 65535, 65535, 65535]);
        let deep = (1u64 << 31) - 1;
        assert_eq!(integers(31, full, &[deep as i32, -7]), [65535, 0]);
    }

    /// IEEE 754 binary16: value pairs from its definition.
    #[test]
    fn half_floats_widen_exactly() {
        let half = FloatShape {
            exponent_bits: 5,
            mantissa_bits: 10,
        };
        let cases = [
            (0x0000, 0.0),
            (0x0001, 2f32.powi(-24)),
            (0x03FF, 1023.0 * 2f32.powi(-24)),
            (0x0400, 2f32.powi(-14)),
            (0x3C00, 1.0),
            (0xC000, -2.0),
            (0x7BFF, 65504.0),
            (0x7C00, f32::INFINITY),
        ];
        for (bits, value) in cases {
            assert_eq!(half.to_f32(bits), value, "{bits:#06x}");
        }
        assert!(half.to_f32(0x7E00).is_nan());
        assert!(half.to_f32(0x8000).is_sign_negative());
    }

    #[test]
    fn floats_quantize_to_the_nearest_and_nan_to_zero() {
        assert_eq!(quantize(f32::NAN, 255.0), 0);
        assert_eq!(quantize(f32::INFINITY, 65535.0), 65535);
        assert_eq!(quantize(-1.0, 255.0), 0);
        assert_eq!(quantize(127.4 / 255.0, 255.0), 127);
        assert_eq!(quantize(127.6 / 255.0, 255.0), 128);
    }
}
