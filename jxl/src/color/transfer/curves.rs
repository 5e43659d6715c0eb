use jxl_simd::{F32SimdVec, SimdDescriptor, SimdMask};

use super::super::math::{exp2, log2, log2_of_1_minus, power};
use crate::simd::max;

/// The transfer function of one channel.
pub(in crate::color) trait Curve: Copy {
    /// Samples of linear light that is at least 0.
    fn encode<D: SimdDescriptor>(self, d: D, linear: D::F32Vec) -> D::F32Vec;

    /// Samples of light of either sign. Negative light is out of gamut; it is encoded like positive
    /// light, with its sign, unless the curve says otherwise.
    #[inline(always)]
    fn encode_signed<D: SimdDescriptor>(self, d: D, linear: D::F32Vec) -> D::F32Vec {
        self.encode(d, linear.abs()).copysign(linear)
    }
}

/// IEC 61966-2-1.
#[derive(Clone, Copy, Debug)]
pub(in crate::color) struct Srgb;

impl Curve for Srgb {
    #[inline(always)]
    fn encode<D: SimdDescriptor>(self, d: D, linear: D::F32Vec) -> D::F32Vec {
        let splat = |value| D::F32Vec::splat(d, value);
        let powered = power(d, linear, 1.0 / 2.4);
        let powered = powered * splat(1.055) + splat(-0.055);
        let is_power = linear.gt(splat(0.003_130_8));
        is_power.if_then_else_f32(powered, linear * splat(12.92))
    }
}

/// ITU-R BT.709.
#[derive(Clone, Copy, Debug)]
pub(in crate::color) struct Bt709;

impl Curve for Bt709 {
    #[inline(always)]
    fn encode<D: SimdDescriptor>(self, d: D, linear: D::F32Vec) -> D::F32Vec {
        let splat = |value| D::F32Vec::splat(d, value);
        let powered = power(d, linear, 0.45);
        let powered = powered * splat(1.099) + splat(-0.099);
        let is_linear = splat(0.018).gt(linear);
        is_linear.if_then_else_f32(linear * splat(4.5), powered)
    }

    /// The line near black continues below 0, as in libjxl (`transfer_functions-inl.h`).
    #[inline(always)]
    fn encode_signed<D: SimdDescriptor>(self, d: D, linear: D::F32Vec) -> D::F32Vec {
        self.encode(d, linear)
    }
}

/// A power of light.
#[derive(Clone, Copy, Debug)]
pub(in crate::color) struct Power(pub(super) f32);

impl Curve for Power {
    #[inline(always)]
    fn encode<D: SimdDescriptor>(self, d: D, linear: D::F32Vec) -> D::F32Vec {
        power(d, linear, self.0)
    }

    /// Negative light has no power and becomes black, as in libjxl (`stage_from_linear.cc`).
    #[inline(always)]
    fn encode_signed<D: SimdDescriptor>(self, d: D, linear: D::F32Vec) -> D::F32Vec {
        self.encode(d, max(linear, D::F32Vec::splat(d, 0.0)))
    }
}

/// Perceptual quantization (ITU-R BT.2100, table 4: inverse EOTF).
#[derive(Clone, Copy, Debug)]
pub(in crate::color) struct Pq {
    /// Full scale in units of 10,000 nits.
    scale: f32,
}

const M1: f64 = 2610.0 / 16384.0;
const M2: f64 = 2523.0 / 4096.0 * 128.0;
const C1: f64 = 3424.0 / 4096.0;
const C3: f64 = 2392.0 / 4096.0 * 32.0;

impl Pq {
    pub(super) fn new(intensity_target: f32) -> Self {
        Self {
            scale: intensity_target / 10_000.0,
        }
    }
}

impl Curve for Pq {
    #[inline(always)]
    fn encode<D: SimdDescriptor>(self, d: D, linear: D::F32Vec) -> D::F32Vec {
        let splat = |value: f64| D::F32Vec::splat(d, value as f32);
        let one = splat(1.0);
        let y = power(d, linear * D::F32Vec::splat(d, self.scale), M1 as f32);
        // Since c1 is c3 - c2 + 1, (c1 + c2 y) / (1 + c3 y) is 1 - (1 - c1) (1 - y) / (1 + c3 y).
        // Raising the quotient itself to the power of 79 would make its rounding visible.
        let below_1 = splat(1.0 - C1) * (one - y) / (y * splat(C3) + one);
        exp2(d, log2_of_1_minus(d, below_1) * splat(M2))
    }
}

/// Hybrid log-gamma (ITU-R BT.2100, table 5: OETF).
#[derive(Clone, Copy, Debug)]
pub(in crate::color) struct Hlg;

const A: f64 = 0.178_832_77;
const B: f64 = 1.0 - 4.0 * A;
/// 0.5 - a ln(4 a).
const C: f64 = 0.559_910_729_529_562;

impl Curve for Hlg {
    #[inline(always)]
    fn encode<D: SimdDescriptor>(self, d: D, linear: D::F32Vec) -> D::F32Vec {
        let splat = |value: f64| D::F32Vec::splat(d, value as f32);
        let root = (linear * splat(3.0)).sqrt();
        let inside = linear * splat(12.0) + splat(-B);
        // Not below 1, where the root is taken: the logarithm is of positive numbers.
        let logarithm = log2(d, max(inside, splat(0.5)));
        let logarithm = logarithm * splat(A * std::f64::consts::LN_2) + splat(C);
        let is_logarithm = linear.gt(splat(1.0 / 12.0));
        is_logarithm.if_then_else_f32(logarithm, root)
    }
}
