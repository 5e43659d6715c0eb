use std::f32::consts::FRAC_1_SQRT_2;

use crate::simd::simd_function;

use crate::render::filter::FilterInput;
use crate::render::sigma::{MIN_SIGMA, Sigma};

/// Factors of the sums of differences, per column of a row.
#[derive(Clone, Copy)]
pub(super) struct Multipliers {
    /// Factor of samples inside of a block.
    scale: f32,
    /// Factor of samples in a block's outer rows and columns.
    border_scale: f32,
}

impl Multipliers {
    pub(super) fn new(scale: f32, border_scale: f32) -> Self {
        Self {
            scale,
            border_scale,
        }
    }

    /// Computes the factors of row `y` for the produced columns: negative, or zero where samples
    /// stay unchanged. `row` has the factors of the row above, unless `y` is the first row.
    pub(super) fn make(&self, y: usize, input: FilterInput<'_, '_>, row: &mut [f32]) {
        let kind = |y: usize| (y / 8, matches!(y % 8, 0 | 7));
        if !input.is_first && kind(y) == kind(y - 1) {
            return;
        }
        let (block_y, is_outer) = kind(y);
        let inside = if is_outer {
            self.border_scale
        } else {
            self.scale
        };
        let mut scales = [inside; 8];
        scales[0] = self.border_scale;
        scales[7] = self.border_scale;
        let first = input.span.columns().start / 8;
        let row = &mut row[input.span.produced()];
        match input.sigma {
            Sigma::Constant(sigma) => fill_blocks(scales, &[sigma], row),
            // Blocks beyond the picture are computed but not used.
            Sigma::Blocks(plane) => fill_blocks(scales, &plane.row(block_y)[first..], row),
        }
    }
}

simd_function!(
    fill_blocks,
    d: D,
    /// Fills whole blocks of a row. Blocks behind the last sigma use that sigma.
    fn fill_blocks_simd(scales: [f32; 8], sigmas: &[f32], row: &mut [f32]) {
        let _ = d;
        let (blocks, _) = row.as_chunks_mut::<8>();
        let (within, beyond) = blocks.split_at_mut(sigmas.len().min(blocks.len()));
        let mut last = [0.0; 8];
        for (samples, &sigma) in within.iter_mut().zip(sigmas) {
            let multiplier = multiplier(sigma);
            for (sample, scale) in samples.iter_mut().zip(scales) {
                *sample = multiplier * scale;
            }
            last = *samples;
        }
        beyond.fill(last);
    }
);

#[inline(always)]
fn multiplier(sigma: f32) -> f32 {
    if sigma >= MIN_SIGMA {
        6.6 * (FRAC_1_SQRT_2 - 1.0) / sigma
    } else {
        0.0
    }
}
