//! From XYB to the encoding that samples are handed out in.

mod matrix;
mod srgb;

use jxl_bitstream::Bitstream;
use jxl_color::{
    AsIlluminant, AsPrimaries, ColorEncodingWithProfile, ColorTransform, ColourEncoding,
    ColourSpace, EnumColourEncoding, NullCms, RenderingIntent, ToneMapping, TransferFunction,
};
use jxl_image::ImageMetadata;
use jxl_oxide_common::Bundle;

use crate::Error;
use matrix::Matrix;
pub(crate) use srgb::XybToSrgb;

/// Nits of full scale that XYB's own scale assumes.
const SDR_INTENSITY_TARGET: f32 = 255.0;

/// Encoding of the samples handed out for an XYB picture: the one its header recommends, or sRGB (grey or colour) where the
/// header has an ICC profile or no usable encoding.
pub(crate) fn output_encoding(metadata: &ImageMetadata) -> EnumColourEncoding {
    if let ColourEncoding::Enum(encoding) = &metadata.colour_encoding
        && is_known(encoding)
    {
        return encoding.clone();
    }
    if metadata.grayscale() {
        EnumColourEncoding::gray_srgb(RenderingIntent::Relative)
    } else {
        EnumColourEncoding::srgb(RenderingIntent::Relative)
    }
}

/// Whether samples of this encoding have a meaning that can be computed and described: grey or RGB with a transfer function.
pub(crate) fn is_known(encoding: &EnumColourEncoding) -> bool {
    let transfer = match encoding.tf {
        TransferFunction::Unknown => false,
        TransferFunction::Gamma { g, .. } => g > 0,
        _ => true,
    };
    transfer && matches!(encoding.colour_space, ColourSpace::Rgb | ColourSpace::Grey)
}

/// XYB to the output encoding, for a picture.
pub(crate) struct XybTransform {
    /// Subtracted cube roots and added biases of the cone responses.
    bias_roots: [f32; 3],
    bias: [f32; 3],
    /// Cone responses to linear output channels. Of grey pictures only the first row is used.
    to_linear: [[f32; 3]; 3],
    grey: bool,
    has_srgb_transfer: bool,
    transfer: ColorTransform,
}

impl XybTransform {
    /// # Errors
    /// Encodings that cannot be computed: hybrid log-gamma of grey pictures, chromaticities without an inverse.
    pub(crate) fn new(metadata: &ImageMetadata) -> Result<Self, Error> {
        let target = output_encoding(metadata);
        let grey = target.colour_space == ColourSpace::Grey;
        if grey && target.tf == TransferFunction::Hlg {
            return Err(Error::unsupported("grey hybrid log-gamma from XYB"));
        }
        let opsin = &metadata.opsin_inverse_matrix;
        let scale = f64::from(SDR_INTENSITY_TARGET / metadata.tone_mapping.intensity_target);
        let to_srgb = Matrix::from_f32(opsin.inv_mat).scaled(scale);
        let to_linear = if grey {
            srgb_to_xyz()?.luminance().times(to_srgb)
        } else {
            from_linear_srgb(&target)?.times(to_srgb)
        };
        Ok(Self {
            bias_roots: opsin.opsin_bias.map(f32::cbrt),
            bias: opsin.opsin_bias,
            to_linear: to_linear.to_f32(),
            grey,
            has_srgb_transfer: target.tf == TransferFunction::Srgb,
            transfer: transfer_function(&target, metadata)?,
        })
    }

    /// Converts X, Y, B in place: to red, green, blue, or to grey in the first slice (the others are then arbitrary). All
    /// three are equally long.
    pub(crate) fn run(&self, xyb: &mut [&mut [f32]; 3]) -> Result<(), Error> {
        self.linearise(xyb);
        self.transfer.run(xyb)?;
        Ok(())
    }

    /// XYB to linear light (ISO/IEC 18181-1, annex L.2).
    fn linearise(&self, [x, y, b]: &mut [&mut [f32]; 3]) {
        let [row_r, row_g, row_b] = &self.to_linear;
        for ((x, y), b) in x.iter_mut().zip(y.iter_mut()).zip(b.iter_mut()) {
            let gamma = [*y + *x, *y - *x, *b];
            let cones: [f32; 3] = std::array::from_fn(|i| {
                let root = gamma[i] - self.bias_roots[i];
                root * root * root + self.bias[i]
            });
            let dot = |row: &[f32; 3]| row[0] * cones[0] + row[1] * cones[1] + row[2] * cones[2];
            (*x, *y, *b) = (dot(row_r), dot(row_g), dot(row_b));
        }
    }

    /// The whole transform at once, where it ends in three channels with the transfer function of sRGB.
    pub(crate) fn to_srgb(&self) -> Option<XybToSrgb> {
        (self.has_srgb_transfer && !self.grey).then(|| XybToSrgb::new(self))
    }

    /// Whether one channel comes out rather than three.
    pub(crate) fn is_grey(&self) -> bool {
        self.grey
    }
}

/// Linear light with sRGB's primaries to linear light with the target's. Colours outside of the target's gamut stay outside;
/// nothing is clipped here.
fn from_linear_srgb(target: &EnumColourEncoding) -> Result<Matrix, Error> {
    if target.is_srgb_gamut() {
        return Ok(Matrix::IDENTITY);
    }
    let white = target.white_point.as_illuminant();
    let to_target = Matrix::rgb_to_xyz(target.primaries.as_primaries(), white)
        .and_then(Matrix::inverse)
        .zip(Matrix::adaptation(Matrix::D65, white));
    let (from_xyz, adapt) = to_target.ok_or_else(singular)?;
    Ok(from_xyz.times(adapt).times(srgb_to_xyz()?))
}

fn srgb_to_xyz() -> Result<Matrix, Error> {
    Matrix::srgb_to_xyz().ok_or_else(singular)
}

fn singular() -> Error {
    Error::corrupt("chromaticities without an inverse")
}

/// The transfer function alone: from linear samples of the target's own primaries. Tone mapping stays out of it, since the
/// scale of standard dynamic range is in the matrix.
fn transfer_function(
    target: &EnumColourEncoding,
    metadata: &ImageMetadata,
) -> Result<ColorTransform, Error> {
    let mut linear = target.clone();
    linear.tf = TransferFunction::Linear;
    let sdr = ToneMapping::parse(&mut Bitstream::new(&[1]), ())?;
    let tone_mapping = if target.is_hdr() {
        &metadata.tone_mapping
    } else {
        &sdr
    };
    Ok(ColorTransform::new(
        &ColorEncodingWithProfile::new(linear),
        &ColorEncodingWithProfile::new(target.clone()),
        &metadata.opsin_inverse_matrix,
        tone_mapping,
        &NullCms,
    )?)
}
