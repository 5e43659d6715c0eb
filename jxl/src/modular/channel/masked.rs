//! Channels whose trees use only the properties that encoders use most.

use std::ops::Range;

use jxl_simd::SimdDescriptor;

use super::general::{MaybeWeighted, MaybeWeightedRow};
use super::{LocalSymbols, Symbols};
use crate::Error;
use crate::modular::predictor::{Neighbors, gradient};
use crate::modular::rows::{Kernel, RowKernel};
use crate::modular::tree::{MaskedLeaf, MaskedTree, RankIndex};

/// Reads what a [`MaskedTree`] says: one of `FEW` properties or of all.
pub(super) struct Masked<'a, S, W, const FEW: bool> {
    symbols: &'a mut S,
    tree: MaskedTree<'a>,
    weighted: W,
    levels: u64,
}

impl<'a, S, W, const FEW: bool> Masked<'a, S, W, FEW> {
    pub(super) fn new(symbols: &'a mut S, tree: MaskedTree<'a>, weighted: W) -> Self {
        Self {
            symbols,
            tree,
            weighted,
            levels: 0,
        }
    }
}

impl<S: Symbols, W: MaybeWeighted, const FEW: bool> Kernel for Masked<'_, S, W, FEW> {
    const HAS_VECTORS: bool = S::ARE_FAST;

    type Row<'k, D: SimdDescriptor>
        = MaskedRow<'k, S::Local<'k>, W::Row<'k, D>, FEW>
    where
        Self: 'k;

    #[inline(always)]
    fn row<D: SimdDescriptor>(&mut self, d: D, _: usize) -> Self::Row<'_, D> {
        MaskedRow {
            symbols: self.symbols.local(),
            tree: self.tree,
            weighted: self.weighted.row(d),
            north: RankIndex::new(0),
            levels: 0,
            all_levels: &mut self.levels,
        }
    }

    fn levels(&mut self) -> u64 {
        std::mem::take(&mut self.levels)
    }
}

/// Adds its levels to those of the kernel when it is dropped.
pub(super) struct MaskedRow<'k, S, W, const FEW: bool> {
    symbols: S,
    tree: MaskedTree<'k>,
    weighted: W,
    /// Rank of N - NE (12) at the sample before, which is NW - N (11) now.
    north: RankIndex,
    levels: u64,
    all_levels: &'k mut u64,
}

impl<S, W, const FEW: bool> Drop for MaskedRow<'_, S, W, FEW> {
    #[inline(always)]
    fn drop(&mut self) {
        *self.all_levels += self.levels;
    }
}

impl<S, W, const FEW: bool> MaskedRow<'_, S, W, FEW> {
    #[inline(always)]
    fn find(&mut self, at: &Neighbors, max_error: i32) -> (MaskedLeaf, u64) {
        let tree = &self.tree;
        let slope = RankIndex::new(at.w.wrapping_add(at.n).wrapping_sub(at.nw));
        let max_error = RankIndex::new(max_error);
        if FEW {
            return tree.find([tree.rank(0, slope), tree.rank(1, max_error)]);
        }
        let north = RankIndex::new(at.n.wrapping_sub(at.ne));
        let ranks = [
            tree.rank(0, slope),
            tree.rank(1, RankIndex::new(at.w.wrapping_sub(at.nw))),
            tree.rank(2, self.north),
            tree.rank(3, north),
            tree.rank(4, RankIndex::new(at.n.wrapping_sub(at.nn))),
            tree.rank(5, max_error),
        ];
        self.north = north;
        tree.find(ranks)
    }
}

impl<S: LocalSymbols, W: MaybeWeightedRow, const FEW: bool> RowKernel for MaskedRow<'_, S, W, FEW> {
    const HAS_PIECES: bool = W::HAS_PIECES;

    #[inline(always)]
    fn begin(&mut self, columns: &Range<usize>, above: Option<&[i32]>) {
        self.weighted.begin(columns, above);
    }

    #[inline(always)]
    fn end(&mut self, columns: &Range<usize>) {
        self.weighted.end(columns);
    }

    #[inline(always)]
    fn sample(&mut self, x: usize, at: &Neighbors) -> Result<i32, Error> {
        let guess = self.weighted.predict(x, at);
        let (leaf, levels) = self.find(at, guess.max_error);
        self.levels += levels;
        let residual = self.symbols.read(leaf.cluster())?;
        let prediction = match leaf.is_weighted() {
            true => guess.prediction,
            false => gradient(at.w, at.n, at.nw),
        };
        let sample = residual.wrapping_add(prediction);
        self.weighted.update(x, sample);
        Ok(sample)
    }
}
