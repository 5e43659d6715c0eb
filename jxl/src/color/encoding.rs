//! The color encodings that a header can name.

#[cfg(test)]
mod foreign;
mod parse;
#[cfg(test)]
mod tests;

pub(crate) use parse::CodedColors;

/// The color space of samples as header fields: primaries, white point and transfer function
/// (ISO/IEC 18181-1, E.2: ColourEncoding).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColorEncoding {
    /// The meaning of the channels.
    pub color_space: ColorSpace,
    /// The color of equal channels at full scale; D65 for XYB.
    pub white_point: WhitePoint,
    /// The colors of the channels. Meaningful only for [`ColorSpace::Rgb`].
    pub primaries: Primaries,
    /// The function from linear light to samples; a power of 1/3 for XYB.
    pub transfer_function: TransferFunction,
    /// How a color management system should map colors that its target cannot show.
    pub rendering_intent: RenderingIntent,
}

/// The meaning of an image's channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColorSpace {
    /// Red, green and blue.
    Rgb,
    /// One channel of luminance.
    Gray,
    /// The three channels of XYB, scaled to the range of 0 to 1 (ISO/IEC 18181-1, L.2).
    Xyb,
    /// Channels that only an ICC profile describes.
    Unknown,
}

/// CIE 1931 xy chromaticity in units of 10<sup>-6</sup>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chromaticity {
    /// The x coordinate in units of 10<sup>-6</sup>, -2,097,152 to 2,097,151.
    pub x: i32,
    /// The y coordinate in units of 10<sup>-6</sup>, -2,097,152 to 2,097,151.
    pub y: i32,
}

/// The color of equal channels at full scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WhitePoint {
    /// CIE standard illuminant D65, the white of sRGB, BT.2100 and Display P3.
    D65,
    /// A chromaticity that the header gives.
    Custom(Chromaticity),
    /// CIE standard illuminant E, of equal energy.
    E,
    /// The white of a digital cinema projector (SMPTE RP 431-2).
    Dci,
}

/// The colors of the channels red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Primaries {
    /// sRGB, the same as ITU-R BT.709.
    Srgb,
    /// Chromaticities that the header gives.
    Custom {
        /// Chromaticity of red.
        red: Chromaticity,
        /// Chromaticity of green.
        green: Chromaticity,
        /// Chromaticity of blue.
        blue: Chromaticity,
    },
    /// ITU-R BT.2100, the same as BT.2020.
    Bt2100,
    /// P3 of a digital cinema projector (SMPTE RP 431-2).
    P3,
}

/// The function from linear light to samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransferFunction {
    /// ITU-R BT.709.
    Bt709,
    /// A function that only an ICC profile describes.
    Unknown,
    /// Samples are linear light.
    Linear,
    /// sRGB (IEC 61966-2-1).
    Srgb,
    /// Perceptual quantization (ITU-R BT.2100).
    Pq,
    /// The power of 1/2.6 (SMPTE RP 431-2).
    Dci,
    /// Hybrid log-gamma (ITU-R BT.2100).
    Hlg,
    /// Samples are a power of linear light.
    Gamma {
        /// The exponent in units of 10<sup>-7</sup>, 1,221 to 10,000,000: 4,545,455 for a display
        /// of gamma 2.2.
        exponent: u32,
    },
}

/// How a color management system should map colors that its target cannot show (ICC.1:2022, 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RenderingIntent {
    /// Pleasant, as for photos.
    Perceptual,
    /// Exact where possible, relative to the white point.
    Relative,
    /// Saturated, as for charts.
    Saturation,
    /// Exact where possible, with the white point unchanged.
    Absolute,
}

impl ColorEncoding {
    /// sRGB of three channels (IEC 61966-2-1).
    pub const SRGB: Self = Self {
        color_space: ColorSpace::Rgb,
        white_point: WhitePoint::D65,
        primaries: Primaries::Srgb,
        transfer_function: TransferFunction::Srgb,
        rendering_intent: RenderingIntent::Relative,
    };

