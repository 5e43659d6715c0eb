use jxl_simd::{F32SimdVec, I32SimdVec, SimdDescriptor};

use super::generator::{BATCH, Generator};
use crate::render::vectors::{Lanes, load, splat, vectors, vectors_mut, vectors_of_3};
use crate::simd::{max, min, simd_function};

simd_function!(
    skip,
    d: D,
    /// Skips a number of batches.
    pub(super) fn skip_simd(generator: &mut Generator, batches: usize) {
        let _ = d;
        let mut state = *generator;
        for _ in 0..batches {
            state.step();
        }
        *generator = state;
    }
);

simd_function!(
    fill,
    d: D,
    /// Makes a number of batches, and writes their samples from `first` on to `out`.
    pub(super) fn fill_simd(
        generator: &mut Generator,
        batches: usize,
        first: usize,
        out: &mut [f32],
    ) {
        // A copy, which stays in registers.
        let mut state = *generator;
        let before = first / BATCH;
        for _ in 0..before {
            state.step();
        }
        // The samples that complete a batch, whole batches, and the start of one.
        let within = first % BATCH;
        let completing = (BATCH - within) % BATCH;
        let (start, rest) = out.split_at_mut(completing.min(out.len()));
        let (whole, end) = rest.as_chunks_mut::<BATCH>();
        let mut made = before + whole.len();
        let mut samples = [0.0; BATCH];
        if !start.is_empty() {
            state.next(d, &mut samples);
            start.copy_from_slice(&samples[within..within + start.len()]);
            made += 1;
        }
        for samples in whole {
            state.next(d, samples);
        }
        if !end.is_empty() {
            state.next(d, &mut samples);
            end.copy_from_slice(&samples[..end.len()]);
            made += 1;
        }
        for _ in made..batches {
            state.step();
        }
        *generator = state;
    }
);

simd_function!(
    sums_of_5,
    d: D,
    /// Sums of five samples in a row. `row` is two samples longer on both sides than `out`, which
    /// is whole vectors.
    pub(super) fn sums_of_5_simd(row: &[f32], out: &mut [f32]) {
        let len = out.len();
        let taps = [
            vectors::<D>(row, 0, len),
            vectors::<D>(row, 1, len),
            vectors::<D>(row, 2, len),
            vectors::<D>(row, 3, len),
            vectors::<D>(row, 4, len),
        ];
        for (i, out) in vectors_mut::<D>(out).iter_mut().enumerate() {
            sum::<D>(d, &taps, i).store_array(out);
        }
    }
);

simd_function!(
    high_pass,
    d: D,
    /// 0.16 times the sum of the 25 samples around each place (`sums` has those of five rows),
    /// minus 4 times its own sample. All rows have one length, in whole vectors.
    pub(super) fn high_pass_simd(sums: [&[f32]; 5], center: &[f32], out: &mut [f32]) {
        let len = out.len();
        let [a, b, c, e, f] = sums;
        let sums = [
            vectors::<D>(a, 0, len),
            vectors::<D>(b, 0, len),
            vectors::<D>(c, 0, len),
            vectors::<D>(e, 0, len),
            vectors::<D>(f, 0, len),
        ];
        let center = vectors::<D>(center, 0, len);
        let around_weight = splat(d, 0.16);
        let center_weight = splat(d, -4.0);
        for (i, out) in vectors_mut::<D>(out).iter_mut().enumerate() {
            let center = load(d, center, i) * center_weight;
            (sum::<D>(d, &sums, i) * around_weight + center).store_array(out);
        }
    }
);

#[inline(always)]
fn sum<D: SimdDescriptor>(d: D, rows: &[&[Lanes<D>]; 5], i: usize) -> D::F32Vec {
    let sum = load(d, rows[0], i) + load(d, rows[1], i) + load(d, rows[2], i);
    sum + load(d, rows[3], i) + load(d, rows[4], i)
}

