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
