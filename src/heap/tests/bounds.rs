//! Bounds of the bytes that a heap holds.

use super::*;
use crate::heap::testing::{Live, Random};

/// Makes and drops 1,000 allocations of 4 KiB, of which up to `open` live at once and are dropped
/// in random order. Each time, `neighbors` short ones are made that stay. Returns the bytes held
/// halfway and at the end, and those of the neighbors.
fn made_and_dropped(open: usize, neighbors: usize) -> (usize, usize, usize) {
    let mut heap = heap();
    let mut random = Random::new(3);
    let mut live: Vec<Live> = Vec::new();
    let mut neighbor_bytes = 0;
    let mut halfway_bytes = 0;
    for round in 0..1_000 {
        live.push(heap.alloc(layout(4 << 10, 8)).unwrap());
        for _ in 0..neighbors {
            heap.alloc(layout(24, 8)).unwrap();
            neighbor_bytes += 24usize.next_multiple_of(16) + RED_ZONE_BYTES;
        }
        if live.len() == open {
            let freed = live.swap_remove(random.below(open));
            heap.free(freed);
        }
        if round == 500 {
            halfway_bytes = heap.source.held_bytes;
        }
    }
    (halfway_bytes, heap.source.held_bytes, neighbor_bytes)
}

#[test]
fn what_is_made_and_dropped_takes_constant_memory() {
    for open in [1, 2, 7] {
        let (halfway_bytes, bytes, _) = made_and_dropped(open, 0);
        assert_eq!(halfway_bytes, bytes);
        assert!(bytes <= BLOCK_BYTES);
    }
}

#[test]
fn what_is_made_and_dropped_beside_others_that_stay_takes_constant_memory() {
    for open in [1, 2, 7] {
        let (halfway_bytes, bytes, neighbor_bytes) = made_and_dropped(open, 1);
        assert!(
            bytes - halfway_bytes <= neighbor_bytes / 2 + BLOCK_BYTES,
            "{open}"
        );
        assert!(
            bytes <= neighbor_bytes + BLOCK_BYTES + (4 << 10) * open * 2,
            "{open}"
        );
    }
}

/// Grows `count` allocations in turn up to `most_bytes` each, like vectors that are pushed to.
/// Returns the most bytes held per byte in use after any step, beyond a block or two.
fn grown_in_turn(count: usize, most_bytes: usize) -> f64 {
    let mut heap = heap();
    let mut live: Vec<Live> = (0..count)
        .map(|_| heap.alloc(layout(8, 8)).unwrap())
        .collect();
    let mut worst = 0.0f64;
    for step in 1.. {
        // Each is pushed to when it is full: one element is more than the old capacity has.
        let old_bytes = 8 << (step - 1);
        if old_bytes >= most_bytes {
            break;
        }
        for (index, one) in live.iter_mut().enumerate() {
            heap.resize(one, layout(2 * old_bytes, 8)).unwrap();
            let full = (index + 1) * (old_bytes + 8) + (count - index - 1) * old_bytes;
            let beyond = heap
                .source
                .held_bytes
                .saturating_sub(BLOCK_BYTES * count.min(2));
            worst = worst.max(beyond as f64 / full as f64);
        }
    }
    worst
}

#[test]
fn a_vector_that_is_pushed_to_holds_twice_its_length_and_a_block() {
    let held = grown_in_turn(1, 8 << 20);
    assert!(held <= 2.0, "{held}");
}

#[test]
fn vectors_that_are_pushed_to_in_turn_hold_little_more() {
    for count in [2, 10, 100] {
        let held = grown_in_turn(count, 1 << 20);
        assert!(held <= 3.0, "{count}: {held}");
    }
}