simd_function!(
    add,
    d: D,
    /// Adds noise to X, Y and B. All rows have one length, in whole vectors.
    pub(super) fn add_simd(
        strength: &[f32; 8],
        correlation: [f32; 2],
        noise: [&[f32]; 3],
        rows: &mut [&mut [f32]; 3],
    ) {
        let len = noise[0].len();
        let noise = vectors_of_3::<D>(noise, len);
        let [x, y, b] = rows;
        let x = vectors_mut::<D>(&mut x[..len]);
        let y = vectors_mut::<D>(&mut y[..len]);
        let b = vectors_mut::<D>(&mut b[..len]);
        let strength = Strength::new(d, strength);
        let (to_x, to_b) = (splat(d, correlation[0]), splat(d, correlation[1]));
        // 0.22 of the noise, a part of 1/128 of each its own and the rest in common.
        let (own, common) = (splat(d, 0.22 / 128.0), splat(d, 0.22 * 127.0 / 128.0));
        for i in 0..noise[0].len() {
            let (old_x, old_y) = (load(d, x, i), load(d, y, i));
            let old_b = load(d, b, i);
            let (red, green) = (load(d, noise[0], i), load(d, noise[1], i));
            let both = load(d, noise[2], i) * common;
            let red = strength.at(old_y + old_x) * (red * own + both);
            let green = strength.at(old_y - old_x) * (green * own + both);
            let sum = red + green;
            (old_x + (sum * to_x + (red - green))).store_array(&mut x[i]);
            (old_y + sum).store_array(&mut y[i]);
            (sum * to_b + old_b).store_array(&mut b[i]);
        }
    }
);

/// The strengths at intensities from 0 to 7 sixths, and the rises from each to the next. Tables
/// have 8 bits of a number, so each list has two: strengths are multiples of 1/1024 up to 1.
struct Strength<D: SimdDescriptor> {
    d: D,
    values: [D::Bf16Table8; 2],
    rises: [D::Bf16Table8; 2],
}

impl<D: SimdDescriptor> Strength<D> {
    #[inline(always)]
    fn new(d: D, strength: &[f32; 8]) -> Self {
        let mut rises = [0.0; 8];
        for (rise, pair) in rises.iter_mut().zip(strength.windows(2)) {
            *rise = pair[1] - pair[0];
        }
        Self {
            d,
            values: Self::tables(d, strength),
            rises: Self::tables(d, &rises),
        }
    }

    /// Tables of the upper bits, and of the lower ones.
    #[inline(always)]
    fn tables(d: D, numbers: &[f32; 8]) -> [D::Bf16Table8; 2] {
        let (mut upper, mut lower) = ([0.0; 8], [0.0; 8]);
        for (i, &number) in numbers.iter().enumerate() {
            upper[i] = f32::from_bits(number.to_bits() & 0xFFFF_0000);
            lower[i] = number - upper[i];
        }
        [
            D::F32Vec::prepare_table_bf16_8(d, &upper),
            D::F32Vec::prepare_table_bf16_8(d, &lower),
        ]
    }

    /// Entries of a list.
    #[inline(always)]
    #[expect(clippy::disallowed_methods, reason = "both tables are exact")]
    fn entries(&self, tables: [D::Bf16Table8; 2], index: D::I32Vec) -> D::F32Vec {
        let upper = D::F32Vec::table_lookup_bf16_8(self.d, tables[0], index);
        upper + D::F32Vec::table_lookup_bf16_8(self.d, tables[1], index)
    }

    /// The strength at half the intensity `twice`: linear between the sixths, constant outside of 0
    /// to 7 sixths.
    #[inline(always)]
    fn at(&self, twice: D::F32Vec) -> D::F32Vec {
        let d = self.d;
        let place = min(
            max(twice * splat(d, 3.0), D::F32Vec::zero(d)),
            splat(d, 7.0),
        );
        let index = place.as_i32();
        let rise = self.entries(self.rises, index);
        (place - index.as_f32()) * rise + self.entries(self.values, index)
    }
}
