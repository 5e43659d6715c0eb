//! Varblocks of more than 64 x 64 samples: their coefficients are summed, dequantized and
//! transformed where their samples will be.

#[cfg(test)]
mod tests;

use bytemuck::cast_mut;
use frame_arena::{PlaneView, PlaneViewMut};
use jxl_simd::{F32SimdVec, SimdDescriptor};
use jxl_transforms::transform_map::{HfTransformType, covered_blocks_x, covered_blocks_y};
use jxl_transforms::{
    reinterpreting_dct2d_8_16, reinterpreting_dct2d_16_8, reinterpreting_dct2d_16_16,
    reinterpreting_dct2d_16_32, reinterpreting_dct2d_32_16, reinterpreting_dct2d_32_32,
};

use super::bias::ChannelBias;
use super::coefficients::{Coefficients, shifted};
use super::dequantize::{MAX_BLOCKS, Workspace};
use super::geometry::BLOCK_DIM;
use super::inverse_dct::inverse_dct;
use crate::grid::{Pos, Rect, Size};
use crate::simd::Kernel;

/// Samples of the working memory: of the lowest frequencies as their transform leaves them, in rows
/// of 256, and of its input.
const WORKSPACE: usize = LOWEST + 32 * 32;
const LOWEST: usize = 32 * 256;
const _: () = assert!(WORKSPACE <= Workspace::SAMPLES - MAX_BLOCKS);

/// The rectangle of a varblock among the samples of its group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Area {
    /// The area of the varblock whose first block is block `pos` of the group.
    pub(super) fn new(transform: HfTransformType, pos: Pos) -> Self {
        Self {
            x: BLOCK_DIM * pos.x,
            y: BLOCK_DIM * pos.y,
            width: BLOCK_DIM * covered_blocks_x(transform) as usize,
            height: BLOCK_DIM * covered_blocks_y(transform) as usize,
        }
    }

    fn rect(&self) -> Rect {
        Rect {
            pos: Pos::new(self.x, self.y),
            size: Size::new(self.width, self.height),
        }
    }

    /// Coefficients are laid out as wide as the longer side, squares and high ones with vertical
    /// frequencies across.
    fn is_transposed(&self) -> bool {
        self.height >= self.width
    }

    /// The place of the coefficient at `position` of its layout.
    #[inline]
    fn place(&self, position: usize) -> Pos {
        let width = self.width.max(self.height);
        let (row, column) = (position >> width.ilog2(), position & (width - 1));
        match self.is_transposed() {
            false => Pos::new(self.x + column, self.y + row),
            true => Pos::new(self.x + row, self.y + column),
        }
    }

    /// Turns quantized values of one row into values: what `biased` makes of them times their
    /// factors.
    #[inline(always)]
    fn dequantize_row(
        &self,
        row: usize,
        samples: &mut [f32],
        factors: &[f32],
        biased: impl Fn(i32) -> f32,
    ) {
        let (start, step) = match self.is_transposed() {
            false => (row * self.width, 1),
            true => (row, self.height),
        };
        for (column, sample) in samples.iter_mut().enumerate() {
            let quantized: i32 = *cast_mut(sample);
            // Zeros are the same in both.
            if quantized != 0 {
                *sample = biased(quantized) * factors[start + step * column];
            }
        }
    }

    pub(super) fn clear(&self, samples: &mut PlaneViewMut<'_, f32>) {
        for y in self.y..self.y + self.height {
            samples.row_mut(y)[self.x..self.x + self.width].fill(0.0);
        }
    }
}

/// The samples of a varblock, as long as they hold quantized coefficients.
pub(super) struct InPlace<'a, 'p> {
    pub(super) samples: &'a mut PlaneViewMut<'p, f32>,
    pub(super) area: Area,
}

impl Coefficients for InPlace<'_, '_> {
    #[inline]
    fn add(&mut self, position: u16, coded: u32, shift: u32) {
        let Pos { x, y } = self.area.place(position.into());
        let sum: &mut i32 = cast_mut(&mut self.samples.row_mut(y)[x]);
        *sum = sum.wrapping_add(shifted(coded, shift));
    }
}

