use bytemuck::{Pod, Zeroable};
use jxl_simd::{I32SimdVec, SimdDescriptor, SimdMask};

use super::{FlatNode, FlatTree, Leaf};
use crate::Error;
use crate::memory::{Growing, Memory};
use crate::modular::Predictor;

#[cfg(test)]
mod tests;

/// The properties and predictors of trees that can become a [`MaskedTree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::modular) enum Kind {
    /// Properties: the gradient, and the weighted predictor's error. Predictors as in `Samples`.
    FewProperties,
    /// Properties that encoders use up to effort 7. The predictors are the gradient and the
    /// weighted one.
    Samples,
    /// Properties that encoders use for squeeze residuals. Nothing is predicted, and all residuals
    /// have the same multiplier.
    Residuals,
}

impl Kind {
    /// The kind with the fewest places that fits the tree, or `None`.
    pub(in crate::modular) fn of(tree: &FlatTree<'_>) -> Option<Self> {
        let mut kinds = [Self::FewProperties, Self::Residuals, Self::Samples].into_iter();
        kinds.find(|&kind| can_be_masked(kind, tree))
    }

    /// The places, and the properties that share each one because they come from the same value.
    /// The sample above gives property 6, and its absolute value is property 4. The sample to the
    /// left gives 7 and 5.
    const fn places(self) -> &'static [&'static [u32]] {
        match self {
            Self::FewProperties => &[&[9], &[15]],
            Self::Samples => &[&[9], &[10], &[11], &[12], &[13], &[15]],
            Self::Residuals => &[&[4, 6], &[5, 7], &[8], &[15]],
        }
    }

    /// The place of a property; `None` if this kind does not have it.
    fn place(self, property: u32) -> Option<usize> {
        let mut places = self.places().iter();
        places.position(|properties| properties.contains(&property))
    }

    fn allows_leaf(self, leaf: &Leaf, first: &Leaf) -> bool {
        let is_possible = match self {
            Self::FewProperties | Self::Samples => {
                leaf.multiplier == 1
                    && [Predictor::GRADIENT, Predictor::WEIGHTED].contains(&leaf.predictor)
            }
            Self::Residuals => {
                leaf.multiplier == first.multiplier && leaf.predictor == Predictor::ZERO
            }
        };
        is_possible && leaf.offset == 0
    }
}

/// Largest number of places.
const MOST_PLACES: usize = 6;

/// Properties that are absolute values.
const ABSOLUTE_PROPERTIES: [u32; 2] = [4, 5];

/// Decision values are from `-REACH` to `REACH - 2`.
const REACH: i32 = 1024;

/// Exits of a part, each one bit of a mask.
const EXITS: usize = 64;

/// Marks an exit that leads to another part.
const MORE: u32 = 1 << 31;

/// Levels of a tree that one part counts as in the work limit.
const LEVELS_OF_PART: u64 = 8;

/// A tree that is evaluated without walking it. The value of each property gives a mask of the
/// leaves that it allows. The leaf allowed by all masks is the result.
///
/// Values between two neighboring thresholds of a property have the same *rank*. A part of the tree
/// has up to 64 exits and, for each rank, a mask of them. A tree with more leaves has several
/// parts, and an exit leads to another part or to a leaf. Small subtrees share a part.
#[derive(Clone, Copy)]
pub(in crate::modular) struct MaskedTree<'t> {
    ranks: &'t [RankTable; MOST_PLACES],
    /// All parts. The first one contains the root.
    parts: &'t [Part],
    first: &'t Part,
    multiplier: u32,
}

/// The rank of each value from `-REACH` to `REACH - 1`. Ranks are numbered on from one property to
/// the next.
type RankTable = [u8; 2 * REACH as usize];

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Part {
    /// The exits that each rank allows.
    masks: [u64; 256],
    /// A [`MaskedLeaf`]; or [`MORE`], with 64 times the number of a part plus the first valid exit
    /// there.
    exits: [u32; EXITS],
}

/// Cluster and predictor of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::modular) struct MaskedLeaf(u32);

impl MaskedLeaf {
    const WEIGHTED: u32 = 1 << 8;

