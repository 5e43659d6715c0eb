use frame_arena::Arena;

use super::{Kind, LEVELS_OF_PART, MaskedLeaf, MaskedRoom, MaskedTree, REACH, RankIndex};
use crate::memory::Memory;
use crate::modular::Predictor;
use crate::modular::testing::Rng;
use crate::modular::tree::{FlatNode, FlatTree, Leaf};

const KINDS: [Kind; 3] = [Kind::FewProperties, Kind::Samples, Kind::Residuals];

/// A random tree of `splits` decisions. `chain` makes it as deep as it can be.
fn tree(
    rng: &mut Rng,
    kind: Kind,
    splits: usize,
    limit: i32,
    chain: bool,
) -> (Vec<FlatNode>, Vec<Leaf>) {
    let properties = kind.places().concat();
    let (predictors, multiplier) = match kind {
        Kind::FewProperties | Kind::Samples => ([Predictor::GRADIENT, Predictor::WEIGHTED], 1),
        Kind::Residuals => ([Predictor::ZERO; 2], 12),
    };
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
            property: properties[rng.below(properties.len())],
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
            predictor: predictors[rng.below(2)],
            offset: 0,
            multiplier,
        });
    }
    (nodes, leaves)
}

fn check(rng: &mut Rng, kind: Kind, flat: &FlatTree<'_>, masked: &MaskedTree<'_>, limit: i32) {
    for _ in 0..100 {
        let mut values = [0; 16];
        let numbers = [0; 6].map(|_| match rng.below(8) {
            0 => rng.sample(),
            1 => [i32::MIN, i32::MAX][rng.below(2)],
            _ => rng.within(limit + 2),
        });
        for (properties, number) in kind.places().iter().zip(numbers) {
            for &property in *properties {
                values[property as usize] = match property {
                    4 | 5 => number.saturating_abs(),
                    _ => number,
                };
            }
        }
        let expected = flat.walk(|property| values[property as usize]);
        let rank = |place: usize| masked.rank(place, RankIndex::new(numbers[place]));
        let (found, levels) = match kind {
            Kind::FewProperties => masked.find::<2>(std::array::from_fn(rank)),
            Kind::Samples => masked.find::<6>(std::array::from_fn(rank)),
            Kind::Residuals => masked.find::<4>(std::array::from_fn(rank)),
        };
        assert_eq!(found, MaskedLeaf::new(&expected));
        assert_eq!(found.cluster(), expected.cluster);
        assert_eq!(
            found.is_weighted(),
            expected.predictor == Predictor::WEIGHTED
        );
        assert_eq!(masked.multiplier(), expected.multiplier);
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
                for kind in KINDS {
                    let (nodes, leaves) = tree(&mut rng, kind, splits, limit, chain);
                    let flat = FlatTree {
                        nodes: &nodes,
                        leaves: &leaves,
                    };
                    let masked = MaskedTree::new(kind, &flat, &mut room).unwrap().unwrap();
                    check(&mut rng, kind, &flat, &masked, limit);
                }
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
    for kind in KINDS {
        let (mut nodes, leaves) = tree(&mut rng, kind, 100, 9, false);
        for node in nodes.iter_mut().filter(|n| n.property != FlatNode::LEAF) {
            node.value = [-REACH, REACH - 2, 0][rng.below(3)];
        }
        let flat = FlatTree {
            nodes: &nodes,
            leaves: &leaves,
        };
        let masked = MaskedTree::new(kind, &flat, &mut room).unwrap().unwrap();
        check(&mut rng, kind, &flat, &masked, REACH);
    }
}

#[test]
fn other_trees_are_left_alone() {
    let mut rng = Rng(23);
    let (nodes, leaves) = tree(&mut rng, Kind::Samples, 400, 9, false);
    let kind = |nodes: &[FlatNode], leaves: &[Leaf]| Kind::of(&FlatTree { nodes, leaves });
    assert_eq!(kind(&nodes, &leaves), Some(Kind::Samples));
    for value in [-REACH - 1, REACH - 1] {
        let mut far = nodes.clone();
        far[0].value = value;
        assert_eq!(kind(&far, &leaves), None);
    }
    let mut other = nodes.clone();
    other[0].property = 14;
    assert_eq!(kind(&other, &leaves), None);
    let mut many = nodes.clone();
    for (value, node) in (-300..).zip(many.iter_mut().filter(|n| n.property != FlatNode::LEAF)) {
        (node.property, node.value) = (9, value);
    }
    let arena = Arena::new();
    let frame = arena.frame();
    let kept = frame.scratch_beyond_plan();
    let mut room = MaskedRoom::new(Memory::new(&frame, &kept));
    let flat = FlatTree {
        nodes: &many,
        leaves: &leaves,
    };
    for kind in [Kind::FewProperties, Kind::Samples] {
        assert!(MaskedTree::new(kind, &flat, &mut room).unwrap().is_none());
    }
    let changes: [fn(&mut Leaf); 3] = [
        |leaf| leaf.predictor = Predictor::WEST,
        |leaf| leaf.offset = 1,
        |leaf| leaf.multiplier = 2,
    ];
    for change in changes {
        let mut leaves = leaves.clone();
        change(&mut leaves[7]);
        assert_eq!(kind(&nodes, &leaves), None);
    }
}

#[test]
fn other_trees_of_residuals_are_left_alone() {
    let mut rng = Rng(24);
    let (nodes, leaves) = tree(&mut rng, Kind::Residuals, 40, 9, false);
    let kind = |nodes: &[FlatNode], leaves: &[Leaf]| Kind::of(&FlatTree { nodes, leaves });
    assert_eq!(kind(&nodes, &leaves), Some(Kind::Residuals));
    let mut other = nodes.clone();
    other[0].property = 9;
    assert_eq!(kind(&other, &leaves), None);
    let changes: [fn(&mut Leaf); 3] = [
        |leaf| leaf.predictor = Predictor::WEST,
        |leaf| leaf.offset = 1,
        |leaf| leaf.multiplier = 2,
    ];
    for change in changes {
        let mut leaves = leaves.clone();
        change(&mut leaves[7]);
        assert_eq!(kind(&nodes, &leaves), None);
    }
}
