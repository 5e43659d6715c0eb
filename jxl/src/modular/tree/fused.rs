use bytemuck::{Pod, Zeroable};

use super::{FlatNode, FlatTree, Leaf};
use crate::Error;
use crate::memory::Growing;

/// A tree that is walked two decisions at a time.
///
/// Both possible second decisions are evaluated together with the first, so none waits for another,
/// and there are half as many branches that are hard to predict.
#[derive(Clone, Copy, Debug)]
pub(in crate::modular) struct FusedTree<'t> {
    /// The root is the first; never empty.
    nodes: &'t [FusedNode],
    leaves: &'t [Leaf],
}

#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(in crate::modular) struct FusedNode {
    /// As in a [`FlatNode`].
    property: u32,
    value: i32,
    /// Properties of the next decisions: if this property is greater, and if it is not.
    properties: [u32; 2],
    values: [i32; 2],
    /// The first of four nodes; at a leaf, the leaf's number.
    child: u32,
}

/// Room for a [`FusedTree`], one after the other.
pub(in crate::modular) type FusedRoom<'m> = Growing<'m, FusedNode>;

impl<'t> FusedTree<'t> {
    /// # Errors
    /// [`Error::Memory`].
    pub(in crate::modular) fn new(
        tree: &FlatTree<'t>,
        nodes: &'t mut FusedRoom<'_>,
    ) -> Result<Self, Error> {
        nodes.clear();
        // What waits for its turn has the number of its node.
        let waiting = |at: u32| FusedNode {
            child: at,
            ..FusedNode::zeroed()
        };
        nodes.push(waiting(0))?;
        let mut place = 0;
        while let Some(&FusedNode { child: at, .. }) = nodes.items().get(place) {
            let node = tree.nodes[at as usize];
            let mut fused = FusedNode {
                property: node.property,
                value: node.value,
                child: node.child,
                ..FusedNode::zeroed()
            };
            if node.property != FlatNode::LEAF {
                fused.child = nodes.items().len() as u32;
                for second in 0..2 {
                    let at = node.child + second as u32;
                    let node = tree.nodes[at as usize];
                    // Where it is decided already, either way leads to the leaf.
                    let mut children = [at, at];
                    if node.property != FlatNode::LEAF {
                        fused.properties[second] = node.property;
                        fused.values[second] = node.value;
                        children = [node.child, node.child + 1];
                    }
                    for child in children {
                        nodes.push(waiting(child))?;
                    }
                }
            }
            nodes.items_mut()[place] = fused;
            place += 1;
        }
        Ok(Self {
            nodes: nodes.items(),
            leaves: tree.leaves,
        })
    }

    /// The leaf that the decisions lead to, given the value of each property, and the number of
    /// levels walked, which may be one too many.
    #[inline(always)]
    pub(in crate::modular) fn walk(&self, value: impl Fn(u32) -> i32) -> (&Leaf, u64) {
        let mut levels = 0;
        let mut node = &self.nodes[0];
        while node.property != FlatNode::LEAF {
            let is_lower = value(node.property) <= node.value;
            let after_greater = value(node.properties[0]) <= node.values[0];
            let after_lower = value(node.properties[1]) <= node.values[1];
            let second = if is_lower { after_lower } else { after_greater };
            let child = node.child as usize + 2 * usize::from(is_lower) + usize::from(second);
            node = &self.nodes[child];
            levels += 2;
        }
        (&self.leaves[node.child as usize], levels)
    }
}
