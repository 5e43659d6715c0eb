//! Channels with any tree.

use std::ops::Range;

use frame_arena::PlaneView;
use jxl_simd::SimdDescriptor;

use super::{LocalSymbols, Symbols};
use crate::Error;
use crate::modular::predictor::{Neighbors, gradient};
use crate::modular::rows::{Kernel, RowKernel};
use crate::modular::tree::{FusedTree, OWN_PROPERTIES, REFERENCE_PROPERTIES};
use crate::modular::weighted::{Parameters, Weighted, WeightedGuess, WeightedRow};

/// The weighted predictor, or nothing if a tree does not use it.
pub(super) trait MaybeWeighted {
    const HAS_VECTORS: bool;

    type Row<'k, D: SimdDescriptor>: MaybeWeightedRow
    where
        Self: 'k;

    fn row<D: SimdDescriptor>(&mut self, d: D) -> Self::Row<'_, D>;
}

pub(super) trait MaybeWeightedRow {
    const HAS_PIECES: bool;

    fn begin(&mut self, columns: &Range<usize>, above: Option<[&[i32]; 2]>);
    fn end(&mut self, columns: &Range<usize>);
    fn predict(&mut self, x: usize, at: &Neighbors) -> WeightedGuess;
    fn update(&mut self, x: usize, sample: i32);
}

impl MaybeWeighted for () {
    const HAS_VECTORS: bool = false;

    type Row<'k, D: SimdDescriptor> = ();

    fn row<D: SimdDescriptor>(&mut self, _: D) {}
}

impl MaybeWeightedRow for () {
    const HAS_PIECES: bool = false;

    #[inline(always)]
    fn begin(&mut self, _: &Range<usize>, _: Option<[&[i32]; 2]>) {}

    #[inline(always)]
    fn end(&mut self, _: &Range<usize>) {}

    #[inline(always)]
    fn predict(&mut self, _: usize, _: &Neighbors) -> WeightedGuess {
        WeightedGuess {
            prediction: 0,
            max_error: 0,
        }
    }

    #[inline(always)]
    fn update(&mut self, _: usize, _: i32) {}
}

impl<P: Parameters> MaybeWeighted for Weighted<'_, P> {
    const HAS_VECTORS: bool = true;

    type Row<'k, D: SimdDescriptor>
        = WeightedRow<'k, P, D>
    where
        Self: 'k;

    #[inline(always)]
    fn row<D: SimdDescriptor>(&mut self, d: D) -> WeightedRow<'_, P, D> {
        self.row_with(d)
    }
}

impl<P: Parameters, D: SimdDescriptor> MaybeWeightedRow for WeightedRow<'_, P, D> {
    const HAS_PIECES: bool = true;

    #[inline(always)]
    fn begin(&mut self, columns: &Range<usize>, above: Option<[&[i32]; 2]>) {
        WeightedRow::begin(self, columns, above.map(|[_, above]| above));
    }

    #[inline(always)]
    fn end(&mut self, columns: &Range<usize>) {
        WeightedRow::end(self, columns);
    }

    #[inline(always)]
    fn predict(&mut self, x: usize, at: &Neighbors) -> WeightedGuess {
        WeightedRow::predict(self, x, at)
    }

    #[inline(always)]
    fn update(&mut self, x: usize, sample: i32) {
        WeightedRow::update(self, x, sample);
    }
}

/// Properties of one row from other channels.
pub(super) struct References<'a> {
    channels: &'a [PlaneView<'a, i32>],
    /// `width` values of each property.
    properties: &'a mut [i32],
    width: usize,
}

