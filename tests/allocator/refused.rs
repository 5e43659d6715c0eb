//! A refusal by the system's allocator is an error that loses nothing, and odd addresses from it
//! change no alignment.

mod everything;
pub(crate) mod odd;

use frame_arena::{AllocError, Arena, ArenaBuilder, ArenaSnapshot, PlaneAlloc};
use odd::{refuse_after, refuse_nothing, set_oddness};

/// An arena that takes all memory from the allocator that refuses on demand.
fn arena() -> ArenaBuilder {
    Arena::builder().global_allocator()
}

#[test]
fn a_refusal_of_the_system_changes_no_figure() {
    let arena = arena().limit_bytes(8 << 20).build();
    let frame = arena.frame();
    let stage = frame.stage("stage");
    let scratch = stage.scratch();
    let kept = frame.slice_from_fn::<u8>(30_000, |i| i as u8).unwrap();
    let plane = frame.plane_from_fn::<u8>(60, 30, |x, y| (x * y) as u8);
    let before = arena.snapshot();
    refuse_after(0);
    let refusals = [
        frame.slice::<u8>(100_000).map(drop),
        frame.plane::<f32>(600, 500).map(drop),
        stage.planes::<u16>(3, 20, 20).map(drop),
        scratch.slice::<u8>(100).map(drop),
        scratch.slice::<u8>(600_000).map(drop),
        arena.detached_plane::<u16>(10, 10).map(drop),
        frame.detach(plane.unwrap()).map(drop),
    ];
    let after = arena.snapshot();
    refuse_nothing();
    for refused in refusals {
        let Err(AllocError::System { requested_bytes }) = refused else {
            panic!("{refused:?}");
        };
        assert!(requested_bytes >= 300);
    }
    assert_eq!(after, before);
    assert!(kept.iter().enumerate().all(|(i, &b)| b == i as u8));
    assert!(frame.plane::<f32>(600, 500).is_ok());
    assert!(scratch.slice::<u8>(100).is_ok());
    drop(scratch);
    drop(stage);
    drop(frame);
    assert_nothing_held(&arena.snapshot());
    assert!(
        arena.frame().charge(8 << 20).is_ok(),
        "the limit is free again"
    );
}

#[test]
fn a_refusal_at_any_moment_loses_nothing() {
    let small_blocks = arena().block_bytes(16 << 10).scratch_block_bytes(8 << 10);
    let unhindered = small_blocks.build();
    decode(&unhindered).expect("memory");
    let made = unhindered.snapshot().blocks_made + unhindered.snapshot().runs_made;
    assert!(made > 5);
    // Records of open scopes are requested of the system too, and so are the store's tables.
    let (mut granted, mut is_enough) = (0, false);
    while !is_enough {
        let arena = small_blocks.build();
        let mut refusals = 0;
        for _ in 0..2 {
            refuse_after(granted);
            let outcome = decode(&arena);
            refuse_nothing();
            assert_nothing_held(&arena.snapshot());
            assert!(matches!(outcome, Ok(()) | Err(AllocError::System { .. })));
            refusals += usize::from(outcome.is_err());
        }
        assert!(
            refusals > 0 || granted >= made as usize,
            "{granted} granted"
        );
        is_enough = refusals == 0;
        granted += 1;
        decode(&arena).expect("memory");
        arena.trim();
        assert_eq!(arena.snapshot().retained_bytes, 0);
    }
}

/// Requests of all classes, whose contents are checked at the end.
fn decode(arena: &Arena) -> Result<(), AllocError> {
    let frame = arena.frame();
    let whole = frame.plane_from_fn::<u16>(300, 70, |x, y| (x * y) as u16)?;
    let mut reference = None;
    for round in 0..5u8 {
        let stage = frame.stage("stage");
        let part = stage.slice_from_fn::<u8>(3000, |i| i as u8 ^ round)?;
        let scratch = stage.scratch();
        let mine = scratch.slice_from_fn::<u8>(5000, |i| i as u8 ^ round)?;
        let moved = stage.plane_from_fn::<u8>(100, 200, |x, y| (x ^ y) as u8)?;
        reference = Some(stage.detach(moved)?);
        let copied = scratch.copied_slice::<u8>(mine)?;
        assert_eq!(copied, mine);
        assert_eq!(&mine[..3000], &*part);
    }
    let reference = reference.expect("five rounds");
    assert_eq!(reference.view().get(99, 199), 99 ^ 199);
    assert_eq!(whole.row(69)[299], (69 * 299) as u16);
    Ok(())
}

