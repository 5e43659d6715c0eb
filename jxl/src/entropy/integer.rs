use bytemuck::{Pod, Zeroable};

use crate::Error;
use crate::bits::Bits;

/// The split of integers into a symbol and raw bits (ISO/IEC 18181-1, C.2.3).
#[derive(Clone, Copy, Debug, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct IntegerConfig {
    /// Symbols below this are the integers themselves.
    pub(super) split: u32,
    /// Raw bits of the first symbol that has any.
    raw_bits: u32,
    /// Highest bits of the integer, after its leading one, that are in the symbol.
    high_bits: u32,
    /// Lowest bits of the integer that are in the symbol.
    low_bits: u32,
}

impl IntegerConfig {
    /// `log_alphabet` is log2 of the number of possible symbols.
    pub(super) fn parse(bits: &mut Bits<'_>, log_alphabet: u32) -> Result<Self, Error> {
        let split_log = bits.read(width_of(log_alphabet))?;
        let (mut high_bits, mut low_bits) = (0, 0);
        if split_log != log_alphabet {
            high_bits = bits.read(width_of(split_log))?;
            if high_bits > split_log {
                return Err(Error::corrupt("hybrid integer configuration out of range"));
            }
            low_bits = bits.read(width_of(split_log - high_bits))?;
        }
        let in_symbol = high_bits + low_bits;
        let raw_bits = split_log.checked_sub(in_symbol);
        Ok(Self {
            split: 1 << split_log,
            raw_bits: raw_bits
                .ok_or_else(|| Error::corrupt("hybrid integer configuration out of range"))?,
            high_bits,
            low_bits,
        })
    }

    /// Number of raw bits after a symbol of at least `split`; less than 32.
    #[inline(always)]
    pub(super) fn raw_bits(&self, symbol: u32) -> u32 {
        let steps = (symbol - self.split) >> (self.high_bits + self.low_bits);
        (self.raw_bits + steps) & 31
    }

    /// The integer of a symbol of at least `split` and its raw bits.
    #[inline(always)]
    pub(super) fn integer(&self, symbol: u32, raw_bits: u32, raw: u32) -> u32 {
        let low = symbol & ((1 << self.low_bits) - 1);
        let high = (symbol >> self.low_bits) & ((1 << self.high_bits) - 1) | 1 << self.high_bits;
        let above = u64::from(high) << raw_bits | u64::from(raw);
        (above << self.low_bits) as u32 | low
    }
}

/// Bits of numbers up to `most`.
fn width_of(most: u32) -> u32 {
    u32::BITS - most.leading_zeros()
}
