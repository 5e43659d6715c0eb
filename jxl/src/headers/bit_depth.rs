use crate::bits::{Bits, U};
use crate::{Error, SampleDepth};

impl SampleDepth {
    /// The default depth.
    pub(super) const DEFAULT: Self = Self::Integer { bits: 8 };

    /// `BitDepth` (ISO/IEC 18181-1, D.3.6).
    ///
    /// # Errors
    /// Integers above 31 bits; floats whose exponent has not 2 to 8 bits or whose mantissa has not
    /// 2 to 23; [`Error::Truncated`].
    pub(super) fn parse(source: &mut Bits<'_>) -> Result<Self, Error> {
        if !source.read_bool()? {
            let bits = source.read_u32(8, 10, 12, 1 + U(6))?;
            return match bits {
                ..=31 => Ok(Self::Integer { bits }),
                _ => Err(Error::corrupt(format!(
                    "integer samples of {bits} bits, above 31"
                ))),
            };
        }
        let bits = source.read_u32(32, 16, 24, 1 + U(6))?;
        let exponent_bits = 1 + source.read(4)?;
        let mantissa_bits = bits.saturating_sub(exponent_bits + 1);
        if !(2..=8).contains(&exponent_bits) || !(2..=23).contains(&mantissa_bits) {
            return Err(Error::corrupt(format!(
                "float samples of {bits} bits with an exponent of {exponent_bits}"
            )));
        }
        Ok(Self::Float {
            bits,
            exponent_bits,
        })
    }
}
