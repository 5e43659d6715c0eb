//! The edge-preserving filter (ISO/IEC 18181-1, J.4): each of up to three passes replaces a sample
//! by a mean of its neighborhood, weighted by how alike the surroundings are.
//!
//! How unlike the surroundings of a sample and of its neighbor are is a sum of absolute
//! differences over the five places of a plus shape. Differences in one direction are computed once
//! per sample, all channels summed up; their sums over a plus serve the neighbor in that
//! direction, and, read at the neighbor's place, the one in the opposite direction.

mod differences;
mod kernels;
mod multipliers;

pub(crate) use multipliers::{Sigma, block_sigma};

use frame_arena::Plane;

use super::filter::{Filter, FilterInput};
use super::ring::{Ring, three};
use crate::headers::{EpfParams, RestorationFilter};
use differences::Differences;
use multipliers::Multipliers;

/// Which of the three passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pass {
    /// Twelve neighbors; only with three iterations.
    Zero,
    /// Four neighbors.
    One,
    /// Four neighbors, compared by single samples; from two iterations on.
    Two,
}

impl Pass {
    /// The passes of a number of iterations, in their order.
    fn of_iterations(iterations: u32) -> &'static [Pass] {
        match iterations {
            0 => &[],
            1 => &[Pass::One],
            2 => &[Pass::One, Pass::Two],
            _ => &[Pass::Zero, Pass::One, Pass::Two],
        }
    }

    /// Directions to neighbors, `(dx, dy)`. The opposite ones count as well.
    fn directions(self) -> &'static [(isize, usize)] {
        match self {
            Pass::Zero => &[(1, 0), (2, 0), (0, 1), (0, 2), (1, 1), (-1, 1)],
            Pass::One | Pass::Two => &[(1, 0), (0, 1)],
        }
    }

    fn scale(self, params: &EpfParams) -> f32 {
        match self {
            Pass::Zero => params.pass0_sigma_scale,
            Pass::One => 1.0,
            Pass::Two => params.pass2_sigma_scale,
        }
    }
}

/// One pass, as the header of a frame describes it.
#[derive(Clone, Copy)]
pub(super) struct EpfPass {
    pass: Pass,
    differences: Differences,
    multipliers: Multipliers,
}

impl EpfPass {
    fn new(pass: Pass, params: &EpfParams) -> Self {
        let scale = pass.scale(params);
        Self {
            pass,
            differences: Differences::new(pass, params.channel_scale),
            multipliers: Multipliers::new(scale, scale * params.border_sad_mul),
        }
    }
}

impl Filter for EpfPass {
    const MOST: usize = 3;

    fn of_frame(header: &RestorationFilter) -> impl Iterator<Item = Self> {
        header.epf.iter().flat_map(|params| {
            let passes = Pass::of_iterations(params.iters).iter();
            passes.map(|&pass| Self::new(pass, params))
        })
    }

    fn border(&self) -> usize {
        match self.pass {
            Pass::Zero => 3,
            Pass::One => 2,
            Pass::Two => 1,
        }
    }

    /// A row of multipliers; differences.
    fn kept_rows(&self) -> usize {
        1 + self.differences.rows()
    }

    fn run(&self, input: FilterInput<'_, '_>, kept: &mut Plane<'_, f32>, output: &mut Ring<'_>) {
        let y = output.next() as isize;
        let produced = input.span.produced();
        let (mut multipliers, differences) = kept.view_mut().split_at_row(1);
        self.multipliers
            .make(y as usize, input, multipliers.row_mut(0));
        let multipliers = &multipliers.row(0)[produced.clone()];
        let mut differences = self.differences.split(differences);
        self.differences.advance(y, input, &mut differences);
        let [out_x, out_y, out_b] = three(output.push());
        let out = [
            &mut out_x[produced.clone()],
            &mut out_y[produced.clone()],
            &mut out_b[produced.clone()],
        ];
        let sums = |direction, row, dx| differences.sums(direction, row, dx, &produced);
        let rows = |dy| input.rows.rows(y + dy);
        match self.pass {
            Pass::Zero => {
                let directions = self.pass.directions().iter().enumerate();
                let mut all = [multipliers; 12];
                for ((i, &(dx, dy)), pair) in directions.zip(all.chunks_exact_mut(2)) {
                    pair[0] = sums(i, y - dy as isize, -dx);
                    pair[1] = sums(i, y, 0);
                }
                let rows = [rows(-2), rows(-1), rows(0), rows(1), rows(2)];
                kernels::mean_of_13(multipliers, all, rows, produced.start, out);
            }
            Pass::One | Pass::Two => {
                let all = [
                    sums(0, y, -1),
                    sums(0, y, 0),
                    sums(1, y - 1, 0),
                    sums(1, y, 0),
                ];
                let rows = [rows(-1), rows(0), rows(1)];
                kernels::mean_of_5(multipliers, all, rows, produced.start, out);
            }
        }
    }
}
