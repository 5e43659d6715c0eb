use std::f32::consts::FRAC_1_SQRT_2;

use frame_arena::PlaneView;
use jxl_simd::simd_function;

use crate::headers::EpfParams;
use crate::render::restoration::FilterInput;

/// Blocks with a smaller sigma are not filtered.
const MIN_SIGMA: f32 = 0.3;

/// The strength of the edge-preserving filter.
#[derive(Clone, Copy)]
pub(crate) enum Sigma<'p> {
    /// The same everywhere, as in Modular frames.
    Constant(f32),
    /// A value for every 8x8 block of the frame, see [`block_sigma`].
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

impl Sigma<'_> {
    /// Marks each block, from block column `first` on, that is filtered or next to a filtered
    /// block, looking at block rows `rows`.
    pub(super) fn mark_near(&self, first: isize, rows: [usize; 2], marks: &mut [u8]) {
        let plane = match self {
            Self::Constant(sigma) => return marks.fill((*sigma >= MIN_SIGMA).into()),
            Self::Blocks(plane) => plane,
        };
        let last = plane.height() - 1;
        let rows = rows.map(|row| plane.row(row.min(last)));
        // Blocks beyond the picture are never looked at.
        let beyond = first.min(0).unsigned_abs();
        let columns = first.max(0) as usize..plane.width();
        let sigmas = rows[0][columns.clone()].iter().zip(&rows[1][columns]);
        marks.fill(0);
        for (mark, (&above, &below)) in marks[beyond..].iter_mut().zip(sigmas) {
            *mark = (above.max(below) >= MIN_SIGMA).into();
        }
        let mut previous = 1;
        for block in 0..marks.len() {
            let next = marks.get(block + 1).map_or(1, |&mark| mark);
            let near = previous | marks[block] | next;
            previous = std::mem::replace(&mut marks[block], near);
        }
    }
}

#[inline(always)]
fn multiplier(sigma: f32) -> f32 {
    if sigma >= MIN_SIGMA {
        6.6 * (FRAC_1_SQRT_2 - 1.0) / sigma
    } else {
        0.0
    }
}