fn assert_nothing_held(snapshot: &ArenaSnapshot) {
    assert_eq!((snapshot.live_bytes, snapshot.in_use_bytes), (0, 0));
    assert_eq!(snapshot.charged_bytes, 0);
}

#[cfg(feature = "recorder")]
#[test]
fn a_record_ends_where_there_is_no_memory_for_it() {
    use frame_arena::recorder::Action;

    let actions = |arena: &Arena| -> Vec<Action> {
        let recording = arena.recording().expect("memory").expect("a record");
        recording
            .events()
            .iter()
            .map(|event| event.action)
            .collect()
    };
    let [recording, unhindered] = [arena().record().build(), arena().record().build()];
    for arena in [&recording, &unhindered] {
        decode(arena).expect("memory");
    }
    let small_frame = |arena: &Arena| {
        arena.with_frame(|frame| frame.slice::<u8>(3000).map(drop).expect("memory"))
    };
    refuse_after(0);
    // Frames take nothing from the system, and fill the room of the recording.
    let mut frames = 0;
    while recording.unrecorded_events() == 0 {
        small_frame(&recording);
        frames += 1;
    }
    let outcome = decode(&recording);
    let copy = recording.recording();
    refuse_nothing();
    assert!(matches!(copy, Err(AllocError::System { .. })), "{copy:?}");
    outcome.expect("memory");
    let lost = recording.unrecorded_events();
    let recorded = actions(&recording);
    decode(&recording).expect("memory");
    // No event comes after a missing one.
    assert_eq!(actions(&recording), recorded);
    assert!(recording.unrecorded_events() > lost);
    // No event is missing before it either: all events have their causes.
    (0..frames).for_each(|_| small_frame(&unhindered));
    decode(&unhindered).expect("memory");
    let all = actions(&unhindered);
    assert!(all.len() > recorded.len() && all.starts_with(&recorded));
    assert_eq!(unhindered.unrecorded_events(), 0);
}

#[test]
fn what_the_system_refused_was_never_held() {
    for builder in [Arena::builder(), arena()] {
        let arena = builder.build();
        let frame = arena.frame();
        for bytes in [isize::MAX as usize / 4, 1 << 47] {
            let refused = frame.slice::<u8>(bytes).map(drop);
            assert!(matches!(refused, Err(AllocError::System { .. })));
        }
        let snapshot = arena.snapshot();
        assert_eq!(snapshot.in_use_bytes, snapshot.record_bytes);
        assert!(snapshot.peak_held_bytes < 8192, "records alone");
        drop(frame);
        assert_nothing_held(&arena.snapshot());
    }
}

#[test]
fn blocks_of_the_largest_size() {
    let most = isize::MAX as usize / 2;
    for limit in [1 << 20, usize::MAX] {
        let largest = arena()
            .block_bytes(most)
            .scratch_block_bytes(most)
            .limit_bytes(limit)
            .build();
        largest.with_frame(|frame| {
            assert!(frame.slice::<u8>(1).is_err());
            assert!(frame.scratch().slice::<u8>(1).is_err());
        });
        assert!(largest.snapshot().peak_held_bytes < 8192, "records alone");
    }
}

#[test]
fn odd_addresses_from_the_system_keep_rows_aligned() {
    for oddness in [0, 16, 32, 48] {
        set_oddness(oddness);
        for block_bytes in [4096, 5000, 65536] {
            let arena = arena()
                .block_bytes(block_bytes)
                .scratch_block_bytes(block_bytes)
                .build();
            for _ in 0..2 {
                let frame = arena.frame();
                let scratch = frame.scratch();
                for len in [1, 64, 100, 2000, 2048, 30_000, 70_000] {
                    check_aligned(&frame as &frame_arena::Scope, len);
                    check_aligned(&scratch, len);
                }
                let detached = arena.detached_plane::<u8>(77, 33).unwrap();
                assert_eq!(detached.view().row(0).as_ptr().addr() % 64, 0);
            }
            assert_nothing_held(&arena.snapshot());
        }
        decode(&arena().build()).unwrap();
    }
    set_oddness(16);
}

fn check_aligned(source: &impl PlaneAlloc, len: usize) {
    let slice = source.slice::<u8>(len).unwrap();
    assert_eq!(slice.as_ptr().addr() % 64, 0);
    assert!(slice.iter().all(|&b| b == 0));
    slice.fill(0xff);
    let plane = source.plane::<f32>(len % 50 + 1, 3).unwrap();
    for row in plane.rows() {
        assert_eq!(row.as_ptr().addr() % 64, 0);
        assert!(row.iter().all(|&sample| sample == 0.0));
    }
}
