//! The byte limit: what it grants and refuses, its statistics, and that a refusal loses nothing.

use frame_arena::{AllocError, Arena, Frame, PlaneAlloc};

const LIMIT: usize = 4 << 20;

fn limited(limit_bytes: usize) -> Arena {
    Arena::builder().limit_bytes(limit_bytes).build()
}

/// Something that takes memory of one class.
type Taking = fn(&Arena, &Frame) -> Result<(), AllocError>;

const KINDS: [(&str, Taking); 5] = [
    ("small block", |_, frame| frame.slice::<u8>(100).map(drop)),
    ("large block", |_, frame| {
        frame.slice::<u8>(300_000).map(drop)
    }),
    ("run", |_, frame| frame.plane::<f32>(1000, 500).map(drop)),
    ("scratch", |_, frame| {
        frame.scratch().slice::<u8>(100).map(drop)
    }),
    ("detached", |arena, _| {
        arena.detached_plane::<u16>(400, 300).map(drop)
    }),
];

#[test]
fn a_limit_is_granted_to_its_last_byte_and_no_further() {
    for (name, take) in KINDS {
        let unlimited = Arena::new();
        take(&unlimited, &unlimited.frame()).unwrap();
        let needed_bytes = unlimited.snapshot().peak_held_bytes;

        let exact = limited(needed_bytes);
        take(&exact, &exact.frame()).unwrap_or_else(|refused| panic!("{name}: {refused}"));
        assert_eq!(exact.snapshot().peak_held_bytes, needed_bytes);

        let short = limited(needed_bytes - 1);
        let Err(AllocError::LimitExceeded {
            requested_bytes,
            in_use_bytes,
            limit_bytes,
        }) = take(&short, &short.frame())
        else {
            panic!("{name}: granted");
        };
        // The records of the frame are in use already, and only the last byte does not fit.
        assert_eq!(requested_bytes + in_use_bytes, needed_bytes, "{name}");
        assert_eq!(limit_bytes, needed_bytes - 1);
        assert_eq!(short.snapshot().peak_held_bytes, in_use_bytes);
        assert_eq!(short.snapshot().in_use_bytes, 0);
    }
}

