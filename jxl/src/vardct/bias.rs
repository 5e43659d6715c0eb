use std::array;

use crate::bits::unpack_signed;

/// Reconstruction bias (ISO/IEC 18181-1, I.4). `unit`: the magnitude that a quantized 1 or -1
/// stands for, in X, Y and B. Any other value moves toward zero by `numerator` divided by that
/// value.
#[derive(Clone, Copy)]
pub(crate) struct QuantBias {
    pub(crate) unit: [f32; 3],
    pub(crate) numerator: f32,
}

/// Entries of the table in [`ChannelBias`], half of them for negative values.
const TABLE_LEN: usize = 128;

/// The inverse of [`unpack_signed`].
pub(super) fn pack_signed(value: i32) -> u32 {
    (value << 1 ^ value >> 31) as u32
}

/// The [`QuantBias`] of one channel.
pub(super) struct ChannelBias {
    pub(super) unit: f32,
    pub(super) numerator: f32,
    /// Values of small quantized coefficients, indexed by their coded form, [`pack_signed`].
    pub(super) small: [f32; TABLE_LEN],
}

impl ChannelBias {
    pub(super) fn new(bias: &QuantBias, channel: usize) -> Self {
        let (unit, numerator) = (bias.unit[channel], bias.numerator);
        Self {
            unit,
            numerator,
            small: array::from_fn(|coded| biased(unpack_signed(coded as u32), unit, numerator)),
        }
    }

    /// The value of a quantized coefficient.
    #[inline(always)]
    pub(super) fn apply(&self, quantized: i32) -> f32 {
        match self.small.get(pack_signed(quantized) as usize) {
            Some(&value) => value,
            None => biased(quantized, self.unit, self.numerator),
        }
    }
}

fn biased(quantized: i32, unit: f32, numerator: f32) -> f32 {
    let value = quantized as f32;
    match quantized {
        -1..=1 => value * unit,
        _ => value - numerator / value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_nearer_to_zero() {
        let bias = QuantBias {
            unit: [0.5, 0.9, 0.75],
            numerator: 0.145,
        };
        for (channel, unit) in bias.unit.into_iter().enumerate() {
            let bias = ChannelBias::new(&bias, channel);
            assert_eq!(bias.apply(0), 0.0);
            assert_eq!([bias.apply(1), bias.apply(-1)], [unit, -unit]);
            for quantized in [2, 17, 63, 64, 65, 1000, 1 << 24] {
                let expected = quantized as f32 - 0.145 / quantized as f32;
                assert_eq!(bias.apply(quantized), expected);
                assert_eq!(bias.apply(-quantized), -expected);
            }
            assert_eq!(bias.apply(i32::MIN), i32::MIN as f32);
            let two = 2.0 - 0.145 / 2.0;
            assert_eq!(bias.small[..5], [0.0, -unit, unit, -two, two]);
        }
    }
}
