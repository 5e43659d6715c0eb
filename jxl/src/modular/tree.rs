mod flat;
mod fused;
mod masked;

use std::ops::Range;

use bytemuck::{Pod, Zeroable};

use crate::bits::{Bits, unpack_signed};
use crate::entropy::{Code, Reader};
use crate::memory::{Growing, Memory};
use crate::modular::Predictor;
use crate::{Error, Limits};
pub(super) use flat::{
    FlatNode, FlatRoom, FlatTree, OWN_PROPERTIES, REFERENCE_PROPERTIES, WEIGHTED_PROPERTY,
};
pub(super) use fused::{FusedRoom, FusedTree};
pub(super) use masked::{Kind, MaskedLeaf, MaskedRoom, MaskedTree, Narrowed, RankIndex};

/// The property with the number of the stream.
const STREAM_PROPERTY: u32 = 1;

// Contexts of the code in which the tree itself is written (ISO/IEC 18181-1, H.4).
const SPLIT_CONTEXT: usize = 0;
const PROPERTY_CONTEXT: usize = 1;
const PREDICTOR_CONTEXT: usize = 2;
const OFFSET_CONTEXT: usize = 3;
const MULTIPLIER_LOG_CONTEXT: usize = 4;
const MULTIPLIER_BITS_CONTEXT: usize = 5;
const TREE_CONTEXTS: usize = 6;

/// Limits on the nodes and the depth of a tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TreeLimits {
    /// The smaller of the bound by samples and the decoder's limit.
    max_nodes: u64,
    decoder: Limits,
}

impl TreeLimits {
    /// Limits for the tree of a frame with `samples` samples over all its channels (level 10).
    pub(crate) fn global(samples: u64, limits: &Limits) -> Self {
        Self::capped(samples / 16, 1 << 22, limits)
    }

    /// Limits for the tree of one sub-bitstream with `samples` coded samples (level 10).
    pub(crate) fn local(samples: u64, limits: &Limits) -> Self {
        Self::capped(samples, 1 << 20, limits)
    }

    fn capped(samples: u64, most: u64, limits: &Limits) -> Self {
        Self {
            max_nodes: samples.saturating_add(1024).min(most),
            decoder: *limits,
        }
    }

    fn check_nodes(&self, nodes: usize) -> Result<(), Error> {
        if nodes as u64 > self.max_nodes {
            return Err(Error::corrupt("MA tree has too many nodes"));
        }
        Limits::check(
            "nodes of a tree",
            nodes as u64,
            self.decoder.tree_nodes.into(),
        )
    }

    fn check_depth(&self, depth: u32) -> Result<(), Error> {
        let most = self.decoder.tree_depth.into();
        Limits::check("levels of a tree", depth.into(), most)
    }
}

/// A meta-adaptive tree and the entropy code of its contexts.
#[derive(Clone, Copy)]
pub(crate) struct MaConfig<'m> {
    /// In breadth-first order; the root is the first.
    nodes: &'m [Node],
    code: Code<'m>,
}

/// A node as it is coded.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
struct Node {
    /// [`FlatNode::LEAF`] or the property that decides.
    property: u32,
    value: i32,
    /// The next node if the property is greater than `value`, `child + 1` otherwise.
    child: u32,
    /// The predictor of a leaf; unused in other nodes.
    leaf: Leaf,
}

impl Node {
    fn leaf(leaf: Leaf) -> Self {
        Self {
            property: FlatNode::LEAF,
            value: 0,
            child: 0,
            leaf,
        }
    }

    fn is_leaf(&self) -> bool {
        self.property == FlatNode::LEAF
    }
}

/// The parameters of a leaf: a sample is `prediction + offset + multiplier * residual`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Leaf {
    /// Context of the residual until the code is known, then its cluster.
    pub(super) cluster: u32,
    pub(super) predictor: Predictor,
    pub(super) offset: i32,
    pub(super) multiplier: u32,
}

impl Leaf {
    /// The sample with this prediction and residual.
    #[inline(always)]
    pub(super) fn sample(&self, prediction: i32, residual: i32) -> i32 {
        residual
            .wrapping_mul(self.multiplier as i32)
            .wrapping_add(self.offset)
            .wrapping_add(prediction)
    }
}

