use bytemuck::Pod;
use jxl_simd::{F32SimdVec, SimdDescriptor, U8SimdVec, U16SimdVec};

use crate::ByteOrder;
use crate::simd::{self, min, round_store_u8, round_store_u16};

/// An output sample in memory, in the machine's byte order.
pub(super) trait Sample: Pod {
    /// From the integer, or the bits of the float.
    fn from_bits(bits: u32) -> Self;

    /// The same sample in another byte order.
    fn with_order(self, order: ByteOrder) -> Self;

    /// A color divided by `alpha`. Integers are fractions of `max`, rounded, and at most `max`.
    fn divided(self, alpha: Self, max: u32) -> Self;

    /// A color multiplied by `alpha`. Integers are fractions of `max`, and rounded.
    fn multiplied(self, alpha: Self, max: u32) -> Self;

    /// Stores samples of full scale 1.0 as samples of full scale `max`, which floats ignore.
    /// Integers are clamped and rounded.
    fn store<D: SimdDescriptor>(d: D, values: D::F32Vec, max: D::F32Vec, out: &mut [Self]);

    /// As [`store`](Self::store), for samples between 0 and 1, or outside by less than rounding to
    /// 16 bits removes.
    fn store_unit<D: SimdDescriptor>(d: D, values: D::F32Vec, max: D::F32Vec, out: &mut [Self]);

    /// Interleaves as many whole vectors of the two to four planes as fit, and returns the number
    /// of pixels written. There are as many `pixels` as each plane has samples.
    fn interleave<D: SimdDescriptor>(d: D, planes: &[&[Self]], pixels: &mut [Self]) -> usize;
}

/// Clamps to 0 to 1 and scales.
#[inline(always)]
fn scaled<D: SimdDescriptor>(d: D, values: D::F32Vec, max: D::F32Vec) -> D::F32Vec {
    // Not-a-number becomes 0.
    let zero = D::F32Vec::zero(d);
    min(simd::max(values, zero), D::F32Vec::splat(d, 1.0)) * max
}

/// Interleaves with the stores of a type of vectors.
macro_rules! interleave_vectors {
    ($vector:ident, $d:ident, $planes:ident, $pixels:ident, $load:expr) => {{
        let lanes = D::$vector::LEN;
        let count = $planes.len();
        let vectors = $pixels.len() / (count * lanes);
        let load = $load;
        for (i, out) in $pixels.chunks_exact_mut(count * lanes).enumerate() {
            let at = i * lanes;
            match *$planes {
                [a, b] => {
                    D::$vector::store_interleaved_2(load(&a[at..]), load(&b[at..]), out);
                }
                [a, b, c] => {
                    let (a, b, c) = (load(&a[at..]), load(&b[at..]), load(&c[at..]));
                    D::$vector::store_interleaved_3(a, b, c, out);
                }
                [a, b, c, e] => {
                    let (a, b) = (load(&a[at..]), load(&b[at..]));
                    let (c, e) = (load(&c[at..]), load(&e[at..]));
                    D::$vector::store_interleaved_4(a, b, c, e, out);
                }
                _ => return 0,
            }
        }
        vectors * lanes
    }};
}

impl Sample for u8 {
    fn from_bits(bits: u32) -> Self {
        bits as u8
    }

    fn with_order(self, _: ByteOrder) -> Self {
        self
    }

    fn divided(self, alpha: Self, max: u32) -> Self {
        divided(self.into(), alpha.into(), max) as Self
    }

    fn multiplied(self, alpha: Self, max: u32) -> Self {
        multiplied(self.into(), alpha.into(), max) as Self
    }

    #[inline(always)]
    fn store<D: SimdDescriptor>(d: D, values: D::F32Vec, max: D::F32Vec, out: &mut [Self]) {
        round_store_u8(d, scaled(d, values, max), out);
    }

    #[inline(always)]
    fn store_unit<D: SimdDescriptor>(d: D, values: D::F32Vec, max: D::F32Vec, out: &mut [Self]) {
        round_store_u8(d, values * max, out);
    }

    #[inline(always)]
    fn interleave<D: SimdDescriptor>(d: D, planes: &[&[Self]], pixels: &mut [Self]) -> usize {
        interleave_vectors!(U8Vec, d, planes, pixels, |plane| D::U8Vec::load(d, plane))
    }
}

impl Sample for u16 {
    fn from_bits(bits: u32) -> Self {
        bits as u16
    }

