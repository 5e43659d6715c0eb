//! The edge-preserving filter (ISO/IEC 18181-1, J.4): each of up to three passes replaces a sample
//! by a mean of its neighborhood, weighted by the similarity of the surroundings.
//!
//! The difference of the surroundings of a sample and its neighbor is a sum of absolute differences
//! over the five places of a plus shape. Differences in one direction are computed once per sample,
//! summed over all channels. Their sum over a plus is used for the neighbor in that direction and,
//! read at the neighbor's place, for the opposite direction.
//!
//! Differences are not computed if no block around is filtered.

mod cross;
mod differences;
mod kernels;
mod multipliers;
mod pass;

use pass::Pass;

use frame_arena::Plane;

use super::filter::{Filter, FilterInput};
use super::ring::{Ring, three};
use crate::headers::{EpfParams, RestorationFilter};
use cross::Cross;
use differences::Differences;
use multipliers::Multipliers;

/// One pass, with the parameters of a frame's header.
#[derive(Clone, Copy)]
pub(super) struct EpfPass {
    pass: Pass,
    channel_scale: [f32; 3],
    multipliers: Multipliers,
}

impl EpfPass {
    fn new(pass: Pass, params: &EpfParams) -> Self {
        let scale = pass.scale(params);
        Self {
            pass,
            channel_scale: params.channel_scale,
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

    /// One row of multipliers, and rows of differences.
    fn kept_rows(&self) -> usize {
        1 + match self.pass {
            Pass::Zero => Differences::ROWS,
            Pass::One | Pass::Two => Cross::ROWS,
        }
    }

    fn run(&self, input: FilterInput<'_, '_>, kept: &mut Plane<'_, f32>, output: &mut Ring<'_>) {
        let y = output.next() as isize;
        let produced = input.span.produced();
        let (mut multipliers, kept) = kept.view_mut().split_at_row(1);
        self.multipliers
            .make(y as usize, input, multipliers.row_mut(0));
        let multipliers = &multipliers.row(0)[produced.clone()];
        let out = three(output.push());
        if self.pass != Pass::Zero {
            let cross = Cross::new(self.pass, self.channel_scale);
            return cross.run(y, input, kept, multipliers, out);
        }
        let differences = Differences::new(self.channel_scale);
        let mut kept = differences.split(kept);
        differences.advance(y, input, &mut kept);
        let sums = |direction, row, dx| kept.sums(direction, row, dx, &produced);
        let directions = Differences::DIRECTIONS.iter().enumerate();
        let mut all = [multipliers; 12];
        for ((i, &(dx, dy)), pair) in directions.zip(all.chunks_exact_mut(2)) {
            pair[0] = sums(i, y - dy as isize, -dx);
            pair[1] = sums(i, y, 0);
        }
        let rows = [-2, -1, 0, 1, 2].map(|dy| input.rows.rows(y + dy));
        kernels::mean_of_13(multipliers, all, rows, produced.start, out);
    }
}
