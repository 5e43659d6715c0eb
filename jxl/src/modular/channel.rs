mod general;
mod leaf;
mod lookup;
mod masked;
mod residuals;
mod symbols;

use frame_arena::{AllocError, PlaneView, PlaneViewMut, Scratch, ScratchPlan, SliceSpec, Spec};
use jxl_simd::{ScalarDescriptor, SimdDescriptor};

use crate::Error;
use crate::budget::Budget;
use crate::memory::Memory;
use crate::modular::WeightedParams;
use crate::modular::rows::{Kernel, decode_row};
use crate::modular::tree::{
    FlatTree, FusedRoom, FusedTree, Kind, MaskedRoom, MaskedTree, REFERENCE_PROPERTIES,
};
use crate::modular::weighted::{DefaultParameters, WeightedRows};
use crate::simd::{self, dispatch_quads};
use general::{General, MaybeWeighted};
use lookup::{GradientLookup, LookupTable, WeightedLookup};
use masked::Masked;
use residuals::MaskedResiduals;
use symbols::LocalSymbols;
pub(super) use symbols::Symbols;

/// Samples from which on a tree is worth masks.
const LEAST_MASKED_SAMPLES: usize = 1024;

/// The same of a tree of up to [`FEW_LEAVES`], which is a short walk.
const LEAST_SAMPLES_OF_FEW_LEAVES: usize = 4096;

const FEW_LEAVES: usize = 8;

/// Sizes of the working memory of the channels of one stream.
#[derive(Clone, Copy)]
pub(super) struct WorkspaceShape {
    /// Columns of the widest channel.
    pub(super) max_width: usize,
    /// Most samples of other channels that the properties of a row use.
    pub(super) most_references: usize,
}

impl WorkspaceShape {
    fn references(self) -> SliceSpec<i32> {
        // Stale: each row is computed before it is read.
        SliceSpec::stale(self.most_references * REFERENCE_PROPERTIES)
    }

    /// Plans the most that trees may need.
    pub(super) fn plan(self, task: &mut ScratchPlan) -> Result<(), AllocError> {
        task.possibly(|task| WeightedRows::spec(self.max_width).plan(task))?;
        task.possibly(|task| self.references().plan(task))
    }
}

/// Working memory of the channels of one stream.
pub(super) struct Workspace<'s> {
    scratch: &'s Scratch<'s>,
    weighted_scratch: &'s Scratch<'s>,
    weighted: WeightedRows<'s>,
    /// Properties from the channels before, for one row.
    references: &'s mut [i32],
    lookup: LookupTable,
    shape: WorkspaceShape,
    budget: &'s Budget<'s>,
}

/// Room for structures made from trees, one after the other.
pub(super) struct TreeRoom<'m> {
    fused: FusedRoom<'m>,
    masked: MaskedRoom<'m>,
}

impl<'m> TreeRoom<'m> {
    pub(super) fn new(memory: Memory<'m>) -> Self {
        Self {
            fused: FusedRoom::new(memory),
            masked: MaskedRoom::new(memory),
        }
    }
}

impl<'s> Workspace<'s> {
    /// Working memory that is opened when a tree needs it. The weighted predictor uses
    /// `weighted_scratch`.
    pub(super) fn new(
        scratch: &'s Scratch<'s>,
        weighted_scratch: &'s Scratch<'s>,
        shape: WorkspaceShape,
        budget: &'s Budget<'s>,
    ) -> Self {
        Self {
            scratch,
            weighted_scratch,
            weighted: WeightedRows::none(),
            references: &mut [],
            lookup: LookupTable::new(),
            shape,
            budget,
        }
    }

    fn prepare(&mut self, tree: &FlatTree<'_>) -> Result<(), Error> {
        if tree.needs_weighted() && self.weighted.is_none() {
            self.weighted = WeightedRows::new(self.weighted_scratch, self.shape.max_width)?;
        }
        if tree.references() > 0 && self.references.is_empty() {
            self.references = self.shape.references().open(self.scratch)?;
        }
        Ok(())
    }
}

