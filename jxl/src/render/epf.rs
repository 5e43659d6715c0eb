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
mod pass;

pub(crate) use multipliers::{Sigma, block_sigma};
use pass::Pass;

use frame_arena::Plane;

use super::restoration::{Filter, FilterInput};
use super::ring::{Ring, three};
use crate::headers::{EpfParams, RestorationFilter};
use differences::Differences;
use multipliers::Multipliers;

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
        self.pass.border()
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
