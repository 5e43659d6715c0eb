use crate::Error;
use crate::bits::{Bits, U};

/// Longest name that a header can hold, in bytes.
const MAX_BYTES: usize = 48 + (1 << 10) - 1;

/// The place of a name in the bytes of its header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CodedName {
    /// First bit.
    pub(super) position: usize,
    /// Bytes, at most [`MAX_BYTES`].
    pub(super) bytes: u32,
}

impl CodedName {
    /// Skips a name: its length, then that many bytes of UTF-8 (ISO/IEC 18181-1, D.3.7).
    ///
    /// # Errors
    /// [`Error::Truncated`]; [`Error::Corrupt`] if it is not UTF-8.
    pub(super) fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        let bytes = bits.read_u32(0, U(4), 16 + U(5), 48 + U(10))?;
        let position = bits.position();
        let mut text = [0; MAX_BYTES];
        let text = &mut text[..bytes as usize];
        for byte in &mut *text {
            *byte = bits.read(8)? as u8;
        }
        std::str::from_utf8(text).map_err(|_| Error::corrupt("name is not UTF-8"))?;
        Ok(Self { position, bytes })
    }

    /// Bytes of the name.
    pub(crate) fn len(self) -> usize {
        self.bytes as usize
    }

    /// Reads the name, of [`len`](Self::len) bytes. `bits` must read the bytes of the header, at or
    /// before the name.
    ///
    /// # Errors
    /// [`Error::Truncated`] if they are other bytes.
    pub(crate) fn read_into(self, mut bits: Bits<'_>, name: &mut [u8]) -> Result<(), Error> {
        let ahead = self.position.checked_sub(bits.position());
        bits.skip(ahead.ok_or(Error::Truncated)?)?;
        for byte in name {
            *byte = bits.read(8)? as u8;
        }
        Ok(())
    }
}
