//! Places of allocations, and the return of pieces.

use super::*;
use crate::heap::sizes::UNIT_BYTES;
use crate::heap::testing::Live;

/// Bytes that fill a chunk of `bytes` bytes.
fn filling(bytes: usize) -> Layout {
    layout(bytes - RED_ZONE_BYTES, 1)
}

fn held_bytes(heap: &PatternedHeap) -> usize {
    heap.source.held_bytes
}

fn alloc_many(heap: &mut PatternedHeap, count: usize, layout: Layout) -> Vec<Live> {
    (0..count).map(|_| heap.alloc(layout).unwrap()).collect()
}

fn free_all(heap: &mut PatternedHeap, live: Vec<Live>) {
    for live in live {
        heap.free(live);
    }
}

#[test]
fn a_heap_with_little_takes_little() {
    let mut heap = heap();
    assert_eq!(held_bytes(&heap), 0);
    let live = heap.alloc(layout(100, 8)).unwrap();
    assert_eq!(held_bytes(&heap), 4 << 10);
    heap.free(live);
    assert_eq!(held_bytes(&heap), 4 << 10);
}

#[test]
fn layouts_without_bytes_take_nothing() {
    let mut heap = heap();
    let mut live = heap.alloc(layout(0, 4096)).unwrap();
    assert_eq!(live.address(), 4096);
    heap.resize(&mut live, layout(0, 8192)).unwrap();
    assert_eq!(live.address(), 8192);
    assert_eq!(held_bytes(&heap), 0);
    heap.resize(&mut live, layout(100, 1)).unwrap();
    heap.resize(&mut live, layout(0, 1)).unwrap();
    assert_eq!(heap.heap.live, 0);
    heap.free(live);
}

#[test]
fn the_last_chunk_grows_shrinks_and_is_freed_in_place() {
    let mut heap = heap();
    let _first = heap.alloc(layout(100, 8)).unwrap();
    let mut last = heap.alloc(layout(100, 8)).unwrap();
    let address = last.address();
    for bytes in [200, 2_000, 64, 1_000] {
        heap.resize(&mut last, layout(bytes, 8)).unwrap();
        assert_eq!(last.address(), address);
    }
    heap.free(last);
    let again = heap.alloc(layout(1_000, 8)).unwrap();
    assert_eq!(again.address(), address);
    assert!(heap.heap.free.is_empty());
}

#[test]
fn a_chunk_that_is_not_last_shrinks_in_place_and_moves_to_grow() {
    let mut heap = heap();
    let mut first = heap.alloc(filling(512)).unwrap();
    let second = heap.alloc(filling(512)).unwrap();
    let address = first.address();
    heap.resize(&mut first, filling(256)).unwrap();
    assert_eq!((first.address(), heap.heap.free.bytes()), (address, 256));
    heap.resize(&mut first, filling(640)).unwrap();
    assert_ne!(first.address(), address);
    // The next one takes what the first left, though in two parts.
    let third = heap.alloc(filling(256)).unwrap();
    assert!((address..address + 512).contains(&third.address()));
    assert!(second.address() > third.address());
}

#[test]
fn a_freed_chunk_serves_the_next_request_of_its_class() {
    let mut heap = heap();
    let mut live = alloc_many(&mut heap, 3, layout(300, 16));
    let freed = live.swap_remove(1);
    let address = freed.address();
    heap.free(freed);
    let again = heap.alloc(layout(310, 1)).unwrap();
    assert_eq!(again.address(), address);
}

#[test]
fn a_larger_free_chunk_is_split() {
    let mut heap = heap();
    let first = heap.alloc(filling(1024)).unwrap();
    let _second = heap.alloc(filling(64 + RED_ZONE_BYTES)).unwrap();
    let address = first.address();
    heap.free(first);
    let small = alloc_many(&mut heap, 4, filling(256));
    for (index, live) in small.iter().enumerate() {
        assert_eq!(live.address(), address + 256 * index);
    }
    assert!(heap.heap.free.is_empty());
}

