use jxl_simd::{F32SimdVec, SimdDescriptor};

use super::kernel::{EVEN, Kernel};
use crate::render::vectors::{Lanes, load, vectors, vectors_mut};
use crate::simd::{max, min, simd_function};

simd_function!(
    column_ranges,
    d: D,
    /// Lowest and highest of five samples. All rows have one length, in whole vectors.
    pub(super) fn column_ranges_simd(rows: [&[f32]; 5], low: &mut [f32], high: &mut [f32]) {
        let len = low.len();
        let [a, b, c, e, f] = rows;
        let rows = [
            vectors::<D>(a, 0, len),
            vectors::<D>(b, 0, len),
            vectors::<D>(c, 0, len),
            vectors::<D>(e, 0, len),
            vectors::<D>(f, 0, len),
        ];
        let low = vectors_mut::<D>(low);
        let high = vectors_mut::<D>(&mut high[..len]);
        for i in 0..low.len() {
            let first = D::F32Vec::load_array(d, &rows[0][i]);
            let (mut lowest, mut highest) = (first, first);
            for row in &rows[1..] {
                let sample = D::F32Vec::load_array(d, &row[i]);
                lowest = min(lowest, sample);
                highest = max(highest, sample);
            }
            lowest.store_array(&mut low[i]);
            highest.store_array(&mut high[i]);
        }
    }
);

simd_function!(
    upsample_2,
    d: D,
    /// `input` and `range` have two more samples on both sides than are upsampled, and `out` has
    /// twice as many. The upsampled samples are whole vectors.
    pub(super) fn upsample_2_simd(
        kernels: &[Kernel],
        input: [&[f32]; 5],
        range: [&[f32]; 2],
        out: [&mut [f32]; 2],
    ) {
        upsample::<D, 2>(d, kernels, input, range, out);
    }
);

simd_function!(
    upsample_4,
    d: D,
    /// As [`upsample_2`], by 4.
    pub(super) fn upsample_4_simd(
        kernels: &[Kernel],
        input: [&[f32]; 5],
        range: [&[f32]; 2],
        out: [&mut [f32]; 4],
    ) {
        upsample::<D, 4>(d, kernels, input, range, out);
    }
);

simd_function!(
    upsample_8,
    d: D,
    /// As [`upsample_2`], by 8.
    pub(super) fn upsample_8_simd(
        kernels: &[Kernel],
        input: [&[f32]; 5],
        range: [&[f32]; 2],
        out: [&mut [f32]; 8],
    ) {
        upsample::<D, 8>(d, kernels, input, range, out);
    }
);

#[inline(always)]
fn upsample<D: SimdDescriptor, const K: usize>(
    d: D,
    kernels: &[Kernel],
    input: [&[f32]; 5],
    range: [&[f32]; 2],
    out: [&mut [f32]; K],
) {
    let len = out[0].len() / K;
    let [a, b, c, e, f] = input;
    let input = [
        taps::<D>(a, len),
        taps::<D>(b, len),
        taps::<D>(c, len),
        taps::<D>(e, len),
        taps::<D>(f, len),
    ];
    let (lows, highs) = (taps::<D>(range[0], len), taps::<D>(range[1], len));
    for i in 0..len / D::F32Vec::LEN {
        let (mut low, mut high) = (load(d, lows[0], i), load(d, highs[0], i));
        for x in 1..5 {
            low = min(low, load(d, lows[x], i));
            high = max(high, load(d, highs[x], i));
        }
        let columns = combinations::<D>(d, &input, i);
        for (y, kernels) in kernels.chunks_exact(K / 2).enumerate() {
            let mut upper = [low; K];
            let mut lower = [low; K];
            for (x, kernel) in kernels.iter().enumerate() {
                let [ee, eo, oe, oo] = parts::<D>(d, kernel, &columns);
                let (even, odd) = (ee + oe, eo + oo);
                upper[x] = min(max(even + odd, low), high);
                upper[K - 1 - x] = min(max(even - odd, low), high);
                let (even, odd) = (ee - oe, eo - oo);
                lower[x] = min(max(even + odd, low), high);
                lower[K - 1 - x] = min(max(even - odd, low), high);
            }
            let to = i * D::F32Vec::LEN * K;
            interleave::<D, K>(upper, &mut out[y][to..]);
            interleave::<D, K>(lower, &mut out[K - 1 - y][to..]);
        }
    }
}

/// `len` samples from each of the first five places.
#[inline(always)]
fn taps<D: SimdDescriptor>(row: &[f32], len: usize) -> [&[Lanes<D>]; 5] {
    [
        vectors::<D>(row, 0, len),
        vectors::<D>(row, 1, len),
        vectors::<D>(row, 2, len),
        vectors::<D>(row, 3, len),
        vectors::<D>(row, 4, len),
    ]
}

/// The vertical combinations of horizontal ones; the first index is the horizontal one.
#[inline(always)]
fn combinations<D: SimdDescriptor>(
    d: D,
    input: &[[&[Lanes<D>]; 5]; 5],
    i: usize,
) -> [[D::F32Vec; 5]; 5] {
    let mut rows = [[D::F32Vec::zero(d); 5]; 5];
    for y in 0..5 {
        let [a, b, c, e, f] = input[y];
        rows[y] = combine::<D>([
            load(d, a, i),
            load(d, b, i),
            load(d, c, i),
            load(d, e, i),
            load(d, f, i),
        ]);
    }
    let mut columns = rows;
    for x in 0..5 {
        columns[x] = combine::<D>([rows[0][x], rows[1][x], rows[2][x], rows[3][x], rows[4][x]]);
    }
    columns
}

/// The combinations of five samples in the order of [`Kernel`].
#[inline(always)]
fn combine<D: SimdDescriptor>([a, b, c, d, e]: [D::F32Vec; 5]) -> [D::F32Vec; 5] {
    [a + e, b + d, c, a - e, b - d]
}

/// The weighted sum of the combinations `columns[x][y]` in four parts: those that keep their sign
/// when mirrored, change it when mirrored horizontally, vertically, or in either way.
#[inline(always)]
fn parts<D: SimdDescriptor>(
    d: D,
    kernel: &Kernel,
    columns: &[[D::F32Vec; 5]; 5],
) -> [D::F32Vec; 4] {
    let mut parts = [D::F32Vec::zero(d); 4];
    for y in 0..5 {
        for x in 0..5 {
            let part = usize::from(x >= EVEN) + 2 * usize::from(y >= EVEN);
            let weight = D::F32Vec::splat(d, kernel[y][x]);
            parts[part] = columns[x][y] * weight + parts[part];
        }
    }
    parts
}

#[inline(always)]
fn interleave<D: SimdDescriptor, const K: usize>(samples: [D::F32Vec; K], out: &mut [f32]) {
    match samples[..] {
        [a, b] => D::F32Vec::store_interleaved_2(a, b, out),
        [a, b, c, d] => D::F32Vec::store_interleaved_4(a, b, c, d, out),
        [a, b, c, d, e, f, g, h] => {
            D::F32Vec::store_interleaved_8(a, b, c, d, e, f, g, h, out);
        }
        _ => {}
    }
}
