//! Conversion from linear light to the samples of an encoding.

mod curves;
#[cfg(test)]
mod tests;

use jxl_simd::{F32SimdVec, SimdDescriptor, SimdMask};

use super::encoding::{ColorEncoding, TransferFunction};
use super::math::power;
use crate::simd::{Kernel, dispatch, load_up_to, min, store_up_to};
use curves::{Bt709, Curve, Hlg, Power, Pq, Srgb};

/// Largest factor of the inverse OOTF (libjxl, `tone_mapping-inl.h`).
const MAX_OOTF_RATIO: f32 = 1e9;
/// Smallest exponent of the inverse OOTF that is applied (libjxl, `tone_mapping.h`).
const MIN_OOTF_EXPONENT: f64 = 0.01;

/// The conversion from linear light to samples. Full scale of both is 1.0. The
/// [curve](Curve::encode_signed) decides about negative light.
#[derive(Clone, Copy, Debug)]
pub(super) enum Transfer {
    Linear,
    Srgb,
    Bt709,
    Pq(Pq),
    Hlg(InverseOotf),
    Power(Power),
}

/// The conversion from light that a display emits to light of the scene (ITU-R BT.2100, table 5:
/// HLG OOTF).
#[derive(Clone, Copy, Debug)]
pub(super) struct InverseOotf {
    /// Luminance is raised to this exponent to give the factor.
    exponent: f32,
    /// Luminance of full-scale red, green and blue.
    luminances: [f32; 3],
}

impl Transfer {
    /// `luminances` are those of full-scale red, green and blue; `intensity_target` is the
    /// luminance of full scale in nits.
    pub(super) fn new(
        encoding: &ColorEncoding,
        luminances: [f64; 3],
        intensity_target: f32,
    ) -> Self {
        match encoding.transfer_function {
            // No header has an unknown function without an ICC profile.
            TransferFunction::Linear | TransferFunction::Unknown => Self::Linear,
            TransferFunction::Srgb => Self::Srgb,
            TransferFunction::Bt709 => Self::Bt709,
            TransferFunction::Pq => Self::Pq(Pq::new(intensity_target)),
            TransferFunction::Hlg => Self::Hlg(InverseOotf::new(luminances, intensity_target)),
            function @ (TransferFunction::Dci | TransferFunction::Gamma { .. }) => {
                let exponent = function.exponent().unwrap_or(1.0);
                Self::Power(Power(exponent as f32))
            }
        }
    }

    /// Encodes red, green and blue in place. All are equally long.
    pub(super) fn run_rgb(&self, rgb: &mut [&mut [f32]; 3]) {
        if let Self::Hlg(ootf) = *self
            && !ootf.is_identity()
        {
            let [red, green, blue] = rgb.each_mut().map(|row| &mut **row);
            dispatch(OotfRgb {
                ootf,
                rgb: [red, green, blue],
            });
        }
        rgb.iter_mut().for_each(|row| self.run_curve(row));
    }

    /// Encodes gray in place.
    pub(super) fn run_gray(&self, gray: &mut [f32]) {
        if let Self::Hlg(ootf) = *self
            && !ootf.is_identity()
        {
            dispatch(OotfGray { ootf, gray });
        }
        self.run_curve(gray);
    }

    fn run_curve(&self, row: &mut [f32]) {
        match *self {
            Self::Linear => {}
            Self::Srgb => dispatch(Encode { curve: Srgb, row }),
            Self::Bt709 => dispatch(Encode { curve: Bt709, row }),
            Self::Pq(curve) => dispatch(Encode { curve, row }),
            Self::Hlg(_) => dispatch(Encode { curve: Hlg, row }),
            Self::Power(curve) => dispatch(Encode { curve, row }),
        }
    }
}

impl InverseOotf {
    fn new(luminances: [f64; 3], intensity_target: f32) -> Self {
        // ITU-R BT.2100, note 5f: system gamma beyond 400 to 2000 nits.
        let brightness = (f64::from(intensity_target) / 1000.0).log2();
        let exponent = 1.0 / (1.2 * 1.111f64.powf(brightness)) - 1.0;
        Self {
            exponent: exponent as f32,
            luminances: luminances.map(|luminance| luminance as f32),
        }
    }

