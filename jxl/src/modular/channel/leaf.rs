//! Channels with one context.

use frame_arena::PlaneViewMut;
use jxl_simd::SimdDescriptor;

use super::{Symbols, decode_rows};
use crate::Error;
use crate::budget::Budget;
use crate::modular::Predictor;
use crate::modular::predictor::{Neighbors, gradient};
use crate::modular::rows::{Kernel, RowKernel};
use crate::modular::tree::Leaf;

/// Decodes the channel if there is a fast path for `leaf`; otherwise returns false.
pub(super) fn decode(
    symbols: &mut impl Symbols,
    leaf: Leaf,
    channel: &mut PlaneViewMut<'_, i32>,
    budget: &Budget<'_>,
) -> Result<bool, Error> {
    let plain = leaf.offset == 0 && leaf.multiplier == 1;
    match leaf.predictor {
        Predictor::ZERO => {
            if let Some(residual) = symbols.constant(leaf.cluster) {
                for y in 0..channel.height() {
                    channel.row_mut(y).fill(leaf.sample(0, residual));
                    budget.spend(channel.width() as u64)?;
                }
            } else {
                for y in 0..channel.height() {
                    let sample = |residual| leaf.sample(0, residual);
                    symbols.read_row(leaf.cluster, channel.row_mut(y), sample)?;
                    budget.spend(channel.width() as u64)?;
                }
            }
            Ok(true)
        }
        Predictor::GRADIENT if plain => {
            let cluster = leaf.cluster;
            if let Some(residual) = symbols.constant(cluster) {
                decode_rows(Gradient(|| Ok(residual)), channel, budget)?;
            } else {
                decode_rows(Gradient(|| symbols.read(cluster)), channel, budget)?;
            }
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// The gradient predictor, with residuals from a function.
struct Gradient<F>(F);

impl<F: FnMut() -> Result<i32, Error>> Kernel for Gradient<F> {
    type Row<'k, D: SimdDescriptor>
        = &'k mut Self
    where
        Self: 'k;

    #[inline(always)]
    fn row<D: SimdDescriptor>(&mut self, _: D, _: usize) -> &mut Self {
        self
    }
}

impl<F: FnMut() -> Result<i32, Error>> RowKernel for &mut Gradient<F> {
    #[inline(always)]
    fn sample(&mut self, _: usize, at: &Neighbors) -> Result<i32, Error> {
        Ok((self.0)()?.wrapping_add(gradient(at.w, at.n, at.nw)))
    }
}
