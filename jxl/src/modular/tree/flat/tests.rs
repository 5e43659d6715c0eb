use super::{FlatTree, flatten};
use crate::modular::Predictor;
use crate::modular::testing::Rng;
use crate::modular::tree::{FusedTree, Leaf, Node};

/// A random tree in breadth-first order, of at most `splits` decisions.
fn tree(rng: &mut Rng, splits: usize) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut waiting = 1;
    while waiting > 0 {
        waiting -= 1;
        let child = nodes.len() + 1 + waiting;
        if nodes.len() < splits && (waiting == 0 || rng.below(4) > 0) {
            waiting += 2;
            nodes.push(Node::Split {
                property: rng.below(30) as u32,
                value: rng.within(6),
                child: child as u32,
            });
        } else {
            nodes.push(Node::Leaf(Leaf {
                cluster: nodes.len() as u32,
                predictor: Predictor::Zero,
                offset: 0,
                multiplier: 1,
            }));
        }
    }
    nodes
}

fn walk(nodes: &[Node], properties: &[i32]) -> Leaf {
    let mut at = 0;
    loop {
        match nodes[at] {
            Node::Leaf(leaf) => return leaf,
            Node::Split {
                property,
                value,
                child,
            } => {
                let greater = properties[property as usize] > value;
                at = child as usize + usize::from(!greater);
            }
        }
    }
}

fn check(nodes: &[Node], flat: &FlatTree, fixed: [i32; 2], references: usize, rng: &mut Rng) {
    let fused = FusedTree::new(flat);
    for _ in 0..50 {
        let mut properties = [0; 32].map(|_: i32| rng.within(8));
        properties[..2].copy_from_slice(&fixed);
        properties[16 + 4 * references..].fill(0);
        let found = flat.walk(|property| properties[property as usize]);
        assert_eq!(found, walk(nodes, &properties));
        let fused = fused.walk(|property| properties[property as usize]);
        assert_eq!(*fused, found);
    }
}

#[test]
fn pruned_trees_lead_to_the_same_leaves() {
    let mut rng = Rng(12);
    for splits in [0, 1, 2, 5, 20, 200] {
        for channel in 0..4 {
            for stream in 0..4 {
                let nodes = tree(&mut rng, splits);
                let references = rng.below(4);
                let flat = flatten(&nodes, channel, stream, references);
                assert!(flat.properties().all(|property| property >= 2));
                assert!(flat.references() <= references);
                let fixed = [channel as i32, stream as i32];
                check(&nodes, &flat, fixed, references, &mut rng);
            }
        }
    }
}
