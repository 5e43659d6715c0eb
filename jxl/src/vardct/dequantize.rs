use bytemuck::{cast_slice, cast_slice_mut};
use frame_arena::{PlaneView, PlaneViewMut, Scratch, SliceSpec, Spec};
use jxl_simd::{F32SimdVec, I32SimdVec, SimdDescriptor, SimdMask};
use jxl_transforms::transform::transform_to_pixels_impl;
use jxl_transforms::transform_map::{HfTransformType, covered_blocks_x, covered_blocks_y};

use super::bias::ChannelBias;
use super::geometry::BLOCK_DIM;
use crate::Error;
use crate::grid::Pos;
use crate::simd::Kernel;

/// Blocks of the largest varblock that is decoded in a workspace.
pub(super) const MAX_BLOCKS: usize = 64;
const MAX_COEFFICIENTS: usize = MAX_BLOCKS * BLOCK_DIM * BLOCK_DIM;

/// Working memory for varblocks of up to [`MAX_BLOCKS`] blocks.
pub(super) struct Workspace<'s> {
    /// Quantized coefficients, then their values in the same place. All zero between varblocks.
    pub(super) coefficients: &'s mut [[i32; MAX_COEFFICIENTS]; 3],
    lf: &'s mut [f32],
}

impl<'s> Workspace<'s> {
    /// Samples of its one slice.
    pub(super) const SAMPLES: usize = 3 * MAX_COEFFICIENTS + MAX_BLOCKS;

    /// Coefficients of three channels, and their lowest frequencies.
    pub(super) fn spec() -> SliceSpec<i32> {
        SliceSpec::zeros(Self::SAMPLES)
    }

    pub(super) fn new(scratch: &'s Scratch<'_>) -> Result<Self, Error> {
        let samples = Self::spec().open(scratch)?;
        let (coefficients, lf) = samples.split_at_mut(3 * MAX_COEFFICIENTS);
        let coefficients = coefficients.as_chunks_mut().0.try_into();
        Ok(Self {
            coefficients: coefficients.expect("three channels"),
            lf: cast_slice_mut(lf),
        })
    }

    /// All of it lent to `work`, which may leave anything there.
    pub(super) fn lend(&mut self, work: impl FnOnce(&mut [f32])) {
        let coefficients = self.coefficients.as_flattened_mut();
        work(cast_slice_mut(coefficients));
        coefficients.fill(0);
    }
}

/// Makes samples of a varblock whose coefficients are in a workspace.
pub(super) struct Reconstruct<'a, 's, 'p> {
    pub(super) workspace: &'a mut Workspace<'s>,
    pub(super) transform: HfTransformType,
    /// Channels that have this varblock.
    pub(super) is_coded: [bool; 3],
    /// Channels with coefficients that are not zero.
    pub(super) has_coefficients: [bool; 3],
    /// Table and scale of each channel's coefficients.
    pub(super) factors: [&'a [f32]; 3],
    pub(super) scales: [f32; 3],
    pub(super) biases: &'a [ChannelBias; 3],
    /// The workspace has values already, except what Y adds to X and B.
    pub(super) has_values: bool,
    /// What Y is multiplied with to be added to X and B.
    pub(super) from_y: [f32; 2],
    pub(super) lf: &'a [PlaneView<'a, f32>; 3],
    /// The varblock's place in the LF image of each channel.
    pub(super) lf_place: [Pos; 3],
    pub(super) out: &'a mut [PlaneViewMut<'p, f32>; 3],
    /// Its place in the samples of each channel.
    pub(super) out_place: [Pos; 3],
}

impl Kernel for Reconstruct<'_, '_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(mut self, d: D) {
        let columns = covered_blocks_x(self.transform) as usize;
        let rows = covered_blocks_y(self.transform) as usize;
        let has_values = self.dequantize(d, columns * rows);
        for (channel, has_values) in has_values.into_iter().enumerate() {
            if !self.is_coded[channel] {
                continue;
            }
            let Pos { x: lf_x, y: lf_y } = self.lf_place[channel];
            if !has_values && columns * rows == 1 {
                let sample = self.lf[channel].row(lf_y)[lf_x];
                self.fill_block(channel, sample);
                continue;
            }
            let lf = &mut self.workspace.lf[..columns * rows];
            let image = &self.lf[channel];
            // Most varblocks are narrow; their rows are copied as arrays.
            match columns {
                1 => copy_rows::<1>(image, self.lf_place[channel], lf),
                2 => copy_rows::<2>(image, self.lf_place[channel], lf),
                4 => copy_rows::<4>(image, self.lf_place[channel], lf),
                _ => {
                    for (y, lf) in (lf_y..).zip(lf.chunks_exact_mut(columns)) {
                        lf.copy_from_slice(&image.row(y)[lf_x..lf_x + columns]);
                    }
                }
            }
            let values =
                cast_slice_mut(&mut self.workspace.coefficients[channel][..64 * columns * rows]);
            transform_to_pixels_impl(d, self.transform, lf, values);
            self.move_out(channel, columns, rows);
        }
    }
}