    fn new(leaf: &Leaf) -> Self {
        let weighted = u32::from(leaf.predictor == Predictor::WEIGHTED) * Self::WEIGHTED;
        Self(leaf.cluster | weighted)
    }

    #[inline(always)]
    pub(in crate::modular) fn cluster(self) -> u32 {
        self.0 % Self::WEIGHTED
    }

    /// True for the weighted predictor, false for the gradient.
    #[inline(always)]
    pub(in crate::modular) fn is_weighted(self) -> bool {
        self.0 & Self::WEIGHTED != 0
    }
}

/// The index of a value in a [`RankTable`].
#[derive(Clone, Copy)]
pub(in crate::modular) struct RankIndex(usize);

impl RankIndex {
    #[inline(always)]
    pub(in crate::modular) fn new(value: i32) -> Self {
        Self((value.clamp(-REACH, REACH - 1) + REACH) as usize)
    }

    /// The indices of several values, each of which [`found`](Self::found) takes.
    #[inline(always)]
    pub(in crate::modular) fn find<D: SimdDescriptor>(d: D, values: D::I32Vec) -> D::I32Vec {
        let (low, high) = (-REACH, REACH - 1);
        let [least, most] = [low, high].map(|limit| D::I32Vec::splat(d, limit));
        let values = values.gt(least).if_then_else_i32(values, least);
        let values = values.gt(most).if_then_else_i32(most, values);
        values - least
    }

    #[inline(always)]
    pub(in crate::modular) fn found(index: i32) -> Self {
        Self(index as u32 as usize)
    }
}

/// Memory for a [`MaskedTree`], reused for one tree after another.
pub(in crate::modular) struct MaskedRoom<'m> {
    memory: Memory<'m>,
    /// One table for each place, or empty.
    ranks: &'m mut [RankTable],
    parts: Growing<'m, Part>,
}

impl<'m> MaskedRoom<'m> {
    pub(in crate::modular) fn new(memory: Memory<'m>) -> Self {
        Self {
            memory,
            ranks: &mut [],
            parts: Growing::new(memory),
        }
    }
}

impl<'t> MaskedTree<'t> {
    /// Makes a tree of this [kind](Kind::of). `None` if it has too many thresholds.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub(in crate::modular) fn new(
        kind: Kind,
        tree: &FlatTree<'_>,
        room: &'t mut MaskedRoom<'_>,
    ) -> Result<Option<Self>, Error> {
        let multiplier = tree.leaves[0].multiplier;
        let MaskedRoom {
            memory,
            ranks,
            parts,
        } = room;
        if ranks.is_empty() {
            *ranks = memory.stale(MOST_PLACES)?;
        }
        ranks.fill(RankTable::zeroed());
        if !fill_ranks(kind, tree, ranks) {
            return Ok(None);
        }
        parts.clear();
        let mut builder = Builder {
            kind,
            tree,
            ranks,
            parts,
            used_exits: EXITS,
        };
        builder.build()?;
        let (Ok(ranks), [first, ..]) = ((&**ranks).try_into(), parts.items()) else {
            return Ok(None);
        };
        let parts = parts.items();
        Ok(Some(Self {
            ranks,
            parts,
            first,
            multiplier,
        }))
    }

    /// The multiplier of residuals.
    pub(in crate::modular) fn multiplier(&self) -> u32 {
        self.multiplier
    }

    /// The rank of the value at `index` in place `place` of the tree's kind.
    #[inline(always)]
    pub(in crate::modular) fn rank(&self, place: usize, index: RankIndex) -> u8 {
        self.ranks[place][index.0 % (2 * REACH as usize)]
    }

    /// The leaf for the ranks of all properties, and the number of levels to count for it.
    #[inline(always)]
    pub(in crate::modular) fn find<const PLACES: usize>(
        &self,
        ranks: [u8; PLACES],
    ) -> (MaskedLeaf, u64) {
        self.find_from(self.first.allowed(u64::MAX, ranks), ranks)
    }

    /// The ranks of properties that are known before others, and the exits of the first part that
    /// they allow.
    #[inline(always)]
    pub(in crate::modular) fn narrow<const PLACES: usize>(
        &self,
        ranks: [u8; PLACES],
    ) -> Narrowed<PLACES> {
        let open = self.first.allowed(u64::MAX, ranks);
        Narrowed { open, ranks }
    }

    /// As [`find`](Self::find), with some ranks that are known already and the others.
    #[inline(always)]
    pub(in crate::modular) fn find_narrowed(
        &self,
        Narrowed { open, ranks }: Narrowed<3>,
        others: [u8; 3],
    ) -> (MaskedLeaf, u64) {
        let open = self.first.allowed(open, others);
        let ([a, b, c], [d, e, f]) = (ranks, others);
        self.find_from(open, [a, b, c, d, e, f])
    }

    /// The leaf, if these exits of the first part are open.
    #[inline(always)]
    fn find_from<const PLACES: usize>(
        &self,
        mut open: u64,
        ranks: [u8; PLACES],
    ) -> (MaskedLeaf, u64) {
        let (mut part, mut levels) = (self.first, LEVELS_OF_PART);
        loop {
            let exit = part.exits[open.trailing_zeros() as usize % EXITS];
            if exit & MORE == 0 {
                return (MaskedLeaf(exit), levels);
            }
            part = &self.parts[(exit & !MORE) as usize / EXITS];
            open = part.allowed(u64::MAX << (exit as usize % EXITS), ranks);
            levels += LEVELS_OF_PART;
        }
    }
}