#[test]
fn charges_are_counted_by_what_they_are_for() {
    let arena = Arena::builder().limit_bytes(LIMIT).build();
    let frame = arena.frame();
    let first = frame.charge_for("trees", 1000).unwrap();
    let _other = frame.charge(7).unwrap();
    drop(first);
    let _second = frame.charge_for("trees", 600).unwrap();
    assert!(frame.charge_for("refused", LIMIT).is_err());
    let rows = arena.snapshot().charges.into_iter();
    let rows: Vec<_> = rows
        .map(|row| (row.origin, row.live_bytes, row.peak_bytes, row.charges))
        .collect();
    let expected = [
        ("trees".to_owned(), 600, 1000, 2),
        ("other".to_owned(), 7, 7, 1),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn a_charge_counts_to_the_byte() {
    let arena = limited(LIMIT);
    let frame = arena.frame();
    let most = frame.charge(LIMIT).unwrap();
    assert_eq!(most.bytes(), LIMIT);
    let refused = frame.charge(1).map(drop);
    let must = AllocError::LimitExceeded {
        requested_bytes: 1,
        in_use_bytes: LIMIT,
        limit_bytes: LIMIT,
    };
    assert_eq!(refused, Err(must));
    assert!(frame.charge(0).is_ok());
    assert!(matches!(
        frame.slice::<u8>(1).map(drop),
        Err(AllocError::LimitExceeded { .. })
    ));
    drop(most);
    assert!(frame.slice::<u8>(1).is_ok());
    assert_eq!(arena.snapshot().charged_bytes, 0);
}

#[test]
fn a_refusal_says_what_was_asked_used_and_allowed() {
    let arena = limited(LIMIT);
    let frame = arena.frame();
    let _plane = frame.plane::<f32>(1000, 500).unwrap();
    let charge = frame.charge(12_345).unwrap();
    let before = arena.snapshot();
    let refused = frame.plane::<f32>(1000, 800).map(drop).unwrap_err();
    let AllocError::LimitExceeded {
        requested_bytes,
        in_use_bytes,
        limit_bytes,
    } = refused
    else {
        panic!("{refused:?}");
    };
    let plane_bytes = 1008 * 800 * 4;
    assert!(requested_bytes > plane_bytes && requested_bytes < plane_bytes / 16 * 17 + 8192);
    assert_eq!(in_use_bytes, before.in_use_bytes + charge.bytes());
    assert_eq!(limit_bytes, LIMIT);
    let message = format!(
        "memory limit: {requested_bytes} bytes requested, {in_use_bytes} of {LIMIT} bytes in use"
    );
    assert_eq!(refused.to_string(), message);
    assert_eq!(arena.snapshot(), before);
}

#[test]
fn memory_that_is_only_kept_makes_room() {
    let arena = limited(LIMIT);
    arena.with_frame(|frame| {
        assert!(frame.plane::<f32>(1000, 900).is_ok());
    });
    let kept = arena.snapshot().retained_bytes;
    assert!(kept > LIMIT / 2);
    for (name, take) in KINDS {
        let frame = arena.frame();
        // Fills the rest of the limit, so that the request needs the retained memory.
        let charge = frame
            .charge(LIMIT - arena.snapshot().retained_bytes)
            .unwrap();
        take(&arena, &frame).unwrap_or_else(|refused| panic!("{name}: {refused}"));
        let snapshot = arena.snapshot();
        let held = snapshot.in_use_bytes + snapshot.retained_bytes + charge.bytes();
        assert!(held <= LIMIT, "{name}: {held}");
        drop((charge, frame));
        arena.trim();
        arena.with_frame(|frame| assert!(frame.plane::<f32>(1000, 900).is_ok()));
    }
    let frame = arena.frame();
    assert!(frame.charge(LIMIT).is_ok(), "a charge makes room too");
    assert_eq!(arena.snapshot().retained_bytes, 0);
}

#[test]
fn nothing_is_lost_by_refusals() {
    let arena = limited(LIMIT);
    let mut refusals = 0;
    for round in 0..50 {
        let frame = arena.frame();
        for step in 0..40 {
            let stage = frame.stage("stage");
            let len = 1 + (round * 7919 + step * 104_729) % 900_000;
            let outcomes = [
                frame.slice::<u8>(len).map(drop),
                stage.plane::<u16>(len / 100, 100).map(drop),
                stage.scratch().slice::<u8>(len).map(drop),
                stage.charge(len).map(drop),
            ];
            refusals += outcomes.iter().filter(|outcome| outcome.is_err()).count();
        }
    }
    assert!(refusals > 1000, "{refusals} refusals");
    let snapshot = arena.snapshot();
    assert_eq!((snapshot.live_bytes, snapshot.in_use_bytes), (0, 0));
    assert!(snapshot.peak_held_bytes <= LIMIT);
    assert!(
        arena.frame().charge(LIMIT).is_ok(),
        "all of it is there again"
    );
}

#[test]
fn sizes_that_no_memory_has_are_named() {
    let arena = limited(LIMIT);
    let frame = arena.frame();
    let refused = frame.planes::<u32>(3, usize::MAX / 4, 2).map(drop);
    let must = AllocError::SizeOverflow {
        count: 3,
        width: usize::MAX / 4,
        height: 2,
        sample_bytes: 4,
    };
    assert_eq!(refused, Err(must));
    assert!(must.to_string().contains("samples of 4 bytes"));
    let detached = arena.detached_plane::<u64>(usize::MAX, 1).map(drop);
    assert!(matches!(detached, Err(AllocError::SizeOverflow { .. })));
    let slice = frame.scratch().slice::<u64>(usize::MAX).map(drop);
    assert!(matches!(slice, Err(AllocError::SizeOverflow { .. })));
    assert_eq!(arena.snapshot().peak_held_bytes, 0);
}

#[test]
fn blocks_of_the_smallest_size() {
    let smallest = Arena::builder()
        .block_bytes(4096)
        .scratch_block_bytes(4096)
        .build();
    smallest.with_frame(|frame| {
        let scratch = frame.scratch();
        for len in [1, 63, 64, 65, 2047, 2048, 2049, 4095, 4096, 4097, 10_000] {
            assert_eq!(frame.slice::<u8>(len).unwrap().len(), len);
            assert_eq!(scratch.slice::<u8>(len).unwrap().len(), len);
        }
    });
    let most = isize::MAX as usize / 2;
    assert!(std::panic::catch_unwind(|| Arena::builder().block_bytes(most)).is_ok());
    for bytes in [0, 4095, most + 1, usize::MAX] {
        assert!(std::panic::catch_unwind(|| Arena::builder().block_bytes(bytes)).is_err());
        assert!(std::panic::catch_unwind(|| Arena::builder().scratch_block_bytes(bytes)).is_err());
    }
}
