//! Inverse cosine transforms of vectors, separately in each lane (ISO/IEC 18181-1, I.2.1).
//!
//! A transform of length n consists of two transforms of length n / 2: one of the even frequencies,
//! one of the sums of neighboring odd frequencies. Entry i of the second result is multiplied by
//! `1 / (2 cos((i + 1/2) pi / n))`. For i below n / 2, sample i is the sum of both entries i. Their
//! difference is sample `n - 1 - i`. Lengths up to 16 are straight code. Longer ones are halved in
//! memory.

use std::f32::consts::SQRT_2;

use jxl_simd::{F32SimdVec, SimdDescriptor};

use super::cosines::{COSINES, SECANTS};

/// A vector in memory.
pub(super) type Array<D> = <<D as SimdDescriptor>::F32Vec as F32SimdVec>::UnderlyingArray;

/// Samples `i` and `n - 1 - i`, where `secant` is entry `n / 2 + i` of [`SECANTS`].
#[inline(always)]
fn combine<D: SimdDescriptor>(
    d: D,
    even: D::F32Vec,
    odd: D::F32Vec,
    secant: usize,
) -> (D::F32Vec, D::F32Vec) {
    let secant = D::F32Vec::splat(d, SECANTS[secant]);
    (odd * secant + even, even - odd * secant)
}

#[inline(always)]
pub(super) fn idct4<D: SimdDescriptor>(d: D, [a, b, c, e]: [D::F32Vec; 4]) -> [D::F32Vec; 4] {
    let (even_0, even_1) = (a + c, a - c);
    let (first, second) = (b * D::F32Vec::splat(d, SQRT_2), b + e);
    let (s0, s3) = combine(d, even_0, first + second, 2);
    let (s1, s2) = combine(d, even_1, first - second, 3);
    [s0, s1, s2, s3]
}

#[inline(always)]
pub(super) fn idct8<D: SimdDescriptor>(d: D, v: [D::F32Vec; 8]) -> [D::F32Vec; 8] {
    let first = v[1] * D::F32Vec::splat(d, SQRT_2);
    let even = idct4(d, [v[0], v[2], v[4], v[6]]);
    let odd = idct4(d, [first, v[1] + v[3], v[3] + v[5], v[5] + v[7]]);
    let (s0, s7) = combine(d, even[0], odd[0], 4);
    let (s1, s6) = combine(d, even[1], odd[1], 5);
    let (s2, s5) = combine(d, even[2], odd[2], 6);
    let (s3, s4) = combine(d, even[3], odd[3], 7);
    [s0, s1, s2, s3, s4, s5, s6, s7]
}

#[inline(always)]
pub(super) fn idct16<D: SimdDescriptor>(d: D, v: [D::F32Vec; 16]) -> [D::F32Vec; 16] {
    let first = v[1] * D::F32Vec::splat(d, SQRT_2);
    let odd = [
        first,
        v[1] + v[3],
        v[3] + v[5],
        v[5] + v[7],
        v[7] + v[9],
        v[9] + v[11],
        v[11] + v[13],
        v[13] + v[15],
    ];
    let odd = idct8(d, odd);
    let even = idct8(d, [v[0], v[2], v[4], v[6], v[8], v[10], v[12], v[14]]);
    let mut samples = [D::F32Vec::zero(d); 16];
    for (i, (even, odd)) in even.into_iter().zip(odd).enumerate() {
        (samples[i], samples[15 - i]) = combine(d, even, odd, 8 + i);
    }
    samples
}

#[inline(always)]
fn idct32<D: SimdDescriptor>(d: D, v: &mut [D::F32Vec; 32]) {
    let mut even = [D::F32Vec::zero(d); 16];
    let mut odd = [v[1] * D::F32Vec::splat(d, SQRT_2); 16];
    for (i, (even, odd)) in even.iter_mut().zip(&mut odd).enumerate() {
        *even = v[2 * i];
        if i > 0 {
            *odd = v[2 * i - 1] + v[2 * i + 1];
        }
    }
    idct16_in_memory(d, &mut even);
    idct16_in_memory(d, &mut odd);
    for (i, (even, odd)) in even.into_iter().zip(odd).enumerate() {
        (v[i], v[31 - i]) = combine(d, even, odd, 16 + i);
    }
}