impl Part {
    /// Returns the exits of `open` that the ranks allow.
    #[inline(always)]
    fn allowed<const PLACES: usize>(&self, mut open: u64, ranks: [u8; PLACES]) -> u64 {
        for rank in ranks {
            open &= self.masks[usize::from(rank)];
        }
        open
    }
}

/// See [`MaskedTree::narrow`].
#[derive(Clone, Copy)]
pub(in crate::modular) struct Narrowed<const PLACES: usize> {
    open: u64,
    ranks: [u8; PLACES],
}

impl<const PLACES: usize> Narrowed<PLACES> {
    /// No exit is open.
    pub(in crate::modular) const NONE: Self = Self {
        open: 0,
        ranks: [0; PLACES],
    };
}

/// True if the tree is of this kind and decides on small values only.
fn can_be_masked(kind: Kind, tree: &FlatTree<'_>) -> bool {
    let mut decisions = tree.nodes.iter().filter(|n| n.property != FlatNode::LEAF);
    decisions.all(|node| {
        kind.place(node.property).is_some() && (-REACH..REACH - 1).contains(&node.value)
    }) && tree
        .leaves
        .iter()
        .all(|leaf| kind.allows_leaf(leaf, &tree.leaves[0]))
}

/// The place of the property of a decision node.
fn place(kind: Kind, node: &FlatNode) -> usize {
    kind.place(node.property).unwrap_or(0)
}

fn is_absolute(node: &FlatNode) -> bool {
    ABSOLUTE_PROPERTIES.contains(&node.property)
}

/// Fills the tables, which are zero at first. Returns false if there are too many ranks.
fn fill_ranks(kind: Kind, tree: &FlatTree<'_>, tables: &mut [RankTable]) -> bool {
    let decisions = tree.nodes.iter().filter(|n| n.property != FlatNode::LEAF);
    for node in decisions {
        let table = &mut tables[place(kind, node)];
        match (is_absolute(node), node.value) {
            // Every absolute value is greater than this.
            (true, ..0) => {}
            (true, value) => {
                table[RankIndex::new(-value).0] = 1;
                table[RankIndex::new(value + 1).0] = 1;
            }
            (false, value) => table[RankIndex::new(value + 1).0] = 1,
        }
    }
    let mut ranks = 0_u32;
    for table in tables.iter_mut() {
        if table.contains(&1) {
            for rank in table.iter_mut() {
                ranks += u32::from(*rank);
                *rank = ranks as u8;
            }
        } else {
            table.fill(ranks as u8);
        }
        ranks += 1;
    }
    ranks <= 256
}

/// Most nodes of a subtree in one [`Part`].
const MOST_NODES: usize = 2 * EXITS - 1;

struct Builder<'a, 'm> {
    kind: Kind,
    tree: &'a FlatTree<'a>,
    ranks: &'a [RankTable],
    parts: &'a mut Growing<'m, Part>,
    /// Used exits of the last part.
    used_exits: usize,
}