/// Makes samples of a varblock from the quantized coefficients in their place.
pub(super) struct ReconstructLarge<'a, 'p> {
    pub(super) transform: HfTransformType,
    pub(super) area: Area,
    /// Table and scale of each channel's coefficients.
    pub(super) factors: [&'a [f32]; 3],
    pub(super) scales: [f32; 3],
    pub(super) biases: &'a [ChannelBias; 3],
    /// What Y is multiplied with to be added to X and B.
    pub(super) from_y: [f32; 2],
    pub(super) lf: &'a [PlaneView<'a, f32>; 3],
    /// The varblock's place in the LF image.
    pub(super) lf_place: Pos,
    pub(super) samples: &'a mut [PlaneViewMut<'p, f32>; 3],
    /// Workspace of at least [`WORKSPACE`] samples.
    pub(super) workspace: &'a mut [f32],
}

impl Kernel for ReconstructLarge<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(mut self, d: D) {
        for row in 0..self.area.height {
            self.dequantize_row(d, row);
        }
        for channel in 0..3 {
            self.put_lowest(d, channel);
            let samples = &mut self.samples[channel];
            inverse_dct(d, samples, self.area.rect(), self.workspace);
        }
    }
}

impl ReconstructLarge<'_, '_> {
    #[inline(always)]
    fn dequantize_row<D: SimdDescriptor>(&mut self, d: D, row: usize) {
        let Area { x, y, width, .. } = self.area;
        for (channel, samples) in self.samples.iter_mut().enumerate() {
            let samples = &mut samples.row_mut(y + row)[x..x + width];
            self.area
                .dequantize_row(row, samples, self.factors[channel], |quantized| {
                    self.scales[channel] * self.biases[channel].apply(quantized)
                });
        }
        let [x_plane, y_plane, b_plane] = &mut *self.samples;
        let luma = &y_plane.row(y + row)[x..x + width];
        for (chroma, from_y) in [x_plane, b_plane].into_iter().zip(self.from_y) {
            let from_y = D::F32Vec::splat(d, from_y);
            let lanes = D::F32Vec::LEN;
            let chroma = &mut chroma.row_mut(y + row)[x..x + width];
            for (chroma, luma) in chroma.chunks_exact_mut(lanes).zip(luma.chunks_exact(lanes)) {
                let value = D::F32Vec::load(d, chroma);
                let luma = D::F32Vec::load(d, luma);
                from_y.mul_add(luma, value).store(chroma);
            }
        }
    }

    /// The lowest frequencies, which are those of the varblock's part of the LF image.
    #[inline(always)]
    fn put_lowest<D: SimdDescriptor>(&mut self, d: D, channel: usize) {
        let columns = self.area.width / BLOCK_DIM;
        let rows = self.area.height / BLOCK_DIM;
        let (lowest, lf) = self.workspace.split_at_mut(LOWEST);
        let lf = &mut lf[..columns * rows];
        let Pos { x: lf_x, y: lf_y } = self.lf_place;
        for (y, lf) in (lf_y..).zip(lf.chunks_exact_mut(columns)) {
            lf.copy_from_slice(&self.lf[channel].row(y)[lf_x..lf_x + columns]);
        }
        match self.transform {
            HfTransformType::DCT64X128 => reinterpreting_dct2d_8_16(d, lf, lowest),
            HfTransformType::DCT128X64 => reinterpreting_dct2d_16_8(d, lf, lowest),
            HfTransformType::DCT128X128 => reinterpreting_dct2d_16_16(d, lf, lowest),
            HfTransformType::DCT128X256 => reinterpreting_dct2d_16_32(d, lf, lowest),
            HfTransformType::DCT256X128 => reinterpreting_dct2d_32_16(d, lf, lowest),
            _ => reinterpreting_dct2d_32_32(d, lf, lowest),
        }
        let (long, short) = (columns.max(rows), columns.min(rows));
        let samples = &mut self.samples[channel];
        for row in 0..short {
            let start = row * long * BLOCK_DIM;
            for (position, &value) in (start..).zip(&lowest[start..start + long]) {
                let Pos { x, y } = self.area.place(position);
                samples.row_mut(y)[x] = value;
            }
        }
    }
}
