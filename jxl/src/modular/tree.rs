mod flat;
mod fused;

use std::collections::VecDeque;
use std::ops::Range;

use frame_arena::{Charge, Scope};
use jxl_bitstream::{Bitstream, unpack_signed};
use jxl_coding::Decoder;

use crate::entropy::Code;
use crate::modular::Predictor;
use crate::{Error, origin};
pub(super) use flat::{
    FlatNode, FlatTree, OWN_PROPERTIES, REFERENCE_PROPERTIES, WEIGHTED_PROPERTY,
};
pub(super) use fused::FusedTree;

/// The property that is the number of the stream.
const STREAM_PROPERTY: u32 = 1;
/// Greatest distance of a leaf from the root (level 10).
const MAX_DEPTH: u16 = 2048;

// Contexts of the code in which the tree itself is written (ISO/IEC 18181-1, H.4).
const SPLIT_CONTEXT: u32 = 0;
const PROPERTY_CONTEXT: u32 = 1;
const PREDICTOR_CONTEXT: u32 = 2;
const OFFSET_CONTEXT: u32 = 3;
const MULTIPLIER_LOG_CONTEXT: u32 = 4;
const MULTIPLIER_BITS_CONTEXT: u32 = 5;
const TREE_CONTEXTS: u32 = 6;

/// How many nodes a tree may have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TreeLimits {
    max_nodes: usize,
}

impl TreeLimits {
    /// For the tree of a frame with `samples` samples over all its channels (level 10).
    pub(crate) fn global(samples: u64) -> Self {
        Self::capped(samples / 16, 1 << 22)
    }

    /// For the tree of one sub-bitstream with `samples` coded samples (level 10).
    pub(crate) fn local(samples: u64) -> Self {
        Self::capped(samples, 1 << 20)
    }

    fn capped(samples: u64, most: u64) -> Self {
        Self {
            max_nodes: samples.saturating_add(1024).min(most) as usize,
        }
    }
}

/// A meta-adaptive tree and the entropy code of the samples that it leads to.
///
/// The memory of the tree is counted against the arena's limit as long as this value lives.
pub(crate) struct MaConfig {
    /// In breadth-first order; the root is the first.
    nodes: Vec<Node>,
    code: Code,
    _charges: [Charge; 2],
}

/// A node as it is coded.
#[derive(Clone, Copy, Debug)]
enum Node {
    /// Leads to node `child` if the property is greater than `value`, to `child + 1` otherwise.
    Split {
        property: u32,
        value: i32,
        child: u32,
    },
    Leaf(Leaf),
}

