use std::collections::VecDeque;

use super::{FlatNode, FlatTree, Leaf};

/// A tree that is walked two decisions at a time.
///
/// Both decisions that may come second are taken along with the first: they do not wait for one
/// another then, and there are half as many steps whose end is hard to foretell.
#[derive(Clone, Debug)]
pub(in crate::modular) struct FusedTree {
    /// The root is the first; never empty.
    nodes: Vec<FusedNode>,
    leaves: Vec<Leaf>,
}

#[derive(Clone, Copy, Debug)]
struct FusedNode {
    /// As in a [`FlatNode`].
    property: u32,
    value: i32,
    /// Of the decision that follows where the property is greater, and where it is not.
    properties: [u32; 2],
    values: [i32; 2],
    /// The first of four nodes; at a leaf, the leaf's number.
    child: u32,
}

impl FusedTree {
    /// Size of a node; there are less than twice as many as in the tree it is made from.
    pub(super) const NODE_BYTES: usize = size_of::<FusedNode>();

    pub(in crate::modular) fn new(tree: &FlatTree) -> Self {
        let mut nodes = Vec::with_capacity(2 * tree.nodes.len());
        let mut waiting = VecDeque::from([0]);
        while let Some(at) = waiting.pop_front() {
            let node = tree.nodes[at as usize];
            let mut fused = FusedNode {
                property: node.property,
                value: node.value,
                properties: [0; 2],
                values: [0; 2],
                child: node.child,
            };
            if node.property != FlatNode::LEAF {
                fused.child = (nodes.len() + 1 + waiting.len()) as u32;
                for second in 0..2 {
                    let at = node.child + second as u32;
                    let node = tree.nodes[at as usize];
                    if node.property == FlatNode::LEAF {
                        // Decided already: either way leads to the leaf.
                        waiting.extend([at, at]);
                    } else {
                        fused.properties[second] = node.property;
                        fused.values[second] = node.value;
                        waiting.extend([node.child, node.child + 1]);
                    }
                }
            }
            nodes.push(fused);
        }
        Self {
            nodes,
            leaves: tree.leaves.clone(),
        }
    }

    /// The leaf that the decisions lead to, given the value of each property.
    #[inline(always)]
    pub(in crate::modular) fn walk(&self, value: impl Fn(u32) -> i32) -> &Leaf {
        let mut node = &self.nodes[0];
        while node.property != FlatNode::LEAF {
            let is_lower = value(node.property) <= node.value;
            let after_greater = value(node.properties[0]) <= node.values[0];
            let after_lower = value(node.properties[1]) <= node.values[1];
            let second = if is_lower { after_lower } else { after_greater };
            let child = node.child as usize + 2 * usize::from(is_lower) + usize::from(second);
            node = &self.nodes[child];
        }
        &self.leaves[node.child as usize]
    }
}
