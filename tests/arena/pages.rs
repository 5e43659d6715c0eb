//! The source of memory changes its speed and what is retained of it.

use frame_arena::{Arena, ArenaBuilder, ArenaSnapshot, PlaneAlloc};

/// Planes of sizes around that of a huge page, written, returned, and requested again as zeros.
fn work(builder: ArenaBuilder) -> ArenaSnapshot {
    let arena = builder.build();
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
    let system = work(Arena::builder());
    assert_eq!(work(Arena::builder().huge_pages(false)), system);
    // Mapped memory of other sizes becomes the detached plane; that of the global allocator cannot.
    let whole = work(Arena::builder().global_allocator());
    assert_eq!(whole.runs_made, system.runs_made);
    assert_eq!(whole.kinds, system.kinds);
    assert_eq!(whole.peak_bytes, system.peak_bytes);
    assert!(whole.peak_held_bytes >= system.peak_held_bytes);
}