#[test]
fn an_aligned_chunk_is_used_again() {
    let mut heap = heap();
    for align in [32, 64, 256, 4096] {
        let mut held = 0;
        for round in 0..100 {
            let live = heap.alloc(layout(1_000, align)).unwrap();
            if round < 20 {
                let _neighbor = heap.alloc(layout(1, 1)).unwrap();
            }
            heap.free(live);
            if round == 20 {
                held = held_bytes(&heap);
            }
        }
        assert_eq!(held_bytes(&heap), held, "{align}");
    }
}

#[test]
fn any_alignment_is_served() {
    let mut heap = heap();
    for shift in 0..=20 {
        for bytes in [1, 100, 10_000, 100_000] {
            let live = heap.alloc(layout(bytes, 1 << shift)).unwrap();
            assert!(live.address().is_multiple_of(1 << shift));
        }
    }
}

#[test]
fn a_large_allocation_has_a_piece_of_its_own() {
    let mut heap = heap();
    heap.source.unit_bytes = 4096;
    let _small = heap.alloc(layout(100, 8)).unwrap();
    let mut large = heap.alloc(layout(40_000, 8)).unwrap();
    assert_eq!(
        (heap.source.pieces, held_bytes(&heap)),
        (2, (4 << 10) + 40_960)
    );
    let address = large.address();
    heap.resize(&mut large, layout(40_800, 8)).unwrap();
    assert_eq!(large.address(), address);
    heap.resize(&mut large, layout(80_000, 8)).unwrap();
    assert_eq!(
        (heap.source.pieces, held_bytes(&heap)),
        (2, (4 << 10) + 81_920)
    );
    heap.resize(&mut large, layout(50_000, 8)).unwrap();
    assert_eq!(held_bytes(&heap), (4 << 10) + 81_920);
    heap.resize(&mut large, layout(20_000, 8)).unwrap();
    assert_eq!(held_bytes(&heap), (4 << 10) + 20_480);
    heap.resize(&mut large, layout(2_000, 8)).unwrap();
    assert_eq!(held_bytes(&heap), 4 << 10);
    heap.free(large);
}

#[test]
fn large_allocations_are_freed_in_any_order() {
    let mut heap = heap();
    let mut live = Vec::new();
    for index in 0..500 {
        live.push(heap.alloc(layout(20_000 + 100 * index, 8)).unwrap());
    }
    for index in 0..500 {
        let freed = live.swap_remove(index * 7 % live.len());
        heap.free(freed);
        assert_eq!(heap.source.pieces, live.len());
    }
}

#[test]
fn all_small_pieces_but_the_newest_go_back_with_the_last_allocation() {
    let mut heap = heap();
    let live = alloc_many(&mut heap, 1_000, layout(500, 8));
    assert!(heap.source.pieces > 5);
    free_all(&mut heap, live);
    assert_eq!((heap.source.pieces, held_bytes(&heap)), (1, BLOCK_BYTES));
    // The room is whole again.
    let live = alloc_many(&mut heap, 100, layout(500, 8));
    assert_eq!(heap.source.pieces, 1);
    free_all(&mut heap, live);
}

#[test]
fn pieces_go_back_though_a_neighbor_stays() {
    let mut heap = heap();
    let before = alloc_many(&mut heap, 10_000, layout(100, 8));
    let neighbor = heap.alloc(layout(100, 8)).unwrap();
    let after = alloc_many(&mut heap, 10_000, layout(100, 8));
    let peak_bytes = held_bytes(&heap);
    assert!(peak_bytes > 30 * BLOCK_BYTES);
    free_all(&mut heap, before);
    assert!(held_bytes(&heap) < peak_bytes * 3 / 4);
    free_all(&mut heap, after);
    assert!(held_bytes(&heap) <= 3 * BLOCK_BYTES);
    heap.free(neighbor);
}

#[test]
fn small_free_chunks_become_large_ones_before_a_refusal() {
    let limit_bytes = 4 << 10;
    let mut heap = PatternedHeap::new(sizes(), TestSource::with_limit(limit_bytes));
    let neighbor = heap.alloc(filling(UNIT_BYTES + RED_ZONE_BYTES)).unwrap();
    let mut live = Vec::new();
    while let Ok(next) = heap.alloc(filling(UNIT_BYTES + RED_ZONE_BYTES)) {
        live.push(next);
    }
    // Every second one, then the others.
    let (even, odd): (Vec<_>, Vec<_>) =
        (live.into_iter().enumerate()).partition(|(index, _)| index % 2 == 0);
    for (_, freed) in even.into_iter().chain(odd) {
        heap.free(freed);
    }
    assert_eq!(heap.heap.live, 1);
    assert!(heap.alloc(layout(3_500, 8)).is_ok());
    heap.free(neighbor);
}

