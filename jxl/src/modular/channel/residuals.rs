//! Trees that encoders use for squeeze residuals: they predict nothing.

use std::ops::Range;

use jxl_simd::SimdDescriptor;

use super::general::{MaybeWeighted, MaybeWeightedRow};
use super::{LocalSymbols, Symbols};
use crate::Error;
use crate::modular::predictor::Neighbors;
use crate::modular::rows::{Kernel, RowKernel};
use crate::modular::tree::{MaskedTree, RankIndex};

/// Decodes channels with a [`MaskedTree`] for residuals.
pub(super) struct MaskedResiduals<'a, S, W> {
    symbols: &'a mut S,
    tree: MaskedTree<'a>,
    weighted: W,
    levels: u64,
}

impl<'a, S, W> MaskedResiduals<'a, S, W> {
    pub(super) fn new(symbols: &'a mut S, tree: MaskedTree<'a>, weighted: W) -> Self {
        Self {
            symbols,
            tree,
            weighted,
            levels: 0,
        }
    }
}

impl<S: Symbols, W: MaybeWeighted> Kernel for MaskedResiduals<'_, S, W> {
    const HAS_VECTORS: bool = S::ARE_FAST;

    type Row<'k, D: SimdDescriptor>
        = ResidualsRow<'k, S::Local<'k>, W::Row<'k, D>>
    where
        Self: 'k;

    #[inline(always)]
    fn row<D: SimdDescriptor>(&mut self, d: D, _: usize) -> Self::Row<'_, D> {
        ResidualsRow {
            symbols: self.symbols.local(),
            tree: self.tree,
            weighted: self.weighted.row(d),
            gradient: 0,
            levels: 0,
            all_levels: &mut self.levels,
        }
    }

    fn levels(&mut self) -> u64 {
        std::mem::take(&mut self.levels)
    }
}

/// One row of [`MaskedResiduals`]. When dropped, it adds its `levels` to those of the kernel.
pub(super) struct ResidualsRow<'k, S, W> {
    symbols: S,
    tree: MaskedTree<'k>,
    weighted: W,
    /// W + N - NW of the previous sample; 0 at first.
    gradient: i32,
    levels: u64,
    all_levels: &'k mut u64,
}

impl<S, W> Drop for ResidualsRow<'_, S, W> {
    #[inline(always)]
    fn drop(&mut self) {
        *self.all_levels += self.levels;
    }
}

impl<S: LocalSymbols, W: MaybeWeightedRow> RowKernel for ResidualsRow<'_, S, W> {
    const HAS_PIECES: bool = W::HAS_PIECES;

    #[inline(always)]
    fn begin(&mut self, columns: &Range<usize>, above: Option<[&[i32]; 2]>) {
        self.weighted.begin(columns, above);
    }

    #[inline(always)]
    fn end(&mut self, columns: &Range<usize>) {
        self.weighted.end(columns);
    }

    #[inline(always)]
    fn sample(&mut self, x: usize, at: &Neighbors) -> Result<i32, Error> {
        let guess = self.weighted.predict(x, at);
        let tree = &self.tree;
        let ranks = [
            tree.rank(0, RankIndex::new(at.n)),
            tree.rank(1, RankIndex::new(at.w)),
            tree.rank(2, RankIndex::new(at.w.wrapping_sub(self.gradient))),
            tree.rank(3, RankIndex::new(guess.max_error)),
        ];
        self.gradient = at.w.wrapping_add(at.n).wrapping_sub(at.nw);
        let (leaf, levels) = tree.find(ranks);
        self.levels += levels;
        let residual = self.symbols.read(leaf.cluster())?;
        let sample = residual.wrapping_mul(tree.multiplier() as i32);
        self.weighted.update(x, sample);
        Ok(sample)
    }
}
