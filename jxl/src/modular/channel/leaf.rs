//! Channels of one context.

use frame_arena::PlaneViewMut;

use super::{Symbols, decode_rows};
use crate::Error;
use crate::modular::Predictor;
use crate::modular::predictor::{Neighbours, gradient};
use crate::modular::rows::{Kernel, RowKernel};
use crate::modular::tree::Leaf;

/// Decodes the channel if there is a short way for `leaf`; false if there is none.
pub(super) fn decode(
    symbols: &mut impl Symbols,
    leaf: Leaf,
    channel: &mut PlaneViewMut<'_, i32>,
) -> Result<bool, Error> {
    let plain = leaf.offset == 0 && leaf.multiplier == 1;
    match leaf.predictor {
        Predictor::Zero => {
            if let Some(residual) = symbols.constant(leaf.cluster) {
                for y in 0..channel.height() {
                    channel.row_mut(y).fill(leaf.sample(0, residual));
                }
            } else {
                for y in 0..channel.height() {
                    for sample in channel.row_mut(y) {
                        *sample = leaf.sample(0, symbols.read(leaf.cluster)?);
                    }
                }
            }
            Ok(true)
        }
        Predictor::Gradient if plain => {
            let cluster = leaf.cluster;
            if let Some(residual) = symbols.constant(cluster) {
                decode_rows(Gradient(|| Ok(residual)), channel)?;
            } else {
                decode_rows(Gradient(|| symbols.read(cluster)), channel)?;
            }
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// The gradient, and residuals from a function.
struct Gradient<F>(F);

impl<F: FnMut() -> Result<i32, Error>> Kernel for Gradient<F> {
    type Row<'k>
        = &'k mut Self
    where
        Self: 'k;

    #[inline(always)]
    fn row(&mut self, _: usize) -> &mut Self {
        self
    }
}

impl<F: FnMut() -> Result<i32, Error>> RowKernel for &mut Gradient<F> {
    #[inline(always)]
    fn sample(&mut self, _: usize, at: &Neighbours) -> Result<i32, Error> {
        Ok((self.0)()?.wrapping_add(gradient(at.w, at.n, at.nw)))
    }
}
