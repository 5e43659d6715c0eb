//! What samples mean, and the conversion from XYB to the encoding of the output.

mod cms;
mod encoding;
mod icc;
mod math;
mod matrix;
mod profile;
mod srgb;
#[cfg(test)]
mod tests;
mod transfer;

use jxl_simd::SimdDescriptor;

use crate::Error;
use crate::headers::ImageMetadata;
use crate::simd::{Kernel, dispatch};
pub(crate) use cms::{CmykToLight, DeviceSpace, LightToProfile};
pub(crate) use encoding::CodedColors;
pub use encoding::{
    Chromaticity, ColorEncoding, ColorSpace, Primaries, RenderingIntent, TransferFunction,
    WhitePoint,
};
pub use icc::IccProfile;
use matrix::{Matrix, xyz};
pub(crate) use profile::make_profile;
pub(crate) use srgb::XybToSrgb;
use transfer::Transfer;
pub(crate) use transfer::{srgb_of_light, srgb_to_light};

/// Nits of full scale that XYB's own scale assumes.
const SDR_INTENSITY_TARGET: f32 = 255.0;
/// Luminance of full-scale red, green and blue with sRGB's primaries (ITU-R BT.709).
const SRGB_LUMINANCES: [f64; 3] = [0.2126, 0.7152, 0.0722];
/// Offsets and then factors that bring X, Y, and B - Y into the range of 0 to 1 (libjxl,
/// `opsin_params.h`).
const SCALED_XYB_OFFSET: [f32; 3] = [0.015_386_134, 0.0, 0.277_704_6];
const SCALED_XYB_FACTOR: [f32; 3] = [22.995_789, 1.183, 1.502_141_3];

/// Encoding of the output samples of an XYB picture: the one its header names, or sRGB (grey
/// or color) where the header has an ICC profile.
pub(crate) fn output_encoding(colors: &CodedColors) -> ColorEncoding {
    match colors {
        CodedColors::Encoding(encoding) => *encoding,
        CodedColors::Icc(ColorSpace::Grey) => ColorEncoding::GREY_SRGB,
        CodedColors::Icc(_) => ColorEncoding::SRGB,
    }
}

/// XYB to the output encoding, for a picture.
pub(crate) enum XybTransform {
    /// The output is XYB too, scaled.
    Scaled,
    Light(LightTransform),
}

/// From cone responses to linear sRGB, as the header gives it.
struct OpsinInverse {
    matrix: [[f32; 3]; 3],
    /// Added to the cube of a root.
    bias: [f32; 3],
}

/// XYB to red, green and blue, or to grey.
pub(crate) struct LightTransform {
    /// Subtracted cube roots and added biases of the cone responses.
    bias_roots: [f64; 3],
    bias: [f64; 3],
    /// Cone responses to linear output channels. Of grey pictures only the first row is used.
    to_linear: Matrix,
    grey: bool,
    has_srgb_transfer: bool,
    transfer: Transfer,
}

impl XybTransform {
    /// # Errors
    /// Intensity targets that are not above 0, chromaticities without an inverse.
    pub(crate) fn new(metadata: &ImageMetadata) -> Result<Self, Error> {
        Self::to_encoding(metadata, output_encoding(&metadata.colors))
    }

    /// To linear light, of a picture whose colors an ICC profile describes: with sRGB's primaries,
    /// or grey.
    ///
    /// # Errors
    /// The errors of [`new`](Self::new).
    pub(crate) fn to_light(metadata: &ImageMetadata) -> Result<Self, Error> {
        let target = ColorEncoding {
            transfer_function: TransferFunction::Linear,
            ..output_encoding(&metadata.colors)
        };
        Self::to_encoding(metadata, target)
    }

    fn to_encoding(metadata: &ImageMetadata, target: ColorEncoding) -> Result<Self, Error> {
        if target.color_space == ColorSpace::Xyb {
            return Ok(Self::Scaled);
        }
        let opsin = OpsinInverse {
            matrix: metadata.opsin_inverse_matrix.inv_mat,
            bias: metadata.opsin_inverse_matrix.opsin_bias,
        };
        let intensity_target = metadata.tone_mapping.intensity_target;
        LightTransform::new(&target, &opsin, intensity_target).map(Self::Light)
    }

    /// Converts X, Y, B in place: to the three output channels, or to grey in the first slice (the
    /// others are then arbitrary). All three are equally long.
    pub(crate) fn run(&self, xyb: &mut [&mut [f32]; 3]) {
        match self {
            Self::Scaled => scale_xyb(xyb),
            Self::Light(light) => light.run(xyb),
        }
    }

    /// The whole transform at once, where it ends in three channels with the transfer function of
    /// sRGB.
    pub(crate) fn to_srgb(&self) -> Option<XybToSrgb> {
        match self {
            Self::Light(light) if light.has_srgb_transfer && !light.grey => {
                Some(XybToSrgb::new(light))
            }
            _ => None,
        }
    }

    /// Whether one channel comes out rather than three.
    pub(crate) fn is_grey(&self) -> bool {
        matches!(self, Self::Light(LightTransform { grey: true, .. }))
    }
}