/// Copies rows of an image from `x`, `y` on, one after the other.
#[inline(always)]
fn copy_rows<const WIDTH: usize>(image: &PlaneView<'_, f32>, Pos { x, y }: Pos, out: &mut [f32]) {
    for (y, out) in (y..).zip(out.as_chunks_mut::<WIDTH>().0) {
        if let Some(row) = image.row(y)[x..].first_chunk() {
            *out = *row;
        }
    }
}

impl Reconstruct<'_, '_, '_> {
    /// Turns quantized coefficients into values. Returns which channels have any.
    #[inline(always)]
    fn dequantize<D: SimdDescriptor>(&mut self, d: D, blocks: usize) -> [bool; 3] {
        let len = 64 * blocks;
        let mut has_values = self.has_coefficients;
        let [x, y, b] = &mut *self.workspace.coefficients;
        let y = &mut y[..len];
        let step = |channel: usize| Step {
            factors: self.factors[channel],
            scale: self.scales[channel],
            unit: self.biases[channel].unit,
            numerator: self.biases[channel].numerator,
        };
        if self.has_coefficients[1] && !self.has_values {
            step(1).run(d, y, None);
        }
        let y: &[f32] = cast_slice(y);
        for (channel, values, from_y) in [(0, x, self.from_y[0]), (2, b, self.from_y[1])] {
            if !self.is_coded[channel] {
                continue;
            }
            let values = &mut values[..len];
            let luma = (self.has_coefficients[1] && from_y != 0.0).then_some((from_y, y));
            if self.has_coefficients[channel] && !self.has_values {
                step(channel).run(d, values, luma);
            } else if let (true, Some((from_y, y))) = (self.has_coefficients[channel], luma) {
                add_scaled(d, from_y, y, cast_slice_mut(values));
            } else if let Some((from_y, y)) = luma {
                scale(d, from_y, y, cast_slice_mut(values));
                has_values[channel] = true;
            }
        }
        has_values
    }

    #[inline(always)]
    fn fill_block(&mut self, channel: usize, sample: f32) {
        let Pos { x, y } = self.out_place[channel];
        for row in y..y + BLOCK_DIM {
            if let Some(out) = self.out[channel].row_mut(row)[x..].first_chunk_mut() {
                *out = [sample; BLOCK_DIM];
            }
        }
    }

    /// Moves samples to their place, and leaves zeros.
    #[inline(always)]
    fn move_out(&mut self, channel: usize, columns: usize, rows: usize) {
        let len = columns * rows * BLOCK_DIM * BLOCK_DIM;
        let values = &mut self.workspace.coefficients[channel][..len];
        let values: &mut [f32] = cast_slice_mut(values);
        let (out, place) = (&mut self.out[channel], self.out_place[channel]);
        // Most varblocks are narrow; their rows are moved as whole vectors.
        match columns {
            1 => move_rows::<8>(values.as_chunks_mut().0, out, place),
            2 => move_rows::<16>(values.as_chunks_mut().0, out, place),
            4 => move_rows::<32>(values.as_chunks_mut().0, out, place),
            _ => {
                let width = columns * BLOCK_DIM;
                for (row, values) in (place.y..).zip(values.chunks_exact_mut(width)) {
                    out.row_mut(row)[place.x..place.x + width].copy_from_slice(values);
                    values.fill(0.0);
                }
            }
        }
    }
}

#[inline(always)]
fn move_rows<const WIDTH: usize>(
    rows: &mut [[f32; WIDTH]],
    out: &mut PlaneViewMut<'_, f32>,
    Pos { x, y }: Pos,
) {
    let out = out.reborrow().into_rect(x, y, WIDTH, rows.len());
    for (out, values) in out.into_rows().zip(rows) {
        if let Some(out) = out.first_chunk_mut() {
            *out = *values;
            *values = [0.0; WIDTH];
        }
    }
}

