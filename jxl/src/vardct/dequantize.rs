use bytemuck::{cast_slice, cast_slice_mut};
use frame_arena::{PlaneView, PlaneViewMut, Scratch, SliceSpec, Spec};
use jxl_simd::{F32SimdVec, I32SimdVec, SimdDescriptor, SimdMask};

use super::bias::ChannelBias;
use super::geometry::BLOCK_DIM;
use super::transform::{
    Positions, SPARE, TransformType, inverse, inverse_reduced, lowest_from_lf, lowest_position,
};
use crate::Error;
use crate::grid::{Pos, Size};

/// Blocks of the largest varblock that is decoded in a workspace.
pub(super) const MAX_BLOCKS: usize = 64;
const MAX_COEFFICIENTS: usize = MAX_BLOCKS * BLOCK_DIM * BLOCK_DIM;

/// Working memory for varblocks of up to [`MAX_BLOCKS`] blocks.
pub(super) struct Workspace<'s> {
    /// Quantized coefficients, replaced in place by their values. All zero between varblocks.
    pub(super) coefficients: &'s mut [[i32; MAX_COEFFICIENTS]; 3],
    lf: &'s mut [f32],
    spare: &'s mut [f32],
}

impl<'s> Workspace<'s> {
    /// Total samples of the workspace's slice.
    pub(super) const SAMPLES: usize = 3 * MAX_COEFFICIENTS + MAX_BLOCKS + SPARE;

    /// Samples that [`lend`](Self::lend) provides.
    pub(super) const LENT: usize = 3 * MAX_COEFFICIENTS;

    /// Coefficients of three channels, their lowest frequencies, and spare memory for transforms.
    pub(super) fn spec() -> SliceSpec<i32> {
        SliceSpec::zeros(Self::SAMPLES)
    }

    pub(super) fn new(scratch: &'s Scratch<'_>) -> Result<Self, Error> {
        let samples = Self::spec().open(scratch)?;
        let (coefficients, rest) = samples.split_at_mut(3 * MAX_COEFFICIENTS);
        let coefficients = coefficients.as_chunks_mut().0.try_into();
        let (lf, spare) = cast_slice_mut(rest).split_at_mut(MAX_BLOCKS);
        Ok(Self {
            coefficients: coefficients.expect("three channels"),
            lf,
            spare,
        })
    }

    /// Lends the coefficient memory to `work`, which may leave any contents. It is zeroed
    /// afterwards.
    pub(super) fn lend(&mut self, work: impl FnOnce(&mut [f32])) {
        let coefficients = self.coefficients.as_flattened_mut();
        work(cast_slice_mut(coefficients));
        coefficients.fill(0);
    }
}

/// Makes the samples of a varblock from the coefficients in a workspace.
pub(super) struct Reconstruct<'a, 's, 'p> {
    pub(super) workspace: &'a mut Workspace<'s>,
    pub(super) transform: TransformType,
    /// Channels that the varblock is coded in.
    pub(super) is_coded: [bool; 3],
    /// Bounds on the positions of each channel's nonzero coefficients.
    pub(super) positions: [Positions; 3],
    /// Dequantization table and scale of each channel.
    pub(super) factors: [&'a [f32]; 3],
    pub(super) scales: [f32; 3],
    pub(super) biases: &'a [ChannelBias; 3],
    /// True if the workspace already holds dequantized values, without chroma from luma.
    pub(super) has_values: bool,
    /// Factors of Y in X and B (chroma from luma).
    pub(super) from_y: [f32; 2],
    pub(super) lf: &'a [PlaneView<'a, f32>; 3],
    /// The varblock's place in the LF image of each channel.
    pub(super) lf_place: [Pos; 3],
    pub(super) out: &'a mut [PlaneViewMut<'p, f32>; 3],
    /// The varblock's place in the samples of each channel.
    pub(super) out_place: [Pos; 3],
    /// Columns and rows of samples of a block in each channel.
    pub(super) blocks: &'a [Size; 3],
}