/// Decodes one channel, which is not empty, into `channel`.
///
/// `references` are the channels before it that have its shape, the nearest first. Structures made
/// from `tree` go into `room`.
pub(super) fn decode_channel(
    symbols: &mut impl Symbols,
    (tree, room): (&FlatTree<'_>, &mut TreeRoom<'_>),
    params: &WeightedParams,
    references: &[PlaneView<'_, i32>],
    channel: &mut PlaneViewMut<'_, i32>,
    workspace: &mut Workspace<'_>,
) -> Result<(), Error> {
    let width = channel.width();
    workspace.prepare(tree)?;
    if let Some(leaf) = tree.single_leaf()
        && leaf::decode(symbols, leaf, channel, workspace.budget)?
    {
        return Ok(());
    }
    let Workspace {
        weighted,
        references: reference_row,
        lookup,
        budget,
        ..
    } = workspace;
    let budget = *budget;
    let has_default_parameters = *params == WeightedParams::DEFAULT;
    let samples = width * channel.height();
    let is_worth_a_table = samples >= LookupTable::LEAST_SAMPLES;
    if is_worth_a_table && lookup.fill_for_weighted(tree) {
        if has_default_parameters {
            let weighted = weighted.start(DefaultParameters, width);
            let kernel = WeightedLookup::new(symbols, lookup, weighted);
            return decode_rows(kernel, channel, budget);
        }
        let weighted = weighted.start(*params, width);
        let kernel = WeightedLookup::new(symbols, lookup, weighted);
        return decode_rows(kernel, channel, budget);
    }
    if is_worth_a_table && lookup.fill_for_gradient(tree) {
        return decode_rows(GradientLookup::new(symbols, lookup), channel, budget);
    }
    // Making the masks takes longer than walking the tree if there are fewer samples.
    let least_samples = match tree.leaves.len() {
        ..=FEW_LEAVES => LEAST_SAMPLES_OF_FEW_LEAVES,
        _ => LEAST_MASKED_SAMPLES,
    };
    let is_worth_masks = samples >= least_samples.max(8 * tree.nodes.len());
    let weighted = tree.needs_weighted().then_some(weighted);
    if is_worth_masks && let Some(kind) = Kind::of(tree) {
        // Loops of their own are for the parameters that encoders use.
        let kind = match kind {
            Kind::FewProperties if weighted.is_none() || !has_default_parameters => Kind::Samples,
            kind => kind,
        };
        if let Some(masked) = MaskedTree::new(kind, tree, &mut room.masked)? {
            return match weighted {
                None => decode_masked(symbols, (kind, masked), (), channel, budget),
                Some(weighted) if kind == Kind::FewProperties => {
                    let weighted = weighted.start(DefaultParameters, width);
                    let kernel = Masked::<_, _, true>::new(symbols, masked, weighted);
                    decode_rows(kernel, channel, budget)
                }
                Some(weighted) if has_default_parameters => {
                    let weighted = weighted.start(DefaultParameters, width);
                    decode_masked(symbols, (kind, masked), weighted, channel, budget)
                }
                Some(weighted) => {
                    let weighted = weighted.start(*params, width);
                    decode_masked(symbols, (kind, masked), weighted, channel, budget)
                }
            };
        }
    }
    let references = general::References::new(references, tree.references(), reference_row, width);
    let tree = FusedTree::new(tree, &mut room.fused)?;
    match weighted {
        None => {
            let kernel = General::new(symbols, tree, references, ());
            decode_rows(kernel, channel, budget)
        }
        Some(weighted) => {
            let weighted = weighted.start(*params, width);
            let kernel = General::new(symbols, tree, references, weighted);
            decode_rows(kernel, channel, budget)
        }
    }
}

/// Decodes with masks, except those of [`Kind::FewProperties`].
fn decode_masked(
    symbols: &mut impl Symbols,
    (kind, tree): (Kind, MaskedTree<'_>),
    weighted: impl MaybeWeighted,
    channel: &mut PlaneViewMut<'_, i32>,
    budget: &Budget<'_>,
) -> Result<(), Error> {
    match kind {
        Kind::Residuals => {
            let kernel = MaskedResiduals::new(symbols, tree, weighted);
            decode_rows(kernel, channel, budget)
        }
        Kind::FewProperties | Kind::Samples => {
            let kernel = Masked::<_, _, false>::new(symbols, tree, weighted);
            decode_rows(kernel, channel, budget)
        }
    }
}

fn decode_rows(
    mut kernel: impl Kernel,
    channel: &mut PlaneViewMut<'_, i32>,
    budget: &Budget<'_>,
) -> Result<(), Error> {
    for y in 0..channel.height() {
        decode_one_row(&mut kernel, channel, y)?;
        budget.spend_row(channel.width(), kernel.levels())?;
    }
    Ok(())
}

fn decode_one_row<K: Kernel>(
    kernel: &mut K,
    channel: &mut PlaneViewMut<'_, i32>,
    y: usize,
) -> Result<(), Error> {
    let row = OneRow { kernel, channel, y };
    match K::HAS_VECTORS {
        true => dispatch_quads(row),
        false => decode_alone(row),
    }
}

/// A separate function, so that the values of a row stay in registers.
#[inline(never)]
fn decode_alone(row: OneRow<'_, '_, impl Kernel>) -> Result<(), Error> {
    simd::Kernel::run(row, ScalarDescriptor)
}

struct OneRow<'a, 'p, K> {
    kernel: &'a mut K,
    channel: &'a mut PlaneViewMut<'p, i32>,
    y: usize,
}

impl<K: Kernel> simd::Kernel for OneRow<'_, '_, K> {
    type Output = Result<(), Error>;

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, d: D) -> Result<(), Error> {
        decode_row(d, self.kernel, self.channel, self.y)
    }
}