/// How the coefficients of one channel become values.
struct Step<'a> {
    factors: &'a [f32],
    scale: f32,
    unit: f32,
    numerator: f32,
}

impl Step<'_> {
    /// Turns quantized coefficients into values. `luma` is Y and what it is multiplied with to be
    /// added.
    #[inline(always)]
    fn run<D: SimdDescriptor>(&self, d: D, coefficients: &mut [i32], luma: Option<(f32, &[f32])>) {
        let lanes = D::F32Vec::LEN;
        let (unit, numerator) = (
            D::F32Vec::splat(d, self.unit),
            D::F32Vec::splat(d, self.numerator),
        );
        let scale = D::F32Vec::splat(d, self.scale);
        let two = D::I32Vec::splat(d, 2);
        let groups = coefficients
            .chunks_exact_mut(lanes)
            .zip(self.factors.chunks_exact(lanes));
        for (index, (coefficients, factors)) in groups.enumerate() {
            let quantized = D::I32Vec::load(d, coefficients);
            let value = quantized.as_f32();
            let is_small = two.gt(quantized.abs());
            let nearer = value - numerator / value;
            let value = is_small.if_then_else_f32(value * unit, nearer);
            let value = value * (D::F32Vec::load(d, factors) * scale);
            let value = match luma {
                Some((from_y, y)) => {
                    let y = D::F32Vec::load(d, &y[index * lanes..]);
                    D::F32Vec::splat(d, from_y).mul_add(y, value)
                }
                None => value,
            };
            value.store(cast_slice_mut(coefficients));
        }
    }
}

#[inline(always)]
fn scale<D: SimdDescriptor>(d: D, factor: f32, from: &[f32], to: &mut [f32]) {
    let lanes = D::F32Vec::LEN;
    let factor = D::F32Vec::splat(d, factor);
    for (to, from) in to.chunks_exact_mut(lanes).zip(from.chunks_exact(lanes)) {
        (D::F32Vec::load(d, from) * factor).store(to);
    }
}

#[inline(always)]
fn add_scaled<D: SimdDescriptor>(d: D, factor: f32, from: &[f32], to: &mut [f32]) {
    let lanes = D::F32Vec::LEN;
    let factor = D::F32Vec::splat(d, factor);
    for (to, from) in to.chunks_exact_mut(lanes).zip(from.chunks_exact(lanes)) {
        let sum = factor.mul_add(D::F32Vec::load(d, from), D::F32Vec::load(d, to));
        sum.store(to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::dispatch;

    struct Run<'a> {
        step: Step<'a>,
        coefficients: &'a mut [i32],
        luma: Option<(f32, &'a [f32])>,
    }

    impl Kernel for Run<'_> {
        type Output = ();

        #[inline(always)]
        fn run<D: SimdDescriptor>(self, d: D) {
            self.step.run(d, self.coefficients, self.luma);
        }
    }

    #[test]
    fn values_are_those_of_the_formula() {
        let numbers = (-40..88).map(|i| if i < 24 { i } else { i * i * i - 9 });
        let quantized: Vec<i32> = numbers.collect();
        let factors: Vec<f32> = (0..128).map(|i| 0.001 + i as f32 * 0.003).collect();
        let y: Vec<f32> = (0..128).map(|i| (i as f32 - 50.0) * 0.1).collect();
        for luma in [None, Some((0.75, &y[..]))] {
            let mut coefficients = quantized.clone();
            dispatch(Run {
                step: Step {
                    factors: &factors,
                    scale: 1.5,
                    unit: 0.9,
                    numerator: 0.145,
                },
                coefficients: &mut coefficients,
                luma,
            });
            for (i, &value) in cast_slice::<i32, f32>(&coefficients).iter().enumerate() {
                let number = quantized[i] as f32;
                let biased = match quantized[i] {
                    -1..=1 => number * 0.9,
                    _ => number - 0.145 / number,
                };
                let from_y = luma.map_or(0.0, |(factor, y)| factor * y[i]);
                let expected: f32 = biased * factors[i] * 1.5 + from_y;
                let apart = (value - expected).abs();
                assert!(
                    apart <= 1e-6 * expected.abs().max(1.0),
                    "{i}: {value} {expected}"
                );
            }
        }
    }
}