impl Reconstruct<'_, '_, '_> {
    /// Makes the samples. Inlined where it is called, so that no field is moved.
    #[inline(always)]
    pub(super) fn run<D: SimdDescriptor>(&mut self, d: D) {
        let Size { width, height } = self.transform.blocks();
        if !self.has_values {
            self.dequantize(d);
        }
        let positions = self.add_luma(d);
        // By index: an iterator over the array would be kept in memory.
        for channel in 0..3 {
            if !self.is_coded[channel] {
                continue;
            }
            let mut positions = positions[channel];
            let values: &mut [f32] = cast_slice_mut(&mut self.workspace.coefficients[channel]);
            let values = &mut values[..width * height * BLOCK_DIM * BLOCK_DIM];
            let Pos { x: lf_x, y: lf_y } = self.lf_place[channel];
            if width * height == 1 {
                let sample = self.lf[channel].row(lf_y)[lf_x];
                if positions.is_none() {
                    self.fill_block(channel, sample);
                    continue;
                }
                values[0] = sample;
            } else {
                let lf = &mut self.workspace.lf[..width * height];
                let image = &self.lf[channel];
                // Most varblocks are narrow. A constant width lets their rows be copied as arrays.
                match width {
                    1 => copy_rows::<1>(image, self.lf_place[channel], lf),
                    2 => copy_rows::<2>(image, self.lf_place[channel], lf),
                    4 => copy_rows::<4>(image, self.lf_place[channel], lf),
                    _ => {
                        for (y, lf) in (lf_y..).zip(lf.chunks_exact_mut(width)) {
                            lf.copy_from_slice(&image.row(y)[lf_x..lf_x + width]);
                        }
                    }
                }
                lowest_from_lf(lf, width);
                for (y, lf) in lf.chunks_exact(width).enumerate() {
                    for (x, &value) in lf.iter().enumerate() {
                        values[lowest_position(self.transform, x, y)] = value;
                    }
                }
                let last = lowest_position(self.transform, width - 1, height - 1);
                positions.add(last as u16);
            }
            let Pos { x, y } = self.out_place[channel];
            let block = self.blocks[channel];
            let (width, height) = (width * block.width, height * block.height);
            let out = self.out[channel].reborrow().into_rect(x, y, width, height);
            let spare = &mut *self.workspace.spare;
            match block == Size::square(BLOCK_DIM) {
                true => inverse(d, self.transform, values, positions, spare, out),
                false => inverse_reduced(d, self.transform, values, positions, spare, block, out),
            }
            // One block, which the varblocks of recompressed JPEG are, is cleared without a loop.
            match <&mut [f32; BLOCK_DIM * BLOCK_DIM]>::try_from(&mut *values) {
                Ok(block) => *block = [0.0; BLOCK_DIM * BLOCK_DIM],
                Err(_) => values.fill(0.0),
            }
        }
    }
}

/// Copies rows of an image, starting at `x`, `y`, into consecutive places of `out`.
#[inline(always)]
fn copy_rows<const WIDTH: usize>(image: &PlaneView<'_, f32>, Pos { x, y }: Pos, out: &mut [f32]) {
    for (y, out) in (y..).zip(out.as_chunks_mut::<WIDTH>().0) {
        if let Some(row) = image.row(y)[x..].first_chunk() {
            *out = *row;
        }
    }
}