/// What is done at a leaf: a sample is `prediction + offset + multiplier * residual`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl MaConfig {
    /// Reads a tree and the entropy code of its leaves. `scope` is charged for the tree.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if the tree is larger than `limits`, deeper than level 10 allows or
    /// not a tree; [`Error::Memory`] if the arena's limit does not leave room for it.
    pub(crate) fn parse(
        bits: &mut Bitstream<'_>,
        scope: &Scope,
        limits: TreeLimits,
    ) -> Result<Self, Error> {
        let mut code = Decoder::parse(bits, TREE_CONTEXTS)?;
        let property_cluster = code.cluster_map()[PROPERTY_CONTEXT as usize];
        if code
            .single_token(property_cluster)
            .is_some_and(|token| token != 0)
        {
            return Err(Error::corrupt("tree without leaves"));
        }
        code.begin(bits)?;
        let (mut nodes, charge) = read_nodes(bits, &mut code, scope, limits)?;
        code.finalize()?;
        let leaves = nodes.iter().filter(|n| matches!(n, Node::Leaf(_))).count();
        let samples_code = Code::parse(bits, leaves as u32)?;
        let code_charge = scope.charge_for(origin::ENTROPY_CODES, samples_code.heap_bytes())?;
        let clusters = samples_code.clusters();
        for node in &mut nodes {
            if let Node::Leaf(leaf) = node {
                leaf.cluster = u32::from(clusters[leaf.cluster as usize]);
            }
        }
        Ok(Self {
            nodes,
            code: samples_code,
            _charges: [charge, code_charge],
        })
    }

    /// How many channels before its own a channel's decisions look at, at most.
    pub(super) fn references(&self) -> usize {
        let properties = self.nodes.iter().filter_map(|node| match node {
            Node::Split { property, .. } => Some(*property),
            Node::Leaf(_) => None,
        });
        flat::references(properties)
    }

    /// The code of the samples.
    pub(super) fn code(&self) -> &Code {
        &self.code
    }

    /// True if any channel of a stream in `streams`, which is not empty, may need the weighted predictor.
    pub(crate) fn may_need_weighted(&self, streams: Range<u32>) -> bool {
        let (first, last) = (streams.start as i32, streams.end as i32 - 1);
        let mut waiting = vec![0];
        while let Some(at) = waiting.pop() {
            match self.nodes[at as usize] {
                Node::Split {
                    property: STREAM_PROPERTY,
                    value,
                    child,
                } => {
                    waiting.extend((last > value).then_some(child));
                    waiting.extend((first <= value).then_some(child + 1));
                }
                Node::Split {
                    property: flat::WEIGHTED_PROPERTY,
                    ..
                } => return true,
                Node::Split { child, .. } => waiting.extend([child, child + 1]),
                Node::Leaf(leaf) if leaf.predictor == Predictor::Weighted => return true,
                Node::Leaf(_) => {}
            }
        }
        false
    }

    /// The part of the tree that channel number `channel` of stream `stream` can reach, where
    /// `references` channels before it have its shape.
    pub(super) fn flatten(&self, channel: u32, stream: u32, references: usize) -> FlatTree {
        flat::flatten(&self.nodes, channel, stream, references)
    }
}

fn read_nodes(
    bits: &mut Bitstream<'_>,
    code: &mut Decoder,
    scope: &Scope,
    limits: TreeLimits,
) -> Result<(Vec<Node>, Charge), Error> {
    let mut capacity = limits.max_nodes.min(256);
    let charge_for = |nodes: usize| scope.charge_for(origin::TREES, nodes * size_of::<Node>());
    let mut charge = charge_for(capacity)?;
    let mut nodes = Vec::with_capacity(capacity);
    let mut leaves = 0;
    let mut depths = VecDeque::from([0_u16]);
    while let Some(depth) = depths.pop_front() {
        if nodes.len() == capacity {
            if capacity == limits.max_nodes {
                return Err(Error::corrupt("tree has too many nodes"));
            }
            capacity = (capacity * 2).min(limits.max_nodes);
            charge = charge_for(capacity)?;
            nodes.reserve_exact(capacity - nodes.len());
        }
        let node = match code.read_varint(bits, PROPERTY_CONTEXT)? {
            0 => {
                let leaf = read_leaf(bits, code, leaves)?;
                leaves += 1;
                Node::Leaf(leaf)
            }
            property => {
                if depth == MAX_DEPTH {
                    return Err(Error::corrupt("tree is too deep"));
                }
                // Every node after this one, read or awaited, comes before its children.
                let child = nodes.len() + 1 + depths.len();
                depths.extend([depth + 1; 2]);
                Node::Split {
                    property: property - 1,
                    value: unpack_signed(code.read_varint(bits, SPLIT_CONTEXT)?),
                    child: child as u32,
                }
            }
        };
        nodes.push(node);
    }
    Ok((nodes, charge))
}

fn read_leaf(bits: &mut Bitstream<'_>, code: &mut Decoder, context: u32) -> Result<Leaf, Error> {
    let predictor = Predictor::from_code(code.read_varint(bits, PREDICTOR_CONTEXT)?)?;
    let offset = unpack_signed(code.read_varint(bits, OFFSET_CONTEXT)?);
    let log = code.read_varint(bits, MULTIPLIER_LOG_CONTEXT)?;
    if log > 30 {
        return Err(Error::corrupt("multiplier out of range"));
    }
    let mantissa = code.read_varint(bits, MULTIPLIER_BITS_CONTEXT)?;
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