impl<'a> References<'a> {
    /// The references to the first `count` of `channels`, with room for their properties in
    /// `memory`.
    pub(super) fn new(
        channels: &'a [PlaneView<'a, i32>],
        count: usize,
        memory: &'a mut [i32],
        width: usize,
    ) -> Self {
        Self {
            channels: &channels[..count],
            properties: &mut memory[..count * REFERENCE_PROPERTIES * width],
            width,
        }
    }

    fn begin_row(&mut self, y: usize) {
        let memory = self
            .properties
            .chunks_exact_mut(REFERENCE_PROPERTIES * self.width);
        for (channel, properties) in self.channels.iter().zip(memory) {
            let row = channel.row(y);
            let above = y.checked_sub(1).map(|y| channel.row(y));
            let mut w = above.map_or(0, |above| above[0]);
            let mut nw = w;
            for (x, &sample) in row.iter().enumerate() {
                let n = above.map_or(w, |above| above[x]);
                let difference = sample.wrapping_sub(gradient(w, n, nw));
                properties[x] = sample.wrapping_abs();
                properties[self.width + x] = sample;
                properties[2 * self.width + x] = difference.wrapping_abs();
                properties[3 * self.width + x] = difference;
                w = sample;
                nw = above.map_or(w, |above| above[x]);
            }
        }
    }

    #[inline(always)]
    fn get(&self, property: usize, x: usize) -> i32 {
        self.properties[(property - OWN_PROPERTIES) * self.width + x]
    }
}

/// Decodes by walking the tree.
pub(super) struct General<'a, S, W> {
    symbols: &'a mut S,
    tree: FusedTree<'a>,
    references: References<'a>,
    weighted: W,
    levels: u64,
}

impl<'a, S, W> General<'a, S, W> {
    pub(super) fn new(
        symbols: &'a mut S,
        tree: FusedTree<'a>,
        references: References<'a>,
        weighted: W,
    ) -> Self {
        Self {
            symbols,
            tree,
            references,
            weighted,
            levels: 0,
        }
    }
}

impl<S: Symbols, W: MaybeWeighted> Kernel for General<'_, S, W> {
    const HAS_VECTORS: bool = S::ARE_FAST && W::HAS_VECTORS;

    type Row<'k, D: SimdDescriptor>
        = GeneralRow<'k, S::Local<'k>, W::Row<'k, D>>
    where
        Self: 'k;

    #[inline(always)]
    fn row<D: SimdDescriptor>(&mut self, d: D, y: usize) -> Self::Row<'_, D> {
        self.references.begin_row(y);
        // The gradient at the sample before (9) is 0 at first: there is none.
        let mut properties = [0; OWN_PROPERTIES];
        properties[2] = y as i32;
        GeneralRow {
            symbols: self.symbols.local(),
            tree: &self.tree,
            references: &self.references,
            weighted: self.weighted.row(d),
            properties,
            levels: 0,
            all_levels: &mut self.levels,
        }
    }

    fn levels(&mut self) -> u64 {
        std::mem::take(&mut self.levels)
    }
}

/// Adds its levels to those of the kernel when it is dropped.
pub(super) struct GeneralRow<'k, S, W> {
    symbols: S,
    tree: &'k FusedTree<'k>,
    references: &'k References<'k>,
    weighted: W,
    properties: [i32; OWN_PROPERTIES],
    levels: u64,
    all_levels: &'k mut u64,
}

impl<S, W> Drop for GeneralRow<'_, S, W> {
    #[inline(always)]
    fn drop(&mut self) {
        *self.all_levels += self.levels;
    }
}

impl<S: LocalSymbols, W: MaybeWeightedRow> RowKernel for GeneralRow<'_, S, W> {
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
        let properties = &mut self.properties;
        properties[3] = x as i32;
        properties[4] = at.n.saturating_abs();
        properties[5] = at.w.saturating_abs();
        properties[6] = at.n;
        properties[7] = at.w;
        properties[8] = at.w.wrapping_sub(properties[9]);
        properties[9] = at.w.wrapping_add(at.n).wrapping_sub(at.nw);
        properties[10] = at.w.wrapping_sub(at.nw);
        properties[11] = at.nw.wrapping_sub(at.n);
        properties[12] = at.n.wrapping_sub(at.ne);
        properties[13] = at.n.wrapping_sub(at.nn);
        properties[14] = at.w.wrapping_sub(at.ww);
        properties[15] = guess.max_error;
        let properties = &*properties;
        let references = self.references;
        let (leaf, levels) = self.tree.walk(|property| {
            let property = property as usize;
            if property >= OWN_PROPERTIES {
                references.get(property, x)
            } else {
                properties[property % OWN_PROPERTIES]
            }
        });
        self.levels += levels;
        let residual = self.symbols.read(leaf.cluster)?;
        let prediction = leaf.predictor.predict(at, guess.prediction);
        let sample = leaf.sample(prediction, residual);
        self.weighted.update(x, sample);
        Ok(sample)
    }
}
