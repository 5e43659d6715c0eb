//! Conversion from XYB to the linear light of an output encoding, and to its samples.

use jxl_simd::SimdDescriptor;

use super::encoding::{ColorEncoding, ColorSpace, TransferFunction, WhitePoint};
use super::matrix::{Matrix, xyz};
use super::transfer::Transfer;
use crate::Error;
use crate::simd::{Kernel, dispatch};

/// Luminance of full scale that XYB assumes, in nits.
const SDR_INTENSITY_TARGET: f32 = 255.0;
/// Luminance of full-scale red, green and blue with sRGB's primaries (ITU-R BT.709).
const SRGB_LUMINANCES: [f64; 3] = [0.2126, 0.7152, 0.0722];
/// The header's conversion from cone responses to linear sRGB.
pub(super) struct OpsinInverse {
    pub(super) matrix: [[f32; 3]; 3],
    /// Added to the cube of a root.
    pub(super) bias: [f32; 3],
}

/// The conversion from XYB to linear red, green and blue, or to gray.
pub(crate) struct LightTransform {
    /// Subtracted cube roots and added biases of the cone responses.
    pub(super) bias_roots: [f64; 3],
    pub(super) bias: [f64; 3],
    /// Cone responses to linear output channels. Gray pictures use only the first row.
    pub(super) to_linear: Matrix,
    pub(super) gray: bool,
    pub(super) has_srgb_transfer: bool,
    transfer: Transfer,
}

impl LightTransform {
    pub(super) fn new(
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
            gray: target.color_space == ColorSpace::Gray,
            has_srgb_transfer: target.transfer_function == TransferFunction::Srgb,
            transfer: Transfer::new(target, primaries.luminances, intensity_target),
        })
    }

    pub(super) fn run(&self, xyb: &mut [&mut [f32]; 3]) {
        self.linearize(xyb);
        match self.gray {
            true => self.transfer.run_gray(xyb[0]),
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

/// XYB to linear light, in double precision, so that sums of numbers up to 11 with both signs are
/// exact to 1e-6.
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

/// The primaries of an output encoding.
pub(super) struct TargetPrimaries {
    /// Linear light with sRGB's primaries to linear light of the target. Colors outside of the
    /// target's gamut stay outside; nothing is clipped here.
    pub(super) from_linear_srgb: Matrix,
    /// Luminance of full scale in each channel.
    pub(super) luminances: [f64; 3],
}

impl TargetPrimaries {
    pub(super) fn new(target: &ColorEncoding) -> Result<Self, Error> {
        let from_linear_srgb = match target.color_space {
            ColorSpace::Gray => Matrix::of_one_row(SRGB_LUMINANCES),
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
