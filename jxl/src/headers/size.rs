use crate::Error;
use crate::bits::{Bits, Distribution, U};

/// Width and height of a picture in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ImageSize {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl ImageSize {
    /// `SizeHeader` (ISO/IEC 18181-1, D.2): at least 1 x 1.
    ///
    /// # Errors
    /// [`Error::Truncated`]; a width beyond 32 bits.
    pub(crate) fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        let is_small = bits.read_bool()?;
        Self::parse_sides(bits, |bits| match is_small {
            true => Ok(8 * (1 + bits.read(5)?)),
            false => Ok(bits.read_u32(1 + U(9), 1 + U(13), 1 + U(18), 1 + U(30))?),
        })
    }

    /// `PreviewHeader` (ISO/IEC 18181-1, D.3): at most 5440 for a coded side.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub(crate) fn parse_preview(bits: &mut Bits<'_>) -> Result<Self, Error> {
        let in_blocks = bits.read_bool()?;
        let (factor, distributions): (_, [Distribution; 4]) = match in_blocks {
            true => (8, [16.into(), 32.into(), 1 + U(5), 33 + U(9)]),
            false => (1, [1 + U(6), 65 + U(8), 321 + U(10), 1345 + U(12)]),
        };
        let [d0, d1, d2, d3] = distributions;
        Self::parse_sides(bits, |bits| Ok(factor * bits.read_u32(d0, d1, d2, d3)?))
    }

    /// Reads the height, and the width as a ratio to it or by `read_side`.
    fn parse_sides(
        bits: &mut Bits<'_>,
        mut read_side: impl FnMut(&mut Bits<'_>) -> Result<u32, Error>,
    ) -> Result<Self, Error> {
        let height = read_side(bits)?;
        let (numerator, denominator) = match bits.read(3)? {
            0 => {
                let width = read_side(bits)?;
                return Ok(Self { width, height });
            }
            1 => (1, 1),
            2 => (12, 10),
            3 => (4, 3),
            4 => (3, 2),
            5 => (16, 9),
            6 => (5, 4),
            _ => (2, 1),
        };
        let width = u64::from(height) * numerator / denominator;
        let width = u32::try_from(width)
            .map_err(|_| Error::corrupt(format!("width of {width} pixels, above 32 bits")))?;
        Ok(Self { width, height })
    }
}
