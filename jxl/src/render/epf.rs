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
pub(super) use pass::Pass;

use crate::headers::EpfParams;
use frame_arena::{SliceSpec, Spec};

use super::ring::{Ring, three};
use super::span::Span;
use differences::{Differences, DifferencesSpec};
use multipliers::Multipliers;

/// One pass on one strip.
pub(super) struct Epf<'s, 'p> {
    pass: Pass,
    differences: Differences<'s>,
    multipliers: Multipliers<'s, 'p>,
}

/// A row of multipliers; differences.
pub(super) type EpfSpec = (SliceSpec<f32>, DifferencesSpec);

impl<'s, 'p> Epf<'s, 'p> {
    pub(super) fn spec(pass: Pass, span: &Span) -> EpfSpec {
        // Stale: multipliers are set for each row.
        (SliceSpec::stale(span.len()), Differences::spec(pass, span))
    }

    pub(super) fn new(
        pass: Pass,
        params: &EpfParams,
        sigma: Sigma<'p>,
        (row, differences): <EpfSpec as Spec>::Memory<'s>,
    ) -> Self {
        let scale = pass.scale(params);
        let border_scale = scale * params.border_sad_mul;
        Self {
            pass,
            differences: Differences::new(pass, params.channel_scale, differences),
            multipliers: Multipliers::new(sigma, scale, border_scale, row),
        }
    }

    /// Produces the next row of `output`.
    pub(super) fn run(&mut self, input: &Ring<'_>, span: &Span, output: &mut Ring<'_>) {
        let y = output.next() as isize;
        let produced = span.produced();
        let multipliers = self.multipliers.row(y as usize, span);
        self.differences.advance(input, span, y);
        let [out_x, out_y, out_b] = three(output.push());
        let out = [
            &mut out_x[produced.clone()],
            &mut out_y[produced.clone()],
            &mut out_b[produced.clone()],
        ];
        let sums = |direction, row, dx| self.differences.sums(direction, row, dx, &produced);
        let rows = |dy| input.rows(y + dy);
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