/// A separate function, because it is called twice.
fn idct16_in_memory<D: SimdDescriptor>(d: D, v: &mut [D::F32Vec; 16]) {
    d.call(
        #[inline(always)]
        |d| *v = idct16(d, *v),
    );
}

/// The transform of the array's length: 8, 16 or 32.
#[inline(always)]
pub(super) fn idct_short<D: SimdDescriptor, const LEN: usize>(d: D, v: &mut [D::F32Vec; LEN]) {
    if let Some(v) = v.as_mut_slice().first_chunk_mut::<32>() {
        idct32(d, v);
    } else if let Some(v) = v.as_mut_slice().first_chunk_mut::<16>() {
        *v = idct16(d, *v);
    } else if let Some(v) = v.as_mut_slice().first_chunk_mut::<8>() {
        *v = idct8(d, *v);
    }
}

/// The transform of any power of two from 8 on. `spare` is as long as `values`; its contents are
/// arbitrary afterwards.
pub(super) fn idct<D: SimdDescriptor>(d: D, values: &mut [Array<D>], spare: &mut [Array<D>]) {
    d.call(
        #[inline(always)]
        |d| {
            if let Ok(values) = <&mut [_; 16]>::try_from(&mut *values) {
                in_registers::<D, 16>(d, values);
            } else if let Ok(values) = <&mut [_; 8]>::try_from(&mut *values) {
                in_registers::<D, 8>(d, values);
            } else {
                by_halves(d, values, spare);
            }
        },
    );
}

#[inline(always)]
fn in_registers<D: SimdDescriptor, const LEN: usize>(d: D, values: &mut [Array<D>; LEN]) {
    let mut v = [D::F32Vec::zero(d); LEN];
    for (v, value) in v.iter_mut().zip(&*values) {
        *v = D::F32Vec::load_array(d, value);
    }
    idct_short(d, &mut v);
    for (v, value) in v.iter().zip(values) {
        v.store_array(value);
    }
}

#[inline(always)]
fn by_halves<D: SimdDescriptor>(d: D, values: &mut [Array<D>], spare: &mut [Array<D>]) {
    let half = values.len() / 2;
    let (even, odd) = spare.split_at_mut(half);
    let mut before = D::F32Vec::zero(d);
    let halves = even.iter_mut().zip(odd.iter_mut());
    for (pair, (even, odd)) in values.as_chunks::<2>().0.iter().zip(halves) {
        *even = pair[0];
        let value = D::F32Vec::load_array(d, &pair[1]);
        (before + value).store_array(odd);
        before = value;
    }
    if let (Some(first), Some(odd)) = (values.get(1), odd.first_mut()) {
        let first = D::F32Vec::load_array(d, first);
        (first * D::F32Vec::splat(d, SQRT_2)).store_array(odd);
    }
    let (values_even, values_odd) = values.split_at_mut(half);
    idct(d, even, values_even);
    idct(d, odd, values_odd);
    let samples = values_even.iter_mut().zip(values_odd.iter_mut().rev());
    let halves = even.iter().zip(&*odd);
    for (((even, odd), secant), (left, right)) in halves.zip(&SECANTS[half..]).zip(samples) {
        let even = D::F32Vec::load_array(d, even);
        let odd = D::F32Vec::load_array(d, odd);
        let secant = D::F32Vec::splat(d, *secant);
        (odd * secant + even).store_array(left);
        (even - odd * secant).store_array(right);
    }
}

/// The transform of the two lowest frequencies, where the others are zero. Passes samples `i` and
/// `len - 1 - i` with their indices to `put`.
#[inline(always)]
pub(super) fn idct_of_two<D: SimdDescriptor>(
    d: D,
    [lowest, second]: [D::F32Vec; 2],
    len: usize,
    mut put: impl FnMut(usize, D::F32Vec),
) {
    for (i, &cosine) in COSINES[len / 2..len].iter().enumerate() {
        let cosine = D::F32Vec::splat(d, cosine);
        put(i, second * cosine + lowest);
        put(len - 1 - i, lowest - second * cosine);
    }
}