impl LightTransform {
    fn new(
        target: &ColorEncoding,
        opsin: &OpsinInverse,
        intensity_target: f32,
    ) -> Result<Self, Error> {
        if intensity_target.is_nan() || intensity_target <= 0.0 {
            let what = format!("intensity target of {intensity_target} nits");
            return Err(Error::corrupt(what));
        }
        let scale = f64::from(SDR_INTENSITY_TARGET / intensity_target);
        let to_srgb = Matrix::from_f32(opsin.matrix).scaled(scale);
        let primaries = TargetPrimaries::new(target)?;
        Ok(Self {
            bias_roots: opsin.bias.map(|bias| f64::from(bias).cbrt()),
            bias: opsin.bias.map(f64::from),
            to_linear: primaries.from_linear_srgb.times(to_srgb),
            grey: target.color_space == ColorSpace::Grey,
            has_srgb_transfer: target.transfer_function == TransferFunction::Srgb,
            transfer: Transfer::new(target, primaries.luminances, intensity_target),
        })
    }

    fn run(&self, xyb: &mut [&mut [f32]; 3]) {
        self.linearize(xyb);
        match self.grey {
            true => self.transfer.run_grey(xyb[0]),
            false => self.transfer.run_rgb(xyb),
        }
    }

    /// XYB to linear light (ISO/IEC 18181-1, L.2: inverse XYB).
    fn linearize(&self, [x, y, b]: &mut [&mut [f32]; 3]) {
        dispatch(Linearize {
            bias_roots: self.bias_roots,
            bias: self.bias,
            to_linear: self.to_linear.rows(),
            xyb: [x, y, b],
        });
    }
}

/// XYB to linear light, in double precision: sums of numbers as large as 11 with both signs are to
/// be exact to 1e-6.
struct Linearize<'a> {
    bias_roots: [f64; 3],
    bias: [f64; 3],
    to_linear: [[f64; 3]; 3],
    xyb: [&'a mut [f32]; 3],
}

impl Kernel for Linearize<'_> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, _: D) {
        let [x, y, b] = self.xyb;
        let [row_r, row_g, row_b] = self.to_linear;
        let cone = |gamma: f64, k: usize| {
            let root = gamma - self.bias_roots[k];
            root * root * root + self.bias[k]
        };
        for ((x, y), b) in x.iter_mut().zip(y).zip(b) {
            let (sum, difference) = (f64::from(*y) + f64::from(*x), f64::from(*y) - f64::from(*x));
            let (l, m, s) = (cone(sum, 0), cone(difference, 1), cone(f64::from(*b), 2));
            *x = (row_r[0] * l + row_r[1] * m + row_r[2] * s) as f32;
            *y = (row_g[0] * l + row_g[1] * m + row_g[2] * s) as f32;
            *b = (row_b[0] * l + row_b[1] * m + row_b[2] * s) as f32;
        }
    }
}

/// X, Y, B to the samples of the color space XYB.
fn scale_xyb([x, y, b]: &mut [&mut [f32]; 3]) {
    let scale = |k: usize, value: f32| (value + SCALED_XYB_OFFSET[k]) * SCALED_XYB_FACTOR[k];
    for ((x, y), b) in x.iter_mut().zip(y.iter_mut()).zip(b.iter_mut()) {
        (*x, *y, *b) = (scale(0, *x), scale(1, *y), scale(2, *b - *y));
    }
}

/// What the channels of an output encoding are.
struct TargetPrimaries {
    /// Linear light with sRGB's primaries to linear light of the target. Colors outside of the
    /// target's gamut stay outside; nothing is clipped here.
    from_linear_srgb: Matrix,
    /// Luminance of full scale in each channel.
    luminances: [f64; 3],
}

impl TargetPrimaries {
    fn new(target: &ColorEncoding) -> Result<Self, Error> {
        let from_linear_srgb = match target.color_space {
            ColorSpace::Grey => Matrix::of_one_row(SRGB_LUMINANCES),
            _ if target.has_srgb_gamut() => Matrix::IDENTITY,
            _ => return Self::of_other_colors(target),
        };
        Ok(Self {
            from_linear_srgb,
            luminances: SRGB_LUMINANCES,
        })
    }

    fn of_other_colors(target: &ColorEncoding) -> Result<Self, Error> {
        let singular = || Error::corrupt("chromaticities without an inverse");
        let white = target.white_point.xy();
        let to_xyz = Matrix::rgb_to_xyz(target.primaries.xy(), white).ok_or_else(singular)?;
        let from_xyz = to_xyz.inverse().ok_or_else(singular)?;
        let adapt =
            Matrix::adaptation(xyz(WhitePoint::D65.xy()), xyz(white)).ok_or_else(singular)?;
        let srgb_to_xyz = Matrix::srgb_to_xyz().ok_or_else(singular)?;
        Ok(Self {
            from_linear_srgb: from_xyz.times(adapt).times(srgb_to_xyz),
            luminances: to_xyz.row(1),
        })
    }
}

#[cfg(test)]
mod testing {
    use super::*;

    /// XYB to linear sRGB with the default matrix (ISO/IEC 18181-1, L.2).
    pub(super) fn linear_transform() -> XybTransform {
        let target = ColorEncoding {
            transfer_function: TransferFunction::Linear,
            ..ColorEncoding::SRGB
        };
        let opsin = OpsinInverse {
            matrix: [
                [11.031_567, -9.866_944, -0.164_623],
                [-3.254_147_4, 4.418_770_4, -0.164_623],
                [-3.658_851_3, 2.712_923, 1.945_928_2],
            ],
            bias: [-0.003_793_073_3; 3],
        };
        LightTransform::new(&target, &opsin, 255.0)
            .map(XybTransform::Light)
            .unwrap()
    }
}
