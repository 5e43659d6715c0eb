//! The colors of samples, and the conversion from XYB to the encoding of the output.

mod cms;
mod encoding;
mod icc;
mod light;
mod math;
mod matrix;
mod profile;
mod srgb;
#[cfg(test)]
mod tests;
mod transfer;

use crate::Error;
use crate::headers::ImageMetadata;
pub(crate) use cms::{CmykToLight, DeviceSpace, LightToProfile};
pub(crate) use encoding::CodedColors;
pub use encoding::{
    Chromaticity, ColorEncoding, ColorSpace, Primaries, RenderingIntent, TransferFunction,
    WhitePoint,
};
pub use icc::IccProfile;
pub(crate) use light::LightTransform;
use light::OpsinInverse;
pub(crate) use profile::make_profile;
pub(crate) use srgb::XybToSrgb;
pub(crate) use transfer::{srgb_of_light, srgb_to_light};

/// Offsets and then factors that bring X, Y, and B - Y into the range of 0 to 1 (libjxl,
/// `opsin_params.h`).
const SCALED_XYB_OFFSET: [f32; 3] = [0.015_386_134, 0.0, 0.277_704_6];
const SCALED_XYB_FACTOR: [f32; 3] = [22.995_789, 1.183, 1.502_141_3];

/// Encoding of the output samples of an XYB picture: the one that its header names, or sRGB (gray
/// or color) if the picture has an ICC profile.
pub(crate) fn output_encoding(colors: &CodedColors) -> ColorEncoding {
    match colors {
        CodedColors::Encoding(encoding) => *encoding,
        CodedColors::Icc(ColorSpace::Gray) => ColorEncoding::GRAY_SRGB,
        CodedColors::Icc(_) => ColorEncoding::SRGB,
    }
}

/// The conversion of a picture from XYB to the output encoding.
pub(crate) enum XybTransform {
    /// The output is XYB too, scaled.
    Scaled,
    Light(LightTransform),
}

impl XybTransform {
    /// # Errors
    /// Intensity targets that are not above 0, chromaticities without an inverse.
    pub(crate) fn new(metadata: &ImageMetadata) -> Result<Self, Error> {
        Self::to_encoding(metadata, output_encoding(&metadata.colors))
    }

    /// The conversion to linear light for a picture with an ICC profile: with sRGB's primaries, or
    /// gray.
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

    /// Converts X, Y, B in place: to the three output channels, or to gray in the first slice (the
    /// others are then arbitrary). All three are equally long.
    pub(crate) fn run(&self, xyb: &mut [&mut [f32]; 3]) {
        match self {
            Self::Scaled => scale_xyb(xyb),
            Self::Light(light) => light.run(xyb),
        }
    }

    /// The whole transform in one step, if it ends in three channels with the transfer function of
    /// sRGB.
    pub(crate) fn to_srgb(&self) -> Option<XybToSrgb> {
        match self {
            Self::Light(light) if light.has_srgb_transfer && !light.gray => {
                Some(XybToSrgb::new(light))
            }
            _ => None,
        }
    }

    /// Whether the output has one channel rather than three.
    pub(crate) fn is_gray(&self) -> bool {
        matches!(self, Self::Light(LightTransform { gray: true, .. }))
    }
}

/// X, Y, B to the samples of the color space XYB.
fn scale_xyb([x, y, b]: &mut [&mut [f32]; 3]) {
    let scale = |k: usize, value: f32| (value + SCALED_XYB_OFFSET[k]) * SCALED_XYB_FACTOR[k];
    for ((x, y), b) in x.iter_mut().zip(y.iter_mut()).zip(b.iter_mut()) {
        (*x, *y, *b) = (scale(0, *x), scale(1, *y), scale(2, *b - *y));
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