impl Builder<'_, '_> {
    fn build(&mut self) -> Result<(), Error> {
        self.add(0)?;
        // Exits to further parts hold a node's number until that node is added.
        let mut at = 0;
        while at / EXITS < self.parts.items().len() {
            let exit = self.parts.items()[at / EXITS].exits[at % EXITS];
            if exit & MORE != 0 {
                let place = self.add(exit & !MORE)?;
                self.parts.items_mut()[at / EXITS].exits[at % EXITS] = place | MORE;
            }
            at += 1;
        }
        Ok(())
    }

    /// Adds a subtree to the last part or to a new one. Returns 64 times the number of the part
    /// plus the subtree's first exit.
    fn add(&mut self, root: u32) -> Result<u32, Error> {
        let subtree = Subtree::new(self.tree, root);
        if self.used_exits + subtree.exits > EXITS {
            self.parts.push(Part {
                masks: [u64::MAX; 256],
                exits: [0; EXITS],
            })?;
            self.used_exits = 0;
        }
        let start = self.used_exits;
        self.used_exits += subtree.exits;
        let last = self.parts.items().len() - 1;
        let part = &mut self.parts.items_mut()[last];
        subtree.write((self.kind, self.tree), self.ranks, part, start);
        Ok((last * EXITS + start) as u32)
    }
}

/// The upper levels of a subtree, as far as one part can hold them.
struct Subtree {
    nodes: [u32; MOST_NODES],
    /// Index of a node's first child in `nodes`; 0 for an exit.
    children: [u8; MOST_NODES],
    len: usize,
    exits: usize,
}

impl Subtree {
    fn new(tree: &FlatTree<'_>, root: u32) -> Self {
        let mut subtree = Self {
            nodes: [root; MOST_NODES],
            children: [0; MOST_NODES],
            len: 1,
            exits: 1,
        };
        let mut at = 0;
        while at < subtree.len && subtree.exits < EXITS {
            let node = tree.nodes[subtree.nodes[at] as usize];
            if node.property != FlatNode::LEAF {
                let len = subtree.len;
                subtree.children[at] = len as u8;
                subtree.nodes[len] = node.child;
                subtree.nodes[len + 1] = node.child + 1;
                subtree.len += 2;
                subtree.exits += 1;
            }
            at += 1;
        }
        subtree
    }

    /// Writes the exits, starting at `start`. Removes the exits that each decision excludes from
    /// the masks.
    fn write(
        &self,
        (kind, tree): (Kind, &FlatTree<'_>),
        ranks: &[RankTable],
        part: &mut Part,
        start: usize,
    ) {
        let mut below = [0_u64; MOST_NODES];
        let frontier = (0..self.len).filter(|&at| self.children[at] == 0);
        for (exit, at) in (start..).zip(frontier) {
            let node = tree.nodes[self.nodes[at] as usize];
            part.exits[exit] = match node.property {
                FlatNode::LEAF => MaskedLeaf::new(&tree.leaves[node.child as usize]).0,
                _ => self.nodes[at] | MORE,
            };
            below[at] = 1 << exit;
        }
        for at in (0..self.len).rev().filter(|&at| self.children[at] > 0) {
            let greater = usize::from(self.children[at]);
            let lower = greater + 1;
            below[at] = below[greater] | below[lower];
            let node = tree.nodes[self.nodes[at] as usize];
            let table = &ranks[place(kind, &node)];
            let rank_of = |value: i32| table[RankIndex::new(value).0];
            let (first, last) = (table[0], table[table.len() - 1]);
            let not_greater = match (is_absolute(&node), node.value) {
                (true, ..0) => None,
                (true, value) => Some(rank_of(-value)..=rank_of(value)),
                (false, value) => Some(first..=rank_of(value)),
            };
            for rank in first..=last {
                let is_greater = !not_greater
                    .as_ref()
                    .is_some_and(|ranks| ranks.contains(&rank));
                let ruled_out = if is_greater { lower } else { greater };
                part.masks[usize::from(rank)] &= !below[ruled_out];
            }
        }
    }
}
