//! Trees in which a single property chooses the context and all leaves are otherwise equal, as cjxl
//! writes them at low efforts. A look-up replaces the walk.

#[cfg(test)]
mod tests;

use std::ops::Range;

use jxl_simd::SimdDescriptor;

use super::{LocalSymbols, Symbols};
use crate::Error;
use crate::modular::Predictor;
use crate::modular::predictor::{Neighbors, gradient};
use crate::modular::rows::{Kernel, RowKernel};
use crate::modular::tree::{FlatNode, FlatTree, WEIGHTED_PROPERTY};
use crate::modular::weighted::{Parameters, Weighted, WeightedRow};

/// W + N - NW, not clamped.
const GRADIENT_PROPERTY: u32 = 9;
/// Decision values are within this distance of 0.
const REACH: i32 = 1024;

/// The cluster for each value of the deciding property.
pub(super) struct LookupTable {
    /// From -`REACH` to `REACH`; values beyond share the entries at the ends.
    clusters: [u8; Self::ENTRIES],
}

impl LookupTable {
    const ENTRIES: usize = 2 * REACH as usize + 1;
    /// Number of samples from which filling the table costs less than walking the tree.
    pub(super) const LEAST_SAMPLES: usize = 64;

    pub(super) fn new() -> Self {
        Self {
            clusters: [0; Self::ENTRIES],
        }
    }

    /// Fills the table from a tree that decides on the error of the weighted predictor and predicts
    /// with it; returns false for other trees.
    pub(super) fn fill_for_weighted(&mut self, tree: &FlatTree) -> bool {
        self.fill(tree, WEIGHTED_PROPERTY, Predictor::WEIGHTED)
    }

    /// Fills the table from a tree that decides on the gradient and predicts with it; returns false
    /// for other trees.
    pub(super) fn fill_for_gradient(&mut self, tree: &FlatTree) -> bool {
        self.fill(tree, GRADIENT_PROPERTY, Predictor::GRADIENT)
    }

    fn fill(&mut self, tree: &FlatTree, property: u32, predictor: Predictor) -> bool {
        let fits = |node: &FlatNode| {
            node.property == FlatNode::LEAF
                || node.property == property && (-REACH..REACH).contains(&node.value)
        };
        let plain = tree
            .leaves
            .iter()
            .all(|leaf| leaf.predictor == predictor && leaf.offset == 0 && leaf.multiplier == 1);
        if !plain || !tree.nodes.iter().all(fits) {
            return false;
        }
        let mut first = -REACH;
        while first <= REACH {
            // All values up to the least that a decision was taken on go the same way.
            let mut last = REACH;
            let mut node = tree.nodes[0];
            while node.property != FlatNode::LEAF {
                let is_lower = first <= node.value;
                if is_lower {
                    last = last.min(node.value);
                }
                node = tree.nodes[node.child as usize + usize::from(is_lower)];
            }
            let cluster = tree.leaves[node.child as usize].cluster as u8;
            let entries = (first + REACH) as usize..=(last + REACH) as usize;
            self.clusters[entries].fill(cluster);
            first = last + 1;
        }
        true
    }

    #[inline(always)]
    fn cluster(&self, value: i32) -> u32 {
        let index = (value.clamp(-REACH, REACH) + REACH) as usize;
        u32::from(self.clusters[index])
    }
}

pub(super) struct WeightedLookup<'a, S, P> {
    symbols: &'a mut S,
    table: &'a LookupTable,
    weighted: Weighted<'a, P>,
}

impl<'a, S, P> WeightedLookup<'a, S, P> {
    pub(super) fn new(
        symbols: &'a mut S,
        table: &'a LookupTable,
        weighted: Weighted<'a, P>,
    ) -> Self {
        Self {
            symbols,
            table,
            weighted,
        }
    }
}

impl<S: Symbols, P: Parameters> Kernel for WeightedLookup<'_, S, P> {
    const HAS_VECTORS: bool = S::ARE_FAST;

    type Row<'k, D: SimdDescriptor>
        = WeightedLookupRow<'k, S::Local<'k>, P, D>
    where
        Self: 'k;

    #[inline(always)]
    fn row<D: SimdDescriptor>(&mut self, d: D, _: usize) -> Self::Row<'_, D> {
        WeightedLookupRow {
            symbols: self.symbols.local(),
            table: self.table,
            weighted: self.weighted.row_with(d),
        }
    }
}

pub(super) struct WeightedLookupRow<'k, S, P, D: SimdDescriptor> {
    symbols: S,
    table: &'k LookupTable,
    weighted: WeightedRow<'k, P, D>,
}

impl<S: LocalSymbols, P: Parameters, D: SimdDescriptor> RowKernel
    for WeightedLookupRow<'_, S, P, D>
{
    const HAS_PIECES: bool = true;

    #[inline(always)]
    fn begin(&mut self, columns: &Range<usize>, above: Option<[&[i32]; 2]>) {
        self.weighted.begin(columns, above.map(|[_, above]| above));
    }

    #[inline(always)]
    fn end(&mut self, columns: &Range<usize>) {
        self.weighted.end(columns);
    }

    #[inline(always)]
    fn sample(&mut self, x: usize, at: &Neighbors) -> Result<i32, Error> {
        let guess = self.weighted.predict(x, at);
        let residual = self.symbols.read(self.table.cluster(guess.max_error))?;
        let sample = guess.prediction.wrapping_add(residual);
        self.weighted.update(x, sample);
        Ok(sample)
    }
}

pub(super) struct GradientLookup<'a, S> {
    symbols: &'a mut S,
    table: &'a LookupTable,
}

impl<'a, S> GradientLookup<'a, S> {
    pub(super) fn new(symbols: &'a mut S, table: &'a LookupTable) -> Self {
        Self { symbols, table }
    }
}

impl<S: Symbols> Kernel for GradientLookup<'_, S> {
    type Row<'k, D: SimdDescriptor>
        = GradientLookupRow<'k, S::Local<'k>>
    where
        Self: 'k;

    #[inline(always)]
    fn row<D: SimdDescriptor>(&mut self, _: D, _: usize) -> Self::Row<'_, D> {
        GradientLookupRow {
            symbols: self.symbols.local(),
            table: self.table,
        }
    }
}

pub(super) struct GradientLookupRow<'k, S> {
    symbols: S,
    table: &'k LookupTable,
}

impl<S: LocalSymbols> RowKernel for GradientLookupRow<'_, S> {
    #[inline(always)]
    fn sample(&mut self, _: usize, at: &Neighbors) -> Result<i32, Error> {
        let property = at.w.wrapping_add(at.n).wrapping_sub(at.nw);
        let residual = self.symbols.read(self.table.cluster(property))?;
        Ok(residual.wrapping_add(gradient(at.w, at.n, at.nw)))
    }
}
