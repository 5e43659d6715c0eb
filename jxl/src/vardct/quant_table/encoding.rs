use super::tables::raw_size;
use crate::Error;
use crate::bits::Bits;
use crate::grid::Size;

/// Least magnitude of a parameter or weight.
pub(super) const ALMOST_ZERO: f32 = 1e-8;
/// Largest number of distance bands.
const MAX_BANDS: usize = 17;

/// How a table is computed, with parameters for X, Y and B (ISO/IEC 18181-1, I.2.4).
#[expect(clippy::large_enum_variant, reason = "one at a time is on the stack")]
pub(super) enum Encoding {
    Hornuss([[f32; 3]; 3]),
    Dct2([[f32; 6]; 3]),
    Dct4 {
        divisors: [[f32; 2]; 3],
        bands: Bands,
    },
    Dct4x8 {
        divisors: [f32; 3],
        bands: Bands,
    },
    Afv {
        weights: [[f32; 9]; 3],
        /// Bands of the 4 x 8 half, and of the 4 x 4 quarter next to the corner.
        bands: [Bands; 2],
    },
    Dct(Bands),
}

/// The coded form of a frame's table.
#[expect(clippy::large_enum_variant, reason = "one at a time is on the stack")]
pub(super) enum Source<'f> {
    Standard,
    Encoded(Encoding),
    /// The factors themselves.
    Raw(&'f [f32]),
}

/// Decodes the raw table of a number and size, coded as three channels, into one slice, channel by
/// channel.
pub(super) type ReadRaw<'r, 'f> =
    dyn FnMut(&mut Bits<'_>, usize, Size) -> Result<&'f mut [f32], Error> + 'r;

/// Weights by distance from the lowest frequency: the first weight, then relative changes.
#[derive(Clone, Copy)]
pub(super) struct Bands {
    parameters: [[f32; MAX_BANDS]; 3],
    count: usize,
}

impl Bands {
    pub(super) fn new<const N: usize>(channels: [[f32; N]; 3]) -> Self {
        let mut parameters = [[0.0; MAX_BANDS]; 3];
        for (parameters, channel) in parameters.iter_mut().zip(channels) {
            parameters[..N].copy_from_slice(&channel);
        }
        Self {
            parameters,
            count: N,
        }
    }

    fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        let count = bits.read(4)? as usize + 1;
        let mut parameters = [[0.0; MAX_BANDS]; 3];
        for channel in &mut parameters {
            for parameter in &mut channel[..count] {
                *parameter = bits.read_f16()?;
            }
            if channel[0] < ALMOST_ZERO {
                return Err(too_small());
            }
            channel[0] *= 64.0;
        }
        Ok(Self { parameters, count })
    }

    pub(super) fn channel(&self, channel: usize) -> &[f32] {
        &self.parameters[channel][..self.count]
    }
}

impl<'f> Source<'f> {
    /// Reads the coded form of table number `table`.
    pub(super) fn parse(
        bits: &mut Bits<'_>,
        table: usize,
        shape: Size,
        read_raw: &mut ReadRaw<'_, 'f>,
    ) -> Result<Self, Error> {
        let mode = bits.read(3)?;
        if (1..=5).contains(&mode) && shape.area() != 1 {
            return Err(Error::corrupt("quantization table of another transform"));
        }
        Ok(match mode {
            0 => Self::Standard,
            7 => {
                let step = bits.read_f16()?;
                if step < ALMOST_ZERO {
                    return Err(too_small());
                }
                let factors = read_raw(bits, table, raw_size(table))?;
                factors.iter_mut().for_each(|factor| *factor *= step);
                Self::Raw(factors)
            }
            _ => Self::Encoded(Encoding::parse(bits, mode)?),
        })
    }
}

impl Encoding {
    fn parse(bits: &mut Bits<'_>, mode: u32) -> Result<Self, Error> {
        Ok(match mode {
            1 => Self::Hornuss(read_scaled(bits)?),
            2 => Self::Dct2(read_scaled(bits)?),
            3 => Self::Dct4 {
                divisors: read_significant(bits)?,
                bands: Bands::parse(bits)?,
            },
            4 => Self::Dct4x8 {
                divisors: read_significant(bits)?.map(|[divisor]| divisor),
                bands: Bands::parse(bits)?,
            },
            5 => {
                let mut weights = read(bits)?;
                for channel in &mut weights {
                    channel[..6].iter_mut().for_each(|weight| *weight *= 64.0);
                }
                Self::Afv {
                    weights,
                    bands: [Bands::parse(bits)?, Bands::parse(bits)?],
                }
            }
            _ => Self::Dct(Bands::parse(bits)?),
        })
    }
}

fn read<const N: usize>(bits: &mut Bits<'_>) -> Result<[[f32; N]; 3], Error> {
    let mut parameters = [[0.0; N]; 3];
    for parameter in parameters.as_flattened_mut() {
        *parameter = bits.read_f16()?;
    }
    Ok(parameters)
}

fn read_significant<const N: usize>(bits: &mut Bits<'_>) -> Result<[[f32; N]; 3], Error> {
    let parameters = read(bits)?;
    if parameters
        .as_flattened()
        .iter()
        .any(|p| p.abs() < ALMOST_ZERO)
    {
        return Err(too_small());
    }
    Ok(parameters)
}

fn read_scaled<const N: usize>(bits: &mut Bits<'_>) -> Result<[[f32; N]; 3], Error> {
    Ok(read_significant(bits)?.map(|channel| channel.map(|parameter| parameter * 64.0)))
}

fn too_small() -> Error {
    Error::corrupt("quantization parameter too small")
}
