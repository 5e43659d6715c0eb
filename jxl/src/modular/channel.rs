mod general;
mod leaf;
mod lookup;
mod symbols;

use frame_arena::{PlaneAlloc, PlaneView, PlaneViewMut, Scratch};

use crate::Error;
use crate::modular::WeightedParams;
use crate::modular::rows::{Kernel, decode_row};
use crate::modular::tree::{FlatTree, REFERENCE_PROPERTIES};
use crate::modular::weighted::{DefaultParameters, WeightedRows};
use general::{General, MaybeWeighted};
use lookup::{GradientLookup, LookupTable, WeightedLookup};
use symbols::LocalSymbols;
pub(super) use symbols::{Any, Symbols};

/// Working memory of the channels of one stream.
pub(super) struct Workspace<'s> {
    scratch: &'s Scratch<'s>,
    weighted_scratch: &'s Scratch<'s>,
    weighted: WeightedRows<'s>,
    /// Properties from the channels before, for one row.
    references: &'s mut [i32],
    most_references: usize,
    lookup: LookupTable,
    max_width: usize,
}

impl<'s> Workspace<'s> {
    /// Working memory for channels of up to `max_width` columns, with up to `most_references` samples of other channels that properties
    /// come from in a row. That of the weighted predictor comes from `weighted_scratch`.
    pub(super) fn new(
        scratch: &'s Scratch<'s>,
        weighted_scratch: &'s Scratch<'s>,
        max_width: usize,
        most_references: usize,
    ) -> Self {
        Self {
            scratch,
            weighted_scratch,
            weighted: WeightedRows::none(),
            references: &mut [],
            most_references,
            lookup: LookupTable::new(),
            max_width,
        }
    }

    fn prepare(&mut self, tree: &FlatTree) -> Result<(), Error> {
        if tree.needs_weighted() && self.weighted.is_none() {
            self.weighted = WeightedRows::new(self.weighted_scratch, self.max_width)?;
        }
        if tree.references() > 0 && self.references.is_empty() {
            // Stale: each row is computed before it is read.
            let properties = self.most_references * REFERENCE_PROPERTIES;
            self.references = self.scratch.stale_slice(properties)?;
        }
        Ok(())
    }
}

/// Decodes one channel, which is not empty, into `channel`.
///
/// `references` are the channels before it that have its shape, the nearest first.
pub(super) fn decode_channel(
    symbols: &mut impl Symbols,
    tree: &FlatTree,
    params: &WeightedParams,
    references: &[PlaneView<'_, i32>],
    channel: &mut PlaneViewMut<'_, i32>,
    workspace: &mut Workspace<'_>,
) -> Result<(), Error> {
    let width = channel.width();
    workspace.prepare(tree)?;
    if let Some(leaf) = tree.single_leaf()
        && leaf::decode(symbols, leaf, channel)?
    {
        return Ok(());
    }
    let Workspace {
        weighted,
        references: reference_row,
        lookup,
        ..
    } = workspace;
    let has_default_parameters = *params == WeightedParams::DEFAULT;
    if lookup.fill_for_weighted(tree) {
        if has_default_parameters {
            let weighted = weighted.start(DefaultParameters, width);
            let kernel = WeightedLookup::new(symbols, lookup, weighted);
            return decode_rows(kernel, channel);
        }
        let weighted = weighted.start(*params, width);
        let kernel = WeightedLookup::new(symbols, lookup, weighted);
        return decode_rows(kernel, channel);
    }
    if lookup.fill_for_gradient(tree) {
        return decode_rows(GradientLookup::new(symbols, lookup), channel);
    }
    let references = general::References::new(references, tree.references(), reference_row, width);
    if !tree.needs_weighted() {
        decode_general(symbols, tree, references, (), channel)
    } else if has_default_parameters {
        let weighted = weighted.start(DefaultParameters, width);
        decode_general(symbols, tree, references, weighted, channel)
    } else {
        let weighted = weighted.start(*params, width);
        decode_general(symbols, tree, references, weighted, channel)
    }
}

fn decode_general(
    symbols: &mut impl Symbols,
    tree: &FlatTree,
    references: general::References<'_>,
    weighted: impl MaybeWeighted,
    channel: &mut PlaneViewMut<'_, i32>,
) -> Result<(), Error> {
    if tree.references() > 0 {
        let kernel = General::<_, _, true>::new(symbols, tree, references, weighted);
        decode_rows(kernel, channel)
    } else {
        let kernel = General::<_, _, false>::new(symbols, tree, references, weighted);
        decode_rows(kernel, channel)
    }
}

#[inline(never)]
fn decode_rows(mut kernel: impl Kernel, channel: &mut PlaneViewMut<'_, i32>) -> Result<(), Error> {
    for y in 0..channel.height() {
        decode_row(&mut kernel, channel, y)?;
    }
    Ok(())
}