#[test]
fn an_empty_small_piece_is_no_reason_to_refuse() {
    let limit_bytes = 40 << 10;
    let mut heap = PatternedHeap::new(sizes(), TestSource::with_limit(limit_bytes));
    let live = heap.alloc(layout(10_000, 8)).unwrap();
    heap.free(live);
    assert!(held_bytes(&heap) >= 10_000);
    let large = heap.alloc(layout(limit_bytes - 256, 8)).unwrap();
    heap.free(large);
    // Nor is one that is too small.
    let live = heap.alloc(layout(10, 8)).unwrap();
    heap.free(live);
    let blocking = heap.alloc(layout(30_000, 8)).unwrap();
    assert!(heap.alloc(layout(9_000, 8)).is_ok());
    heap.free(blocking);
}

#[test]
fn an_allocation_shrinks_where_there_is_no_memory_to_move_it_to() {
    let bytes = 40_000;
    let mut heap = PatternedHeap::new(sizes(), TestSource::with_limit(bytes + 256));
    let mut live = heap.alloc(layout(bytes, 8)).unwrap();
    let address = live.address();
    heap.resize(&mut live, layout(17_000, 8)).unwrap();
    assert_eq!((live.address(), heap.source.pieces), (address, 1));
    heap.resize(&mut live, layout(1_000, 8)).unwrap();
    assert_eq!((live.address(), heap.source.pieces), (address, 1));
    // The rest of the piece serves small allocations.
    let others = alloc_many(&mut heap, 20, layout(1_000, 8));
    assert_eq!(heap.source.pieces, 1);
    assert!(heap.alloc(layout(bytes, 8)).is_err());
    free_all(&mut heap, others);
    heap.free(live);
    assert!(heap.alloc(layout(bytes, 8)).is_ok());
}

#[test]
fn what_is_refused_stays_as_it_is() {
    let mut heap = PatternedHeap::new(sizes(), TestSource::with_limit(100_000));
    let mut small = heap.alloc(layout(1_000, 8)).unwrap();
    let mut large = heap.alloc(layout(60_000, 8)).unwrap();
    for _ in 0..3 {
        assert!(heap.resize(&mut large, layout(61_000, 8)).is_err());
        assert!(heap.resize(&mut small, layout(90_000, 8)).is_err());
        assert!(heap.alloc(layout(isize::MAX as usize, 1)).is_err());
        assert!(heap.alloc(layout(1, 1 << 40)).is_err());
    }
    assert_eq!(heap.heap.counts().live_bytes(), 61_000);
    heap.free(small);
    heap.free(large);
}

#[test]
fn a_closed_heap_is_as_new() {
    let mut heap = Heap::new(sizes());
    let mut source = TestSource::new();
    for _ in 0..3 {
        for bytes in [10, 1_000, 20_000, 100_000] {
            heap.alloc(layout(bytes, 8), &mut source).unwrap();
        }
        let counts = heap.close(&mut source);
        assert_eq!((counts.requests, counts.requested_bytes), (4, 121_010));
        assert_eq!(
            (counts.freed_bytes, counts.pieces_taken),
            (0, source.requests)
        );
        assert_eq!((source.pieces, source.held_bytes), (0, 0));
        assert_eq!(heap.counts().held_bytes, 0);
        source.requests = 0;
    }
}

#[test]
fn counts_follow_resizes() {
    let mut heap = heap();
    let mut live = heap.alloc(layout(100, 8)).unwrap();
    heap.resize(&mut live, layout(300, 8)).unwrap();
    heap.resize(&mut live, layout(200, 8)).unwrap();
    let counts = *heap.heap.counts();
    assert_eq!(
        (counts.requests, counts.requested_bytes, counts.freed_bytes),
        (1, 300, 100)
    );
    heap.free(live);
    assert_eq!(heap.heap.counts().live_bytes(), 0);
}