    /// One channel with the white point and the transfer function of sRGB.
    pub const GRAY_SRGB: Self = Self {
        color_space: ColorSpace::Gray,
        ..Self::SRGB
    };

    /// Whether this is sRGB, of three channels or one. The rendering intent does not matter.
    pub fn is_srgb(&self) -> bool {
        self.has_srgb_gamut() && self.transfer_function == TransferFunction::Srgb
    }

    /// Primaries, transfer function, matrix coefficients (0, as samples are not YCbCr) and full
    /// range (1) as ITU-T H.273 numbers them and PNG's cICP chunk holds them. `None` if a part has
    /// no number.
    pub fn code_points(&self) -> Option<[u8; 4]> {
        let primaries = match (self.primaries, self.white_point) {
            (Primaries::Srgb, WhitePoint::D65) => 1,
            (Primaries::Bt2100, WhitePoint::D65) => 9,
            (Primaries::P3, WhitePoint::Dci) => 11,
            (Primaries::P3, WhitePoint::D65) => 12,
            _ => return None,
        };
        let transfer_function = match self.transfer_function {
            TransferFunction::Bt709 => 1,
            TransferFunction::Linear => 8,
            TransferFunction::Srgb => 13,
            TransferFunction::Pq => 16,
            TransferFunction::Dci => 17,
            TransferFunction::Hlg => 18,
            TransferFunction::Gamma { .. } | TransferFunction::Unknown => return None,
        };
        let has_numbers = matches!(self.color_space, ColorSpace::Rgb | ColorSpace::Gray);
        has_numbers.then_some([primaries, transfer_function, 0, 1])
    }

    /// Whether white point and primaries are those of sRGB; for one channel, only the white point.
    pub(crate) fn has_srgb_gamut(&self) -> bool {
        let primaries = match self.color_space {
            ColorSpace::Rgb => self.primaries == Primaries::Srgb,
            ColorSpace::Gray => true,
            ColorSpace::Xyb | ColorSpace::Unknown => false,
        };
        primaries && self.white_point == WhitePoint::D65
    }
}

impl Chromaticity {
    /// The coordinates x and y.
    pub fn xy(self) -> [f64; 2] {
        [f64::from(self.x) / 1e6, f64::from(self.y) / 1e6]
    }
}

impl WhitePoint {
    /// CIE 1931 coordinates x and y (named white points as in libjxl's `color_encoding_cms.h`).
    pub fn xy(self) -> [f64; 2] {
        match self {
            Self::D65 => [0.3127, 0.3290],
            Self::Custom(white) => white.xy(),
            Self::E => [1.0 / 3.0, 1.0 / 3.0],
            Self::Dci => [0.314, 0.351],
        }
    }
}

impl Primaries {
    /// CIE 1931 coordinates x and y of red, green and blue (named primaries as in libjxl's
    /// `color_encoding_cms.h`; those of sRGB are rounded as in the sRGB ICC profile).
    pub fn xy(self) -> [[f64; 2]; 3] {
        match self {
            Self::Srgb => [
                [0.639_998_686, 0.330_010_138],
                [0.300_003_784, 0.600_003_357],
                [0.150_002_046, 0.059_997_204],
            ],
            Self::Custom { red, green, blue } => [red, green, blue].map(Chromaticity::xy),
            Self::Bt2100 => [[0.708, 0.292], [0.170, 0.797], [0.131, 0.046]],
            Self::P3 => [[0.680, 0.320], [0.265, 0.690], [0.150, 0.060]],
        }
    }
}

impl TransferFunction {
    /// The exponent of linear light if the function is a power: below 1, or 1 for linear samples.
    pub fn exponent(self) -> Option<f64> {
        match self {
            Self::Linear => Some(1.0),
            Self::Dci => Some(1.0 / 2.6),
            Self::Gamma { exponent } => Some(f64::from(exponent) / 1e7),
            Self::Bt709 | Self::Unknown | Self::Srgb | Self::Pq | Self::Hlg => None,
        }
    }
}
