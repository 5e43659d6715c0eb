use frame_arena::Arena;

use super::{
    LEVELS_OF_PART, MASKED_PROPERTIES, MaskedLeaf, MaskedRoom, MaskedTree, REACH, RankIndex,
};
use crate::memory::Memory;
use crate::modular::Predictor;
use crate::modular::testing::Rng;
use crate::modular::tree::{FlatNode, FlatTree, Leaf};

/// A random tree of `splits` decisions. `chain` makes it as deep as it can be.
fn tree(rng: &mut Rng, splits: usize, limit: i32, chain: bool) -> (Vec<FlatNode>, Vec<Leaf>) {
    let end = |child: usize| FlatNode {
        property: FlatNode::LEAF,
        value: 0,
        child: child as u32,
    };
    let mut nodes = vec![end(0)];
    let mut ends = vec![0];
    for _ in 0..splits {
        let which = if chain {
            ends.len() - 1
        } else {
            rng.below(ends.len())
        };
        let child = nodes.len();
        nodes[ends.swap_remove(which)] = FlatNode {
            property: MASKED_PROPERTIES[rng.below(6)],
            value: rng.within(limit),
            child: child as u32,
        };
        nodes.extend([end(0); 2]);
        ends.extend([child, child + 1]);
    }
    let mut leaves = Vec::new();
    for node in nodes.iter_mut().filter(|n| n.property == FlatNode::LEAF) {
        *node = end(leaves.len());
        leaves.push(Leaf {
            cluster: rng.below(256) as u32,
            predictor: [Predictor::GRADIENT, Predictor::WEIGHTED][rng.below(2)],
            offset: 0,
            multiplier: 1,
        });
    }
    (nodes, leaves)
}

fn check(rng: &mut Rng, flat: &FlatTree<'_>, masked: &MaskedTree<'_>, limit: i32) {
    for _ in 0..100 {
        let mut values = [0; 16];
        for property in MASKED_PROPERTIES {
            values[property as usize] = match rng.below(8) {
                0 => rng.sample(),
                1 => [i32::MIN, i32::MAX][rng.below(2)],
                _ => rng.within(limit + 2),
            };
        }
        let expected = flat.walk(|property| values[property as usize]);
        let ranks = std::array::from_fn(|place| {
            let value = values[MASKED_PROPERTIES[place] as usize];
            masked.rank(place, RankIndex::new(value))
        });
        let (found, levels) = masked.find(ranks);
        assert_eq!(found, MaskedLeaf::new(&expected));
        assert_eq!(found.cluster(), expected.cluster);
        assert_eq!(
            found.is_weighted(),
            expected.predictor == Predictor::WEIGHTED
        );
        assert!(levels <= LEVELS_OF_PART * (1 + flat.nodes.len() as u64 / 12));
    }
}

#[test]
fn masks_lead_where_the_walk_leads() {
    let mut rng = Rng(21);
    let arena = Arena::new();
    let frame = arena.frame();
    let kept = frame.scratch_beyond_plan();
    let mut room = MaskedRoom::new(Memory::new(&frame, &kept));
    for splits in [0, 1, 2, 10, 62, 63, 64, 65, 130, 700] {
        for chain in [false, true] {
            for limit in [1, 9, 20] {
                let (nodes, leaves) = tree(&mut rng, splits, limit, chain);
                let flat = FlatTree {
                    nodes: &nodes,
                    leaves: &leaves,
                };
                let masked = MaskedTree::new(&flat, &mut room).unwrap().unwrap();
                check(&mut rng, &flat, &masked, limit);
            }
        }
    }
}

#[test]
fn thresholds_at_the_ends_of_the_tables_hold() {
    let mut rng = Rng(22);
    let arena = Arena::new();
    let frame = arena.frame();
    let kept = frame.scratch_beyond_plan();
    let mut room = MaskedRoom::new(Memory::new(&frame, &kept));
    let (mut nodes, leaves) = tree(&mut rng, 100, 9, false);
    for node in nodes.iter_mut().filter(|n| n.property != FlatNode::LEAF) {
        node.value = [-REACH, REACH - 2, 0][rng.below(3)];
    }
    let flat = FlatTree {
        nodes: &nodes,
        leaves: &leaves,
    };
    let masked = MaskedTree::new(&flat, &mut room).unwrap().unwrap();
    check(&mut rng, &flat, &masked, REACH);
}

#[test]
fn other_trees_are_left_alone() {
    let mut rng = Rng(23);
    let arena = Arena::new();
    let frame = arena.frame();
    let kept = frame.scratch_beyond_plan();
    let mut room = MaskedRoom::new(Memory::new(&frame, &kept));
    let (nodes, leaves) = tree(&mut rng, 400, 9, false);
    let mut is_some = |nodes: &[FlatNode], leaves: &[Leaf]| {
        let flat = FlatTree { nodes, leaves };
        MaskedTree::new(&flat, &mut room).unwrap().is_some()
    };
    assert!(is_some(&nodes, &leaves));
    for value in [-REACH - 1, REACH - 1] {
        let mut far = nodes.clone();
        far[0].value = value;
        assert!(!is_some(&far, &leaves));
    }
    let mut other = nodes.clone();
    other[0].property = 14;
    assert!(!is_some(&other, &leaves));
    let mut many = nodes.clone();
    for (value, node) in (-300..).zip(many.iter_mut().filter(|n| n.property != FlatNode::LEAF)) {
        (node.property, node.value) = (9, value);
    }
    assert!(!is_some(&many, &leaves));
    let changes: [fn(&mut Leaf); 3] = [
        |leaf| leaf.predictor = Predictor::WEST,
        |leaf| leaf.offset = 1,
        |leaf| leaf.multiplier = 2,
    ];
    for change in changes {
        let mut leaves = leaves.clone();
        change(&mut leaves[7]);
        assert!(!is_some(&nodes, &leaves));
    }
}
