use bytemuck::Zeroable;
use frame_arena::Arena;

use super::{FlatRoom, FlatTree, flatten};
use crate::memory::Memory;
use crate::modular::Predictor;
use crate::modular::testing::Rng;
use crate::modular::tree::{FusedRoom, FusedTree, Leaf, Node};

/// A random tree in breadth-first order, of at most `splits` decisions.
fn tree(rng: &mut Rng, splits: usize) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut waiting = 1;
    while waiting > 0 {
        waiting -= 1;
        let child = nodes.len() + 1 + waiting;
        if nodes.len() < splits && (waiting == 0 || rng.below(4) > 0) {
            waiting += 2;
            nodes.push(Node {
                property: rng.below(30) as u32,
                value: rng.within(6),
                child: child as u32,
                leaf: Leaf::zeroed(),
            });
        } else {
            nodes.push(Node::leaf(Leaf {
                cluster: nodes.len() as u32,
                predictor: Predictor::ZERO,
                offset: 0,
                multiplier: 1,
            }));
        }
    }
    nodes
}

fn walk(nodes: &[Node], properties: &[i32]) -> Leaf {
    let mut node = &nodes[0];
    while !node.is_leaf() {
        let greater = properties[node.property as usize] > node.value;
        node = &nodes[node.child as usize + usize::from(!greater)];
    }
    node.leaf
}

fn check(
    nodes: &[Node],
    (flat, fused): (&FlatTree<'_>, &FusedTree<'_>),
    fixed: [i32; 2],
    references: usize,
    rng: &mut Rng,
) {
    for _ in 0..50 {
        let mut properties = [0; 32].map(|_: i32| rng.within(8));
        properties[..2].copy_from_slice(&fixed);
        properties[16 + 4 * references..].fill(0);
        let found = flat.walk(|property| properties[property as usize]);
        assert_eq!(found, walk(nodes, &properties));
        let (fused, levels) = fused.walk(|property| properties[property as usize]);
        assert_eq!(*fused, found);
        assert!(levels as usize <= 2 * nodes.len());
    }
}

#[test]
fn pruned_trees_lead_to_the_same_leaves() {
    let mut rng = Rng(12);
    let arena = Arena::new();
    for splits in [0, 1, 2, 5, 20, 200] {
        for channel in 0..4 {
            for stream in 0..4 {
                let nodes = tree(&mut rng, splits);
                let references = rng.below(4);
                let frame = arena.frame();
                let kept = frame.scratch_beyond_plan();
                let memory = Memory::new(&frame, &kept);
                let mut room = FlatRoom::new(memory);
                let flat = flatten(&nodes, (channel, stream), references, &mut room).unwrap();
                let mut room = FusedRoom::new(memory);
                let fused = FusedTree::new(&flat, &mut room).unwrap();
                assert!(flat.properties().all(|property| property >= 2));
                assert!(flat.references() <= references);
                let fixed = [channel as i32, stream as i32];
                check(&nodes, (&flat, &fused), fixed, references, &mut rng);
            }
        }
    }
}
