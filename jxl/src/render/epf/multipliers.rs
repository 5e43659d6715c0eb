use std::f32::consts::FRAC_1_SQRT_2;

use frame_arena::PlaneView;

use crate::headers::EpfParams;

use crate::render::span::Span;

/// Below this a block is not filtered.
const MIN_SIGMA: f32 = 0.3;

/// How strong the edge-preserving filter is.
#[derive(Clone, Copy)]
pub(crate) enum Sigma<'p> {
    /// Everywhere the same, as in Modular frames.
    Constant(f32),
    /// Of every 8x8 block of the frame, see [`block_sigma`].
    Blocks(PlaneView<'p, f32>),
}

impl Sigma<'_> {
    /// The sigma of a Modular frame; 0 without the filter.
    pub(crate) fn of_modular(filter: Option<&EpfParams>) -> Self {
        Self::Constant(filter.map_or(0.0, |params| params.sigma_for_modular))
    }
}

/// Sigma of a block of a VarDCT frame: `quantizer_scale` is 65536 / global scale, `hf_multiplier`
/// that of the varblock (at least 1), `sharpness` 0 to 7.
pub(crate) fn block_sigma(
    params: &EpfParams,
    quantizer_scale: f32,
    hf_multiplier: i32,
    sharpness: u8,
) -> f32 {
    let quantizer = quantizer_scale / hf_multiplier as f32;
    let sharpness = params.sharp_lut[usize::from(sharpness & 7)];
    params.quant_mul * quantizer * sharpness
}

/// What sums of differences are multiplied with, per column of a row.
pub(super) struct Multipliers<'s, 'p> {
    sigma: Sigma<'p>,
    /// Factor of samples inside of a block.
    scale: f32,
    /// Factor of samples in a block's outer rows and columns.
    border_scale: f32,
    row: &'s mut [f32],
    /// Row of blocks, and whether one of their outer rows, that `row` is valid for.
    valid: Option<(usize, bool)>,
}

impl<'s, 'p> Multipliers<'s, 'p> {
    /// `row` is a row buffer of the strip.
    pub(super) fn new(sigma: Sigma<'p>, scale: f32, border_scale: f32, row: &'s mut [f32]) -> Self {
        Self {
            sigma,
            scale,
            border_scale,
            row,
            valid: None,
        }
    }

    /// Those of row `y` for the columns that are produced: negative, or zero where samples stay as
    /// they are.
    pub(super) fn row(&mut self, y: usize, span: &Span) -> &[f32] {
        let produced = span.produced();
        let is_outer = matches!(y % 8, 0 | 7);
        if self.valid != Some((y / 8, is_outer)) {
            self.valid = Some((y / 8, is_outer));
            self.fill(y / 8, is_outer, span);
        }
        &self.row[produced]
    }

    fn fill(&mut self, block_y: usize, is_outer: bool, span: &Span) {
        let inside = if is_outer {
            self.border_scale
        } else {
            self.scale
        };
        let mut scales = [inside; 8];
        scales[0] = self.border_scale;
        scales[7] = self.border_scale;
        let first = span.columns().start / 8;
        let blocks = self.row[span.produced()].chunks_exact_mut(8);
        for (block_x, samples) in (first..).zip(blocks) {
            let sigma = match self.sigma {
                Sigma::Constant(sigma) => sigma,
                // Blocks beyond the picture are computed but not used.
                Sigma::Blocks(plane) => plane.get(block_x.min(plane.width() - 1), block_y),
            };
            let multiplier = multiplier(sigma);
            for (sample, scale) in samples.iter_mut().zip(scales) {
                *sample = multiplier * scale;
            }
        }
    }
}

fn multiplier(sigma: f32) -> f32 {
    if sigma >= MIN_SIGMA {
        6.6 * (FRAC_1_SQRT_2 - 1.0) / sigma
    } else {
        0.0
    }
}
