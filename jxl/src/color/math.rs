//! Vectorized logarithms and powers of floats, within 3e-7 of full scale.

use std::f32::consts::{LN_2, LOG2_E};

use jxl_simd::{F32SimdVec, I32SimdVec, SimdDescriptor, SimdMask};

use crate::simd::{max, min};

/// The square root of 1/2 as bits of a float.
const SQRT_HALF_BITS: i32 = 0x3F35_04F3;
/// Taylor coefficients of 2^x: ln(2)^n / n! from n = 7 down to 1.
const EXP2: [f32; 7] = [
    1.525_273_4e-5,
    1.540_353e-4,
    1.333_355_8e-3,
    9.618_129e-3,
    5.550_411e-2,
    2.402_265e-1,
    LN_2,
];

/// `atanh(s) / s` up to the ninth power of s.
#[inline(always)]
fn atanh_quotient<D: SimdDescriptor>(d: D, s: D::F32Vec) -> D::F32Vec {
    let splat = |value| D::F32Vec::splat(d, value);
    let square = s * s;
    let sum = square * splat(1.0 / 9.0) + splat(1.0 / 7.0);
    let sum = square * sum + splat(1.0 / 5.0);
    let sum = square * sum + splat(1.0 / 3.0);
    square * sum + splat(1.0)
}

/// The binary logarithm of `x`, which is at least 0. That of 0 is about -126.
#[inline(always)]
pub(super) fn log2<D: SimdDescriptor>(d: D, x: D::F32Vec) -> D::F32Vec {
    let one = D::F32Vec::splat(d, 1.0);
    let bits = x.bitcast_to_i32();
    // x is mantissa * 2^exponent with the mantissa's logarithm between -1/2 and 1/2.
    let exponent = (bits - D::I32Vec::splat(d, SQRT_HALF_BITS)).shr::<23, 23>();
    let mantissa = (bits - exponent.shl::<23, 23>()).bitcast_to_f32();
    // ln(m) = 2 atanh((m - 1) / (m + 1)).
    let s = (mantissa - one) / (mantissa + one);
    let fraction = s * atanh_quotient(d, s);
    fraction * D::F32Vec::splat(d, 2.0 * LOG2_E) + exponent.as_f32()
}

/// The binary logarithm of `1 - x`, with a relative error of a few parts in 10 million for `x`
/// between -0.1 and 0.2.
#[inline(always)]
pub(super) fn log2_of_1_minus<D: SimdDescriptor>(d: D, x: D::F32Vec) -> D::F32Vec {
    // ln(1 - x) = -2 atanh(x / (2 - x)).
    let s = x / (D::F32Vec::splat(d, 2.0) - x);
    s * atanh_quotient(d, s) * D::F32Vec::splat(d, -2.0 * LOG2_E)
}

/// 2^x for `x` up to 127; `x` below -126 counts as -126.
#[inline(always)]
pub(super) fn exp2<D: SimdDescriptor>(d: D, x: D::F32Vec) -> D::F32Vec {
    let splat = |value| D::F32Vec::splat(d, value);
    let x = min(max(x, splat(-126.0)), splat(127.0));
    let whole = (x + splat(0.5)).floor();
    let fraction = x - whole;
    let [c7, c6, c5, c4, c3, c2, c1] = EXP2;
    let sum = fraction * splat(c7) + splat(c6);
    let sum = fraction * sum + splat(c5);
    let sum = fraction * sum + splat(c4);
    let sum = fraction * sum + splat(c3);
    let sum = fraction * sum + splat(c2);
    let sum = fraction * sum + splat(c1);
    let sum = fraction * sum + splat(1.0);
    let exponent = whole.as_i32() + D::I32Vec::splat(d, 127);
    sum * exponent.shl::<23, 23>().bitcast_to_f32()
}

/// A power of `x`, which is at least 0. That of 0 is 0.
#[inline(always)]
pub(super) fn power<D: SimdDescriptor>(d: D, x: D::F32Vec, exponent: f32) -> D::F32Vec {
    let zero = D::F32Vec::splat(d, 0.0);
    let power = exp2(d, log2(d, x) * D::F32Vec::splat(d, exponent));
    x.gt(zero).if_then_else_f32(power, zero)
}