    fn with_order(self, order: ByteOrder) -> Self {
        match order {
            ByteOrder::Big => self.to_be(),
            ByteOrder::Little => self.to_le(),
        }
    }

    fn divided(self, alpha: Self, max: u32) -> Self {
        divided(self.into(), alpha.into(), max) as Self
    }

    fn multiplied(self, alpha: Self, max: u32) -> Self {
        multiplied(self.into(), alpha.into(), max) as Self
    }

    #[inline(always)]
    fn store<D: SimdDescriptor>(d: D, values: D::F32Vec, max: D::F32Vec, out: &mut [Self]) {
        round_store_u16(d, scaled(d, values, max), out);
    }

    #[inline(always)]
    fn store_unit<D: SimdDescriptor>(d: D, values: D::F32Vec, max: D::F32Vec, out: &mut [Self]) {
        round_store_u16(d, values * max, out);
    }

    #[inline(always)]
    fn interleave<D: SimdDescriptor>(d: D, planes: &[&[Self]], pixels: &mut [Self]) -> usize {
        interleave_vectors!(U16Vec, d, planes, pixels, |plane| D::U16Vec::load(d, plane))
    }
}

impl Sample for f32 {
    fn from_bits(bits: u32) -> Self {
        f32::from_bits(bits)
    }

    fn with_order(self, order: ByteOrder) -> Self {
        let bits = match order {
            ByteOrder::Big => self.to_bits().to_be(),
            ByteOrder::Little => self.to_bits().to_le(),
        };
        f32::from_bits(bits)
    }

    fn divided(self, alpha: Self, _: u32) -> Self {
        match alpha {
            0.0 => self,
            _ => self / alpha,
        }
    }

    fn multiplied(self, alpha: Self, _: u32) -> Self {
        self * alpha
    }

    #[inline(always)]
    fn store<D: SimdDescriptor>(_: D, values: D::F32Vec, _: D::F32Vec, out: &mut [Self]) {
        values.store(out);
    }

    #[inline(always)]
    fn store_unit<D: SimdDescriptor>(_: D, values: D::F32Vec, _: D::F32Vec, out: &mut [Self]) {
        values.store(out);
    }

    #[inline(always)]
    fn interleave<D: SimdDescriptor>(d: D, planes: &[&[Self]], pixels: &mut [Self]) -> usize {
        interleave_vectors!(F32Vec, d, planes, pixels, |plane| D::F32Vec::load(d, plane))
    }
}

/// `color` divided by `alpha`, both as fractions of `max`, rounded to nearest.
fn divided(color: u32, alpha: u32, max: u32) -> u32 {
    if alpha == 0 {
        return color;
    }
    // The quotient fits in 32 bits, because all inputs have 16.
    let straight = (u64::from(color) * u64::from(max) + u64::from(alpha / 2)) / u64::from(alpha);
    straight.min(max.into()) as u32
}

/// `color` multiplied by `alpha`, both as fractions of `max`, rounded to nearest.
fn multiplied(color: u32, alpha: u32, max: u32) -> u32 {
    ((u64::from(color) * u64::from(alpha) + u64::from(max / 2)) / u64::from(max)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_those_before_they_were_multiplied() {
        for (color, alpha, straight) in [
            (50, 100, 128),
            (25, 100, 64),
            (7, 255, 7),
            (3, 0, 3),
            (90, 30, 255),
            (1, 30, 9),
        ] {
            assert_eq!(divided(color, alpha, 255), straight);
        }
        assert_eq!(divided(50, 100, 127), 64);
        assert_eq!(divided(0x1000, 0x4000, 0xFFFF), 0x4000);
    }

    #[test]
    fn products_are_rounded_and_divide_back() {
        assert_eq!(multiplied(128, 100, 255), 50);
        assert_eq!(multiplied(255, 37, 255), 37);
        assert_eq!(multiplied(0xFFFF, 0xFFFF, 0xFFFF), 0xFFFF);
        for max in [15, 255, 65535] {
            for alpha in (0..=max).step_by(1 + max as usize / 50) {
                for color in (0..=max).step_by(1 + max as usize / 50) {
                    let exact = f64::from(color) * f64::from(alpha) / f64::from(max);
                    let product = multiplied(color, alpha, max);
                    assert!((f64::from(product) - exact).abs() <= 0.5);
                    let back = divided(product, alpha, max);
                    let steps = f64::from(max) / f64::from(alpha.max(1));
                    assert!(alpha == 0 || f64::from(back.abs_diff(color)) <= steps / 2.0 + 0.5);
                }
            }
        }
    }
}