impl<'m> MaConfig<'m> {
    /// Reads a tree and the entropy code of its leaves.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if the tree is larger than `limits`, deeper than level 10 allows or
    /// not a tree; [`Error::Memory`].
    pub(crate) fn parse(
        bits: &mut Bits<'_>,
        memory: Memory<'m>,
        limits: TreeLimits,
    ) -> Result<Self, Error> {
        let nodes = memory.for_now(|for_now| {
            let code = Code::parse(bits, TREE_CONTEXTS, for_now)?;
            let property_cluster = code.clusters()[PROPERTY_CONTEXT];
            if code.constant(property_cluster).is_some_and(|p| p != 0) {
                return Err(Error::corrupt("MA tree without leaves"));
            }
            let mut reader = Reader::begin(&code, bits, for_now)?;
            let nodes = read_nodes(&mut reader, for_now, limits)?;
            reader.finish(bits)?;
            memory.copy(nodes)
        })?;
        let leaves = nodes.iter().filter(|node| node.is_leaf()).count();
        let code = Code::parse(bits, leaves, memory)?;
        let clusters = code.clusters();
        for node in nodes.iter_mut().filter(|node| node.is_leaf()) {
            node.leaf.cluster = clusters[node.leaf.cluster as usize].into();
        }
        Ok(Self { nodes, code })
    }

    /// Most channels before its own that a channel's decisions use.
    pub(super) fn references(&self) -> usize {
        let splits = self.nodes.iter().filter(|node| !node.is_leaf());
        flat::references(splits.map(|node| node.property))
    }

    /// The code of the samples.
    pub(super) fn code(&self) -> &Code<'m> {
        &self.code
    }

    /// True if any channel of a stream in `streams`, which is not empty, may need the weighted
    /// predictor.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub(crate) fn may_need_weighted(
        &self,
        streams: Range<u32>,
        memory: Memory<'_>,
    ) -> Result<bool, Error> {
        let (first, last) = (streams.start as i32, streams.end as i32 - 1);
        let mut reached = Growing::new(memory);
        reached.push(0_u32)?;
        let mut at = 0;
        while let Some(&place) = reached.items().get(at) {
            at += 1;
            let node = &self.nodes[place as usize];
            if node.is_leaf() {
                if node.leaf.predictor == Predictor::WEIGHTED {
                    return Ok(true);
                }
                continue;
            }
            if node.property == flat::WEIGHTED_PROPERTY {
                return Ok(true);
            }
            let is_open = node.property != STREAM_PROPERTY;
            if is_open || last > node.value {
                reached.push(node.child)?;
            }
            if is_open || first <= node.value {
                reached.push(node.child + 1)?;
            }
        }
        Ok(false)
    }

    /// The part of the tree that channel number `channel` of stream `stream` can reach, if
    /// `references` channels before it have its shape.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub(super) fn flatten<'t>(
        &self,
        (channel, stream): (u32, u32),
        references: usize,
        room: &'t mut FlatRoom<'_>,
    ) -> Result<FlatTree<'t>, Error> {
        flat::flatten(self.nodes, (channel, stream), references, room)
    }
}

fn read_nodes<'t>(
    reader: &mut Reader<'_, '_>,
    memory: Memory<'t>,
    limits: TreeLimits,
) -> Result<&'t [Node], Error> {
    let mut nodes = Growing::new(memory);
    let mut leaves = 0;
    // How many nodes there are up to the children of the last one, and up to the end of its level.
    let (mut known, mut level_end, mut depth) = (1, 1, 0);
    while nodes.items().len() < known {
        if nodes.items().len() == level_end {
            (level_end, depth) = (known, depth + 1);
        }
        limits.check_nodes(nodes.items().len() + 1)?;
        let node = match reader.read(PROPERTY_CONTEXT)? {
            0 => {
                let leaf = read_leaf(reader, leaves)?;
                leaves += 1;
                Node::leaf(leaf)
            }
            property => {
                limits.check_depth(depth + 1)?;
                let child = known as u32;
                known += 2;
                Node {
                    property: property - 1,
                    value: unpack_signed(reader.read(SPLIT_CONTEXT)?),
                    child,
                    leaf: Leaf::zeroed(),
                }
            }
        };
        nodes.push(node)?;
    }
    Ok(nodes.into_items())
}

fn read_leaf(reader: &mut Reader<'_, '_>, context: u32) -> Result<Leaf, Error> {
    let predictor = Predictor::from_code(reader.read(PREDICTOR_CONTEXT)?)?;
    let offset = unpack_signed(reader.read(OFFSET_CONTEXT)?);
    let log = reader.read(MULTIPLIER_LOG_CONTEXT)?;
    if log > 30 {
        return Err(Error::corrupt("multiplier out of range"));
    }
    let mantissa = reader.read(MULTIPLIER_BITS_CONTEXT)?;
    if mantissa > (1 << (31 - log)) - 2 {
        return Err(Error::corrupt("multiplier out of range"));
    }
    Ok(Leaf {
        cluster: context,
        predictor,
        offset,
        multiplier: (mantissa + 1) << log,
    })
}
