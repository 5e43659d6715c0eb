use super::{GRADIENT_PROPERTY, LookupTable, REACH};
use crate::modular::Predictor;
use crate::modular::tree::{FlatNode, FlatTree, Leaf};

fn leaf(cluster: u32) -> Leaf {
    Leaf {
        cluster,
        predictor: Predictor::GRADIENT,
        offset: 0,
        multiplier: 1,
    }
}

/// The nodes of a tree that decides on two values of a property.
fn nodes(property: u32, values: [i32; 2]) -> [FlatNode; 5] {
    let split = |value, child| FlatNode {
        property,
        value,
        child,
    };
    let end = |child| FlatNode {
        property: FlatNode::LEAF,
        value: 0,
        child,
    };
    [
        split(values[0], 1),
        split(values[1], 3),
        end(0),
        end(1),
        end(2),
    ]
}

fn leaves() -> [Leaf; 3] {
    [leaf(3), leaf(5), leaf(4)]
}

#[test]
fn the_table_gives_what_the_walk_gives() {
    let mut table = LookupTable::new();
    for values in [[-3, 900], [0, 1], [-REACH, REACH - 1]] {
        let tree = FlatTree {
            nodes: &nodes(GRADIENT_PROPERTY, values),
            leaves: &leaves(),
        };
        assert!(table.fill_for_gradient(&tree));
        assert!(!table.fill_for_weighted(&tree));
        for value in [
            i32::MIN,
            -REACH - 1,
            -REACH,
            -4,
            -3,
            -2,
            0,
            1,
            2,
            900,
            901,
            REACH,
            i32::MAX,
        ] {
            let expected = tree.walk(|_| value).cluster;
            assert_eq!(table.cluster(value), expected, "{value} in {values:?}");
        }
    }
}

#[test]
fn other_trees_are_left_alone() {
    let fills = |nodes: [FlatNode; 5], leaves: [Leaf; 3]| {
        let (nodes, leaves) = (&nodes[..], &leaves[..]);
        LookupTable::new().fill_for_gradient(&FlatTree { nodes, leaves })
    };
    assert!(fills(nodes(GRADIENT_PROPERTY, [0, 5]), leaves()));
    assert!(!fills(nodes(GRADIENT_PROPERTY, [0, REACH]), leaves()));
    assert!(!fills(nodes(GRADIENT_PROPERTY + 1, [0, 5]), leaves()));
    let mut scaled = leaves();
    scaled[1].multiplier = 2;
    assert!(!fills(nodes(GRADIENT_PROPERTY, [0, 5]), scaled));
    let mut mixed = leaves();
    mixed[2].predictor = Predictor::WEST;
    assert!(!fills(nodes(GRADIENT_PROPERTY, [0, 5]), mixed));
}
