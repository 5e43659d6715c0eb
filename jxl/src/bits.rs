//! Bits of a codestream, the lowest bit of each byte first (ISO/IEC 18181-1, B.2).

use std::ops::Add;

use crate::Error;

#[cfg(test)]
mod tests;

/// Reads bits from a piece of a codestream.
///
/// Invariants: `ahead` has the `count` bits before byte `next`, lowest first, and zeros above.
#[derive(Clone, Debug)]
pub(crate) struct Bits<'d> {
    bytes: &'d [u8],
    next: usize,
    ahead: u64,
    count: u32,
}

/// The bytes end before the value that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Truncated;

impl From<Truncated> for Error {
    fn from(_: Truncated) -> Self {
        Self::Truncated
    }
}

/// How many bits a number of [`read_u32`](Bits::read_u32) has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct U(pub(crate) u32);

/// One of four ways to code a number: `offset` plus the value of the next `bits` bits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Distribution {
    offset: u32,
    bits: u32,
}

impl From<u32> for Distribution {
    fn from(offset: u32) -> Self {
        Self { offset, bits: 0 }
    }
}

impl From<U> for Distribution {
    fn from(U(bits): U) -> Self {
        Self { offset: 0, bits }
    }
}

impl Add<U> for u32 {
    type Output = Distribution;

    fn add(self, U(bits): U) -> Distribution {
        Distribution { offset: self, bits }
    }
}

impl<'d> Bits<'d> {
    pub(crate) fn new(bytes: &'d [u8]) -> Self {
        Self {
            bytes,
            next: 0,
            ahead: 0,
            count: 0,
        }
    }

    /// How many bits were read or skipped.
    pub(crate) fn position(&self) -> usize {
        self.next * 8 - self.count as usize
    }

    /// How many bits are left.
    pub(crate) fn left(&self) -> usize {
        self.bytes.len() * 8 - self.position()
    }

    /// The next `count` bits, at most 32, zeros where the bytes end.
    #[inline]
    pub(crate) fn peek(&mut self, count: u32) -> u32 {
        debug_assert!(count <= 32);
        if self.count < count {
            self.refill();
        }
        (self.ahead & ((1 << count) - 1)) as u32
    }

    /// Moves on over `count` bits, at most 32, that were [peeked](Self::peek) at.
    ///
    /// # Errors
    /// [`Truncated`] if there are not as many.
    #[inline]
    pub(crate) fn consume(&mut self, count: u32) -> Result<(), Truncated> {
        self.count = self.count.checked_sub(count).ok_or(Truncated)?;
        self.ahead >>= count;
        Ok(())
    }

    /// Reads `count` bits, at most 32.
    ///
    /// # Errors
    /// [`Truncated`].
    #[inline]
    pub(crate) fn read(&mut self, count: u32) -> Result<u32, Truncated> {
        let bits = self.peek(count);
        self.consume(count)?;
        Ok(bits)
    }

    /// The next 32 bits, or all that are left with zeros above, and their number.
    #[inline]
    pub(crate) fn take_ahead(&mut self) -> (u32, u32) {
        let rest = self.bytes.get(self.next..).unwrap_or(&[]);
        if self.count < 32
            && let Some(bytes) = rest.first_chunk()
        {
            let ahead = self.ahead | u64::from(u32::from_le_bytes(*bytes)) << self.count;
            self.next += 4;
            self.ahead = ahead >> 32;
            return (ahead as u32, 32);
        }
        let bits = self.peek(32);
        let count = self.count.min(32);
        self.count -= count;
        self.ahead >>= count;
        (bits, count)
    }

    fn refill(&mut self) {
        let rest = &self.bytes[self.next..];
        if let Some(bytes) = rest.first_chunk() {
            let taken = (63 - self.count) / 8;
            self.ahead |= u64::from_le_bytes(*bytes) << self.count;
            self.count += 8 * taken;
            self.ahead &= u64::MAX >> (64 - self.count);
            self.next += taken as usize;
            return;
        }
        for &byte in rest.iter().take(((64 - self.count) / 8) as usize) {
            self.ahead |= u64::from(byte) << self.count;
            self.count += 8;
            self.next += 1;
        }
    }

