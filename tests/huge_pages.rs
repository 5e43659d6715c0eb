//! Huge pages change how fast memory is, and nothing else.

use frame_arena::{Arena, ArenaSnapshot, PlaneAlloc};

/// Planes of sizes around that of a huge page, written, given back, and asked for again as zeros.
fn work(huge_pages: bool) -> ArenaSnapshot {
    let arena = Arena::builder().huge_pages(huge_pages).build();
    for round in 0..3u8 {
        let frame = arena.frame();
        for bytes in [1 << 20, (2 << 20) - 64, 2 << 20, 5 << 20, 40_000_000] {
            let slice = frame.slice::<u8>(bytes).unwrap();
            assert!(
                slice.iter().all(|&byte| byte == 0),
                "round {round}: {bytes}"
            );
            slice.fill(round + 1);
            assert!(slice.iter().all(|&byte| byte == round + 1));
        }
    }
    let reference = arena.detached_plane::<u8>(3_000_000, 2).unwrap();
    assert!(reference.view().rows().flatten().all(|&byte| byte == 0));
    drop(reference);
    let snapshot = arena.snapshot();
    arena.trim();
    assert_eq!(arena.snapshot().retained_bytes, 0);
    snapshot
}

#[test]
fn contents_and_figures_are_the_same() {
    assert_eq!(work(true), work(false));
}
