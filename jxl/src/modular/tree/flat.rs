#[cfg(test)]
mod tests;

use bytemuck::{Pod, Zeroable};

use super::{Leaf, Node};
use crate::Error;
use crate::memory::{Growing, Memory};
use crate::modular::Predictor;

/// Properties that do not depend on other channels.
pub(in crate::modular) const OWN_PROPERTIES: usize = 16;
/// Number of properties that each channel before this one adds.
pub(in crate::modular) const REFERENCE_PROPERTIES: usize = 4;
/// The property computed by the weighted predictor.
pub(in crate::modular) const WEIGHTED_PROPERTY: u32 = 15;

/// A tree for one channel of one stream, without decisions on properties that are constant there.
#[derive(Clone, Copy, Debug)]
pub(in crate::modular) struct FlatTree<'t> {
    /// The root is the first; never empty.
    pub(in crate::modular) nodes: &'t [FlatNode],
    pub(in crate::modular) leaves: &'t [Leaf],
}

/// A node of a [`FlatTree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(in crate::modular) struct FlatNode {
    /// [`FlatNode::LEAF`] or the property that decides, from 2 on.
    pub(in crate::modular) property: u32,
    pub(in crate::modular) value: i32,
    /// The next node if the property is greater than `value`, `child + 1` if it is
    /// not; at a leaf, the leaf's number.
    pub(in crate::modular) child: u32,
}

impl FlatNode {
    /// Stands for the property of a leaf.
    pub(in crate::modular) const LEAF: u32 = u32::MAX;
}

impl FlatTree<'_> {
    /// The leaf, if the tree has no decisions.
    pub(in crate::modular) fn single_leaf(&self) -> Option<Leaf> {
        match self.leaves[..] {
            [leaf] => Some(leaf),
            _ => None,
        }
    }

    /// The leaf that the decisions lead to, given the value of each property. Faster walks are
    /// compared with this one.
    #[cfg(test)]
    pub(in crate::modular) fn walk(&self, value: impl Fn(u32) -> i32) -> Leaf {
        let mut node = self.nodes[0];
        while node.property != FlatNode::LEAF {
            let lower = value(node.property) <= node.value;
            node = self.nodes[node.child as usize + usize::from(lower)];
        }
        self.leaves[node.child as usize]
    }

    /// True if a leaf or a decision needs the weighted predictor.
    pub(in crate::modular) fn needs_weighted(&self) -> bool {
        let weighted = |leaf: &Leaf| leaf.predictor == Predictor::WEIGHTED;
        self.properties().any(|p| p == WEIGHTED_PROPERTY) || self.leaves.iter().any(weighted)
    }

    /// Number of channels before this one that the decisions use.
    pub(in crate::modular) fn references(&self) -> usize {
        references(self.properties())
    }

    /// The properties of the decisions.
    pub(in crate::modular) fn properties(&self) -> impl Iterator<Item = u32> + '_ {
        let properties = self.nodes.iter().map(|node| node.property);
        properties.filter(|&property| property != FlatNode::LEAF)
    }
}

/// Number of channels before its own that a channel's decisions on `properties` use.
pub(super) fn references(properties: impl Iterator<Item = u32>) -> usize {
    let reference = |property: u32| (property as usize + 1).checked_sub(OWN_PROPERTIES);
    let last = properties.filter_map(reference).max();
    last.unwrap_or(0).div_ceil(REFERENCE_PROPERTIES)
}

/// Follows decisions on channel, stream and missing references from node `at` on.
fn resolve(nodes: &[Node], mut at: u32, constant: impl Fn(u32) -> Option<i32>) -> &Node {
    loop {
        let node = &nodes[at as usize];
        if node.is_leaf() {
            return node;
        }
        let Some(constant) = constant(node.property) else {
            return node;
        };
        at = node.child + u32::from(constant <= node.value);
    }
}

/// Room for a [`FlatTree`], one after the other.
pub(in crate::modular) struct FlatRoom<'m> {
    nodes: Growing<'m, FlatNode>,
    leaves: Growing<'m, Leaf>,
}

impl<'m> FlatRoom<'m> {
    pub(in crate::modular) fn new(memory: Memory<'m>) -> Self {
        Self {
            nodes: Growing::new(memory),
            leaves: Growing::new(memory),
        }
    }
}

pub(super) fn flatten<'t>(
    nodes: &[Node],
    (channel, stream): (u32, u32),
    references: usize,
    room: &'t mut FlatRoom<'_>,
) -> Result<FlatTree<'t>, Error> {
    let known = OWN_PROPERTIES + REFERENCE_PROPERTIES * references;
    let constant = |property: u32| match property {
        0 => Some(channel as i32),
        1 => Some(stream as i32),
        missing if missing as usize >= known => Some(0),
        _ => None,
    };
    let FlatRoom {
        nodes: flat,
        leaves,
    } = room;
    flat.clear();
    leaves.clear();
    // What waits for its turn has the number of its node.
    let waiting = |at: u32| FlatNode {
        property: FlatNode::LEAF,
        value: 0,
        child: at,
    };
    flat.push(waiting(0))?;
    let mut place = 0;
    while let Some(&FlatNode { child: at, .. }) = flat.items().get(place) {
        let node = resolve(nodes, at, constant);
        let child = match node.is_leaf() {
            true => {
                leaves.push(node.leaf)?;
                leaves.items().len() - 1
            }
            false => {
                flat.push(waiting(node.child))?;
                flat.push(waiting(node.child + 1))?;
                flat.items().len() - 2
            }
        };
        flat.items_mut()[place] = FlatNode {
            property: node.property,
            value: node.value,
            child: child as u32,
        };
        place += 1;
    }
    Ok(FlatTree {
        nodes: flat.items(),
        leaves: leaves.items(),
    })
}
