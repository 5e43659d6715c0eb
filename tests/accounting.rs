//! Figures that must stay true in unusual cases.

use frame_arena::{AllocError, Arena, FrameReport, Kind, PlaneAlloc};

/// Hits and misses of scratch requests.
fn scratch_outcomes(report: &FrameReport) -> (u64, u64) {
    let kind = report.kinds.iter().find(|kind| kind.kind == Kind::Scratch);
    kind.map_or((0, 0), |kind| (kind.hits, kind.misses))
}

#[test]
fn a_bump_that_was_made_to_grow_counts_its_block_and_no_more() {
    let arena = Arena::new();
    let frame = arena.frame();
    {
        let scratch = frame.scratch();
        let bump = scratch.bump(1000).unwrap();
        bump.set_allocation_limit(None);
        bump.alloc_slice_fill_copy(40_000, 1u8);
        bump.alloc_slice_fill_copy(40_000, 1u8);
    }
    let block_bytes = frame.report().peak_taken_bytes as u64;
    let report = frame.finish();
    assert!(report.handed_out_bytes <= block_bytes, "{report:?}");
    assert_eq!(report.live_bytes, 0);
    let snapshot = arena.snapshot();
    assert_eq!((snapshot.live_bytes, snapshot.in_use_bytes), (0, 0));
    assert_eq!(
        snapshot.retained_bytes, 0,
        "a grown bump is not kept: {snapshot:?}"
    );
}

#[test]
fn memory_that_a_bump_handed_out_is_a_hit_for_what_follows() {
    let arena = Arena::new();
    let frame = arena.frame();
    frame.with_scratch(|scratch| {
        let bump = scratch.bump(4096).unwrap();
        bump.alloc_slice_fill_copy(2000, 1u8);
    });
    frame.with_scratch(|scratch| {
        assert_eq!(scratch.slice::<u8>(1000).unwrap(), [0; 1000]);
    });
    assert_eq!(scratch_outcomes(&frame.report()), (1, 1));
    frame.with_scratch(|scratch| scratch.slice::<u8>(3000).map(|_| ()).unwrap());
    assert_eq!(scratch_outcomes(&frame.report()), (1, 2));
}

#[test]
fn a_bump_that_reaches_memory_never_handed_out_is_a_miss() {
    let arena = Arena::new();
    let frame = arena.frame();
    frame.with_scratch(|scratch| scratch.slice::<u8>(1000).map(|_| ()).unwrap());
    for (bytes, outcomes) in [(500, (1, 1)), (2000, (1, 2)), (2000, (2, 2))] {
        frame.with_scratch(|scratch| {
            let bump = scratch.bump(4096).unwrap();
            bump.alloc_slice_fill_copy(bytes, 1u8);
        });
        assert_eq!(scratch_outcomes(&frame.report()), outcomes);
    }
}

#[test]
fn a_size_that_no_run_can_have_is_an_overflow_whatever_the_limit() {
    for limit in [1 << 20, usize::MAX] {
        let arena = Arena::builder().limit_bytes(limit).build();
        let frame = arena.frame();
        for len in [isize::MAX as usize, isize::MAX as usize - 4096, usize::MAX] {
            let refused = frame.slice::<u8>(len).map(|_| ());
            assert!(
                matches!(refused, Err(AllocError::SizeOverflow { .. })),
                "{refused:?}"
            );
        }
    }
}