    /// Whether this is left out. libjxl leaves it out around 300 nits, where it changes little.
    fn is_identity(&self) -> bool {
        f64::from(self.exponent).abs() <= MIN_OOTF_EXPONENT
    }

    /// The factor of each channel. Colors out of gamut may have a negative luminance; its magnitude
    /// is used, so that they stay similar to neighboring colors (libjxl takes an undefined power
    /// there). Colors without luminance become black.
    #[inline(always)]
    fn ratio<D: SimdDescriptor>(&self, d: D, luminance: D::F32Vec) -> D::F32Vec {
        let ratio = power(d, luminance.abs(), self.exponent);
        min(ratio, D::F32Vec::splat(d, MAX_OOTF_RATIO))
    }
}

/// Linear light to samples of sRGB (IEC 61966-2-1), in place.
pub(crate) fn srgb_of_light(mut rgb: [&mut [f32]; 3]) {
    Transfer::Srgb.run_rgb(&mut rgb);
}

/// Samples of sRGB to linear light, in place. Negative samples are decoded like positive ones, with
/// their sign.
pub(crate) fn srgb_to_light(rgb: [&mut [f32]; 3]) {
    for row in rgb {
        dispatch(DecodeSrgb(row));
    }
}

struct DecodeSrgb<'a>(&'a mut [f32]);

impl Kernel for DecodeSrgb<'_> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, d: D) {
        let splat = |value| D::F32Vec::splat(d, value);
        for samples in self.0.chunks_mut(D::F32Vec::LEN) {
            let signed = load_up_to(d, samples);
            let encoded = signed.abs();
            let root = encoded * splat(1.0 / 1.055) + splat(0.055 / 1.055);
            let is_power = encoded.gt(splat(0.040_45));
            let powered = power(d, root, 2.4);
            let light = is_power.if_then_else_f32(powered, encoded * splat(1.0 / 12.92));
            store_up_to(d, light.copysign(signed), samples);
        }
    }
}

/// A transfer function of one channel, on a row.
struct Encode<'a, C> {
    curve: C,
    row: &'a mut [f32],
}

impl<C: Curve> Kernel for Encode<'_, C> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, d: D) {
        for samples in self.row.chunks_mut(D::F32Vec::LEN) {
            let linear = load_up_to(d, samples);
            store_up_to(d, self.curve.encode_signed(d, linear), samples);
        }
    }
}

struct OotfRgb<'a> {
    ootf: InverseOotf,
    rgb: [&'a mut [f32]; 3],
}

impl Kernel for OotfRgb<'_> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, d: D) {
        let splat = |value| D::F32Vec::splat(d, value);
        let [red, green, blue] = self.rgb;
        let [weight_r, weight_g, weight_b] = self.ootf.luminances;
        let lanes = D::F32Vec::LEN;
        let pixels = red.chunks_mut(lanes).zip(green.chunks_mut(lanes));
        for ((red, green), blue) in pixels.zip(blue.chunks_mut(lanes)) {
            let (r, g, b) = (
                load_up_to(d, red),
                load_up_to(d, green),
                load_up_to(d, blue),
            );
            let luminance = g * splat(weight_g) + b * splat(weight_b);
            let luminance = r * splat(weight_r) + luminance;
            let ratio = self.ootf.ratio(d, luminance);
            store_up_to(d, r * ratio, red);
            store_up_to(d, g * ratio, green);
            store_up_to(d, b * ratio, blue);
        }
    }
}

struct OotfGray<'a> {
    ootf: InverseOotf,
    gray: &'a mut [f32],
}

impl Kernel for OotfGray<'_> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, d: D) {
        for samples in self.gray.chunks_mut(D::F32Vec::LEN) {
            let gray = load_up_to(d, samples);
            let ratio = self.ootf.ratio(d, gray);
            store_up_to(d, gray * ratio, samples);
        }
    }
}
