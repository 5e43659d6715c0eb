//! Conversion from the types of `jxl-image`, for tests that compare with it.

use jxl_image::color as foreign;

use super::{
    Chromaticity, CodedColors, ColorEncoding, ColorSpace, Primaries, RenderingIntent,
    TransferFunction, WhitePoint,
};
use crate::Error;

impl CodedColors {
    /// # Errors
    /// [`Error::Corrupt`] for values without a meaning.
    pub(crate) fn from_foreign(colors: &foreign::ColourEncoding) -> Result<Self, Error> {
        match colors {
            foreign::ColourEncoding::IccProfile(space) => Ok(Self::Icc((*space).into())),
            foreign::ColourEncoding::Enum(encoding) => {
                ColorEncoding::from_foreign(encoding).map(Self::Encoding)
            }
        }
    }
}

impl ColorEncoding {
    fn from_foreign(encoding: &foreign::EnumColourEncoding) -> Result<Self, Error> {
        let color_space = encoding.colour_space.into();
        let transfer_function = match color_space {
            ColorSpace::Xyb => TransferFunction::XYB,
            _ => TransferFunction::from_foreign(encoding.tf)?,
        };
        let encoding = Self {
            color_space,
            white_point: encoding.white_point.into(),
            primaries: encoding.primaries.into(),
            transfer_function,
            rendering_intent: encoding.rendering_intent.into(),
        };
        encoding.check()
    }
}

impl TransferFunction {
    fn from_foreign(function: foreign::TransferFunction) -> Result<Self, Error> {
        Ok(match function {
            foreign::TransferFunction::Gamma { g, .. } => Self::gamma(g)?,
            foreign::TransferFunction::Bt709 => Self::Bt709,
            foreign::TransferFunction::Unknown => Self::Unknown,
            foreign::TransferFunction::Linear => Self::Linear,
            foreign::TransferFunction::Srgb => Self::Srgb,
            foreign::TransferFunction::Pq => Self::Pq,
            foreign::TransferFunction::Dci => Self::Dci,
            foreign::TransferFunction::Hlg => Self::Hlg,
        })
    }
}

impl From<foreign::ColourSpace> for ColorSpace {
    fn from(space: foreign::ColourSpace) -> Self {
        match space {
            foreign::ColourSpace::Rgb => Self::Rgb,
            foreign::ColourSpace::Grey => Self::Gray,
            foreign::ColourSpace::Xyb => Self::Xyb,
            foreign::ColourSpace::Unknown => Self::Unknown,
        }
    }
}

impl From<foreign::Customxy> for Chromaticity {
    fn from(foreign::Customxy { x, y }: foreign::Customxy) -> Self {
        Self { x, y }
    }
}

impl From<foreign::WhitePoint> for WhitePoint {
    fn from(white: foreign::WhitePoint) -> Self {
        match white {
            foreign::WhitePoint::D65 => Self::D65,
            foreign::WhitePoint::Custom(white) => Self::Custom(white.into()),
            foreign::WhitePoint::E => Self::E,
            foreign::WhitePoint::Dci => Self::Dci,
        }
    }
}

impl From<foreign::Primaries> for Primaries {
    fn from(primaries: foreign::Primaries) -> Self {
        match primaries {
            foreign::Primaries::Srgb => Self::Srgb,
            foreign::Primaries::Custom { red, green, blue } => Self::Custom {
                red: red.into(),
                green: green.into(),
                blue: blue.into(),
            },
            foreign::Primaries::Bt2100 => Self::Bt2100,
            foreign::Primaries::P3 => Self::P3,
        }
    }
}

impl From<foreign::RenderingIntent> for RenderingIntent {
    fn from(intent: foreign::RenderingIntent) -> Self {
        match intent {
            foreign::RenderingIntent::Perceptual => Self::Perceptual,
            foreign::RenderingIntent::Relative => Self::Relative,
            foreign::RenderingIntent::Saturation => Self::Saturation,
            foreign::RenderingIntent::Absolute => Self::Absolute,
        }
    }
}
