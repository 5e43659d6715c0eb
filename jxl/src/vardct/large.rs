//! Varblocks of more than 64 x 64 samples. Their coefficients are summed, dequantized and
//! transformed in the memory of their samples.

#[cfg(test)]
mod tests;

use bytemuck::cast_mut;
use frame_arena::{PlaneView, PlaneViewMut};
use jxl_simd::{F32SimdVec, SimdDescriptor};

use super::bias::ChannelBias;
use super::coefficients::{Coefficients, shifted};
use super::dequantize::Workspace;
use super::geometry::BLOCK_DIM;
use super::transform::{
    IN_PLACE_SPARE, TransformType, inverse_in_place, lowest_from_lf, lowest_position,
};
use crate::grid::{Pos, Rect, Size};
use crate::simd::Kernel;

/// Samples of the working memory: first the lowest frequencies, then spare memory for transforms.
const WORKSPACE: usize = LOWEST + IN_PLACE_SPARE;
const LOWEST: usize = 32 * 32;
const _: () = assert!(WORKSPACE <= Workspace::LENT);

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
    pub(super) fn new(transform: TransformType, pos: Pos) -> Self {
        let Size { width, height } = transform.blocks();
        Self {
            x: BLOCK_DIM * pos.x,
            y: BLOCK_DIM * pos.y,
            width: BLOCK_DIM * width,
            height: BLOCK_DIM * height,
        }
    }

    fn rect(&self) -> Rect {
        Rect {
            pos: Pos::new(self.x, self.y),
            size: Size::new(self.width, self.height),
        }
    }

    /// Rows of coefficients are as long as the varblock's longer side. If the varblock is square or
    /// higher than wide, vertical frequencies run along these rows.
    fn is_transposed(&self) -> bool {
        self.height >= self.width
    }

    /// The place of the coefficient with index `position` in coefficient layout.
    #[inline]
    fn place(&self, position: usize) -> Pos {
        let width = self.width.max(self.height);
        let (row, column) = (position >> width.ilog2(), position & (width - 1));
        match self.is_transposed() {
            false => Pos::new(self.x + column, self.y + row),
            true => Pos::new(self.x + row, self.y + column),
        }
    }

    /// Dequantizes one row: replaces each integer by `biased` of it times its factor.
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
            // Integer and float zero have the same bits.
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

/// The samples of a varblock while they hold quantized coefficients.
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

/// Makes the samples of a varblock from the quantized coefficients stored in their place.
pub(super) struct ReconstructLarge<'a, 'p> {
    pub(super) transform: TransformType,
    pub(super) area: Area,
    /// Dequantization table and scale of each channel.
    pub(super) factors: [&'a [f32]; 3],
    pub(super) scales: [f32; 3],
    pub(super) biases: &'a [ChannelBias; 3],
    /// Factors of Y in X and B (chroma from luma).
    pub(super) from_y: [f32; 2],
    pub(super) lf: &'a [PlaneView<'a, f32>; 3],
    /// The varblock's place in the LF image.
    pub(super) lf_place: Pos,
    pub(super) samples: &'a mut [PlaneViewMut<'p, f32>; 3],
    /// Working memory of at least [`WORKSPACE`] samples.
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
            self.put_lowest(channel);
            let samples = &mut self.samples[channel];
            let spare = &mut self.workspace[LOWEST..WORKSPACE];
            inverse_in_place(d, samples, self.area.rect(), spare);
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
                (from_y * luma + value).store(chroma);
            }
        }
    }

    /// Sets the lowest frequencies from the varblock's part of the LF image.
    fn put_lowest(&mut self, channel: usize) {
        let Size { width, height } = self.transform.blocks();
        let lf = &mut self.workspace[..width * height];
        let Pos { x: lf_x, y: lf_y } = self.lf_place;
        for (y, lf) in (lf_y..).zip(lf.chunks_exact_mut(width)) {
            lf.copy_from_slice(&self.lf[channel].row(y)[lf_x..lf_x + width]);
        }
        lowest_from_lf(lf, width);
        let samples = &mut self.samples[channel];
        for (y, lf) in lf.chunks_exact(width).enumerate() {
            for (x, &value) in lf.iter().enumerate() {
                let place = self.area.place(lowest_position(self.transform, x, y));
                samples.row_mut(place.y)[place.x] = value;
            }
        }
    }
}
