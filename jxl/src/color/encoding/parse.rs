use super::{
    Chromaticity, ColorEncoding, ColorSpace, Primaries, RenderingIntent, TransferFunction,
    WhitePoint,
};
use crate::Error;
use crate::bits::{Bits, U, unpack_signed};

/// Exponent of 1 in the units of [`TransferFunction::Gamma`].
const GAMMA_ONE: u32 = 10_000_000;
/// Smallest exponent: 1 / 8192 (libjxl, `color_encoding_internal.cc`).
const MIN_GAMMA: u32 = GAMMA_ONE.div_ceil(8192);

/// The colors of an image according to its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodedColors {
    /// An ICC profile follows, for channels of this color space.
    Icc(ColorSpace),
    /// Never [`ColorSpace::Unknown`] or [`TransferFunction::Unknown`].
    Encoding(ColorEncoding),
}

impl CodedColors {
    /// Reads the bundle ColourEncoding (ISO/IEC 18181-1, E.2).
    ///
    /// # Errors
    /// [`Error::Truncated`]; [`Error::Corrupt`] for values without a meaning.
    pub(crate) fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        if bits.read_bool()? {
            return Ok(Self::Encoding(ColorEncoding::SRGB));
        }
        let has_profile = bits.read_bool()?;
        let color_space = ColorSpace::parse(bits)?;
        if has_profile {
            return Ok(Self::Icc(color_space));
        }
        ColorEncoding::parse(bits, color_space).map(Self::Encoding)
    }

    pub(crate) fn color_space(&self) -> ColorSpace {
        match self {
            Self::Icc(color_space) => *color_space,
            Self::Encoding(encoding) => encoding.color_space,
        }
    }

    /// Whether an ICC profile follows the header.
    pub(crate) fn has_profile(&self) -> bool {
        matches!(self, Self::Icc(_))
    }

    /// Whether the image has one color channel instead of three.
    pub(crate) fn is_gray(&self) -> bool {
        self.color_space() == ColorSpace::Gray
    }
}

impl ColorEncoding {
    fn parse(bits: &mut Bits<'_>, color_space: ColorSpace) -> Result<Self, Error> {
        let is_xyb = color_space == ColorSpace::Xyb;
        let white_point = match is_xyb {
            true => WhitePoint::D65,
            false => WhitePoint::parse(bits)?,
        };
        let primaries = match color_space {
            ColorSpace::Xyb | ColorSpace::Gray => Primaries::Srgb,
            ColorSpace::Rgb | ColorSpace::Unknown => Primaries::parse(bits)?,
        };
        let transfer_function = match is_xyb {
            true => TransferFunction::XYB,
            false => TransferFunction::parse(bits)?,
        };
        let encoding = Self {
            color_space,
            white_point,
            primaries,
            transfer_function,
            rendering_intent: RenderingIntent::parse(bits)?,
        };
        encoding.check()
    }

    /// Refuses encodings that need an ICC profile, as libjxl does, and white points without a
    /// color.
    pub(super) fn check(self) -> Result<Self, Error> {
        let [x, y] = self.white_point.xy();
        if !(0.0..=1.0).contains(&x) || !(0.0..=1.0).contains(&y) || y == 0.0 {
            return Err(Error::corrupt(format!("white point at x = {x}, y = {y}")));
        }
        if self.color_space == ColorSpace::Unknown {
            return Err(Error::corrupt("unknown color space without an ICC profile"));
        }
        if self.transfer_function == TransferFunction::Unknown {
            let what = "unknown transfer function without an ICC profile";
            return Err(Error::corrupt(what));
        }
        Ok(self)
    }
}

impl ColorSpace {
    fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        match bits.read_enum()? {
            0 => Ok(Self::Rgb),
            1 => Ok(Self::Gray),
            2 => Ok(Self::Xyb),
            3 => Ok(Self::Unknown),
            number => Err(no_meaning("color space", number)),
        }
    }
}

impl WhitePoint {
    fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        match bits.read_enum()? {
            1 => Ok(Self::D65),
            2 => Ok(Self::Custom(Chromaticity::parse(bits)?)),
            10 => Ok(Self::E),
            11 => Ok(Self::Dci),
            number => Err(no_meaning("white point", number)),
        }
    }
}

impl Primaries {
    fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        match bits.read_enum()? {
            1 => Ok(Self::Srgb),
            2 => Ok(Self::Custom {
                red: Chromaticity::parse(bits)?,
                green: Chromaticity::parse(bits)?,
                blue: Chromaticity::parse(bits)?,
            }),
            9 => Ok(Self::Bt2100),
            11 => Ok(Self::P3),
            number => Err(no_meaning("primaries", number)),
        }
    }
}

impl Chromaticity {
    /// Reads the bundle Customxy.
    fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        let mut read =
            || bits.read_u32(U(19), 524_288 + U(19), 1_048_576 + U(20), 2_097_152 + U(21));
        let (x, y) = (read()?, read()?);
        Ok(Self {
            x: unpack_signed(x),
            y: unpack_signed(y),
        })
    }
}

impl TransferFunction {
    /// The implied function of [`ColorSpace::Xyb`] (libjxl, `color_encoding_internal.cc`).
    pub(super) const XYB: Self = Self::Gamma {
        exponent: 3_333_333,
    };

    fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        if bits.read_bool()? {
            return Self::gamma(bits.read(24)?);
        }
        match bits.read_enum()? {
            1 => Ok(Self::Bt709),
            2 => Ok(Self::Unknown),
            8 => Ok(Self::Linear),
            13 => Ok(Self::Srgb),
            16 => Ok(Self::Pq),
            17 => Ok(Self::Dci),
            18 => Ok(Self::Hlg),
            number => Err(no_meaning("transfer function", number)),
        }
    }

    pub(super) fn gamma(exponent: u32) -> Result<Self, Error> {
        if !(MIN_GAMMA..=GAMMA_ONE).contains(&exponent) {
            let what = format!("gamma exponent of {exponent} e-7, outside of 1/8192 to 1");
            return Err(Error::corrupt(what));
        }
        Ok(Self::Gamma { exponent })
    }
}

impl RenderingIntent {
    fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        match bits.read_enum()? {
            0 => Ok(Self::Perceptual),
            1 => Ok(Self::Relative),
            2 => Ok(Self::Saturation),
            3 => Ok(Self::Absolute),
            number => Err(no_meaning("rendering intent", number)),
        }
    }
}

fn no_meaning(field: &str, number: u32) -> Error {
    Error::corrupt(format!("unknown {field} {number}"))
}