    /// Skips `count` bits.
    ///
    /// # Errors
    /// [`Truncated`] if there are not as many.
    pub(crate) fn skip(&mut self, count: usize) -> Result<(), Truncated> {
        if count > self.left() {
            return Err(Truncated);
        }
        if count < self.count as usize {
            self.ahead >>= count;
            self.count -= count as u32;
            return Ok(());
        }
        let position = self.position() + count;
        self.next = position / 8;
        (self.ahead, self.count) = (0, 0);
        self.read((position % 8) as u32)?;
        Ok(())
    }

    /// Skips the bits up to the next byte.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if one of them is set.
    pub(crate) fn align(&mut self) -> Result<(), Error> {
        let padding = self.position().wrapping_neg() % 8;
        match self.read(padding as u32)? {
            0 => Ok(()),
            _ => Err(Error::corrupt("padding bits are not zero")),
        }
    }

    /// `Bool()`.
    ///
    /// # Errors
    /// [`Truncated`].
    #[inline]
    pub(crate) fn read_bool(&mut self) -> Result<bool, Truncated> {
        Ok(self.read(1)? == 1)
    }

    /// `U32(..)`: two bits choose one of four distributions. A sum beyond 32 bits wraps around.
    ///
    /// # Errors
    /// [`Truncated`].
    pub(crate) fn read_u32(
        &mut self,
        d0: impl Into<Distribution>,
        d1: impl Into<Distribution>,
        d2: impl Into<Distribution>,
        d3: impl Into<Distribution>,
    ) -> Result<u32, Truncated> {
        let distributions = [d0.into(), d1.into(), d2.into(), d3.into()];
        let Distribution { offset, bits } = distributions[self.read(2)? as usize];
        Ok(offset.wrapping_add(self.read(bits)?))
    }

    /// `U64()`.
    ///
    /// # Errors
    /// [`Truncated`].
    pub(crate) fn read_u64(&mut self) -> Result<u64, Truncated> {
        match self.read(2)? {
            0 => Ok(0),
            1 => Ok(1 + u64::from(self.read(4)?)),
            2 => Ok(17 + u64::from(self.read(8)?)),
            _ => self.read_long_u64(),
        }
    }

    fn read_long_u64(&mut self) -> Result<u64, Truncated> {
        let mut value = u64::from(self.read(12)?);
        let mut shift = 12;
        while self.read_bool()? {
            if shift == 60 {
                return Ok(value | u64::from(self.read(4)?) << shift);
            }
            value |= u64::from(self.read(8)?) << shift;
            shift += 8;
        }
        Ok(value)
    }

    /// `F16()`.
    ///
    /// # Errors
    /// [`Error::Truncated`]; [`Error::Corrupt`] for infinity and NaN.
    pub(crate) fn read_f16(&mut self) -> Result<f32, Error> {
        let half = self.read(16)?;
        let (exponent, mantissa) = (half >> 10 & 0x1F, half & 0x3FF);
        let magnitude = match exponent {
            0 => mantissa as f32 / (1 << 24) as f32,
            0x1F => return Err(Error::corrupt("number is not finite")),
            _ => f32::from_bits((exponent + 127 - 15) << 23 | mantissa << 13),
        };
        Ok(if half >> 15 == 1 {
            -magnitude
        } else {
            magnitude
        })
    }

    /// `Enum(..)`: its number.
    ///
    /// # Errors
    /// [`Truncated`].
    pub(crate) fn read_enum(&mut self) -> Result<u32, Truncated> {
        self.read_u32(0, 1, 2 + U(4), 18 + U(6))
    }
}

/// `UnpackSigned(..)`: an even number stands for half of it, an odd one for a negative number.
#[inline(always)]
pub(crate) fn unpack_signed(packed: u32) -> i32 {
    (packed >> 1) as i32 ^ -((packed & 1) as i32)
}