impl Reconstruct<'_, '_, '_> {
    /// Turns quantized coefficients into values.
    #[inline(always)]
    fn dequantize<D: SimdDescriptor>(&mut self, d: D) {
        let long = self.transform.long();
        for (channel, coefficients) in self.workspace.coefficients.iter_mut().enumerate() {
            let positions = self.positions[channel];
            if positions.is_none() {
                continue;
            }
            let step = Step {
                factors: self.factors[channel],
                scale: self.scales[channel],
                unit: self.biases[channel].unit,
                numerator: self.biases[channel].numerator,
            };
            step.run(d, &mut coefficients[..positions.len(long)]);
        }
    }

    /// Adds Y to X and B. Returns bounds on the positions of each channel's nonzero values.
    #[inline(always)]
    fn add_luma<D: SimdDescriptor>(&mut self, d: D) -> [Positions; 3] {
        let mut positions = self.positions;
        if positions[1].is_none() {
            return positions;
        }
        let [x, y, b] = &mut *self.workspace.coefficients;
        let y: &[f32] = cast_slice(&y[..positions[1].len(self.transform.long())]);
        for (channel, values, from_y) in [(0, x, self.from_y[0]), (2, b, self.from_y[1])] {
            if !self.is_coded[channel] || from_y == 0.0 {
                continue;
            }
            let values = cast_slice_mut(&mut values[..y.len()]);
            match positions[channel].is_none() {
                true => scale(d, from_y, y, values),
                false => add_scaled(d, from_y, y, values),
            }
            positions[channel] |= positions[1];
        }
        positions
    }

    #[inline(always)]
    fn fill_block(&mut self, channel: usize, sample: f32) {
        let (Pos { x, y }, block) = (self.out_place[channel], self.blocks[channel]);
        for row in y..y + block.height {
            let row = &mut self.out[channel].row_mut(row)[x..];
            match row.first_chunk_mut() {
                // Constant, so that there is no loop.
                Some(out) if block.width == BLOCK_DIM => *out = [sample; BLOCK_DIM],
                _ => row[..block.width].fill(sample),
            }
        }
    }
}

/// The parameters that dequantize one channel.
struct Step<'a> {
    factors: &'a [f32],
    scale: f32,
    unit: f32,
    numerator: f32,
}

impl Step<'_> {
    /// Turns quantized coefficients into values.
    #[inline(always)]
    fn run<D: SimdDescriptor>(&self, d: D, coefficients: &mut [i32]) {
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
        for (coefficients, factors) in groups {
            let quantized = D::I32Vec::load(d, coefficients);
            let value = quantized.as_f32();
            let is_small = two.gt(quantized.abs());
            let nearer = value - numerator / value;
            let value = is_small.if_then_else_f32(value * unit, nearer);
            let value = value * (D::F32Vec::load(d, factors) * scale);
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
        let sum = factor * D::F32Vec::load(d, from) + D::F32Vec::load(d, to);
        sum.store(to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Kernel, dispatch_octets};

    struct Run<'a> {
        step: Step<'a>,
        coefficients: &'a mut [i32],
    }

    impl Kernel for Run<'_> {
        type Output = ();

        #[inline(always)]
        fn run<D: SimdDescriptor>(self, d: D) {
            self.step.run(d, self.coefficients);
        }
    }

    #[test]
    fn values_are_those_of_the_formula() {
        let numbers = (-40..88).map(|i| if i < 24 { i } else { i * i * i - 9 });
        let quantized: Vec<i32> = numbers.collect();
        let factors: Vec<f32> = (0..128).map(|i| 0.001 + i as f32 * 0.003).collect();
        let mut coefficients = quantized.clone();
        dispatch_octets(Run {
            step: Step {
                factors: &factors,
                scale: 1.5,
                unit: 0.9,
                numerator: 0.145,
            },
            coefficients: &mut coefficients,
        });
        for (i, &value) in cast_slice::<i32, f32>(&coefficients).iter().enumerate() {
            let number = quantized[i] as f32;
            let biased = match quantized[i] {
                -1..=1 => number * 0.9,
                _ => number - 0.145 / number,
            };
            let expected: f32 = biased * factors[i] * 1.5;
            let apart = (value - expected).abs();
            assert!(
                apart <= 1e-6 * expected.abs().max(1.0),
                "{i}: {value} {expected}"
            );
        }
    }
}
