//! Recordings of an arena: every event of a known sequence, sums that equal the reports, and traces
//! that are equal after writing and reading.

#[path = "recorder/hostile.rs"]
mod hostile;
#[path = "recorder/sums.rs"]
mod sums;

use frame_arena::{
    Arena, ArenaBuilder, Kind, PictureLayout, PlaneAlloc, RawLayout, Retention, SampleKind, Shape,
};
use frame_arena_trace::{Action, Fill, MemoryClass, Trace};

fn recording() -> ArenaBuilder {
    Arena::builder().record()
}

fn trace(arena: &Arena) -> Trace {
    Trace::from(arena.recording().unwrap().expect("an arena that records"))
}

fn actions(trace: &Trace) -> Vec<Action> {
    trace.events().iter().map(|event| event.action).collect()
}

const F32_PLANE: Kind = Kind::Samples(SampleKind::F32, Shape::Plane);

/// Bytes that an arena requests for its smallest block: 64 KiB of room, and a page.
const BLOCK_BYTES: usize = (64 << 10) + 4096;

#[test]
fn an_arena_records_only_if_asked() {
    let arena = Arena::new();
    drop(arena.frame());
    assert!(arena.recording().unwrap().is_none());
    assert_eq!(trace(&recording().build()).events(), []);
}

#[test]
fn a_known_sequence_is_recorded_exactly() {
    let arena = recording()
        .retention(Retention::Decay { frames: 1 })
        .build();
    let frame = arena.frame();
    let plane = frame.plane::<f32>(1000, 1000).unwrap();
    let stage = frame.stage("filter");
    stage.stale_slice::<u8>(100).unwrap();
    let scratch = stage.scratch();
    scratch.slice::<u16>(2000).unwrap();
    scratch.stale_slice::<u16>(10).unwrap();
    drop(scratch);
    let charge = stage.charge(77).unwrap();
    drop(stage);
    drop(charge);
    let detached = frame.detach(plane).unwrap();
    drop(frame);
    drop(detached);
    drop(arena.frame());
    drop(arena.frame());
    arena.trim();

    let trace = trace(&arena);
    let run_bytes = trace.memory().unwrap()[0].bytes;
    assert!(run_bytes > 1008 * 4 * 1000);
    let request = |scope, kind, fill, bytes, memory| Action::Request {
        scope: Some(scope),
        kind,
        fill,
        bytes,
        memory,
        offset: 0,
    };
    let class = MemoryClass::Block;
    let mut found = actions(&trace);
    // Blocks are filled from their end. The offsets are checked separately.
    let offsets: Vec<usize> = found.iter_mut().filter_map(take_offset).collect();
    assert_eq!(offsets[0], 0);
    let red_zone = if cfg!(frame_arena_asan) { 64 } else { 0 };
    assert_eq!(offsets[2] - offsets[3], 64 + red_zone);
    assert!(
        offsets[1..]
            .iter()
            .all(|&o| o < BLOCK_BYTES && o > BLOCK_BYTES - 12288)
    );
    let expected = [
        Action::OpenFrame,
        Action::Make {
            class: MemoryClass::Run,
            bytes: run_bytes,
        },
        request(0, F32_PLANE, Fill::Zeroed, 1008 * 4 * 1000, 0),
        Action::OpenStage { parent: 0, name: 0 },
        Action::Make {
            class,
            bytes: BLOCK_BYTES,
        },
        request(
            1,
            Kind::Samples(SampleKind::U8, Shape::Slice),
            Fill::Stale,
            100,
            1,
        ),
        Action::OpenScratch { parent: 1 },
        Action::Make {
            class,
            bytes: BLOCK_BYTES,
        },
        request(2, Kind::Scratch, Fill::Zeroed, 4000, 2),
        request(2, Kind::Scratch, Fill::Stale, 20, 2),
        Action::Close { scope: 2 },
        Action::Keep { memory: 2 },
        Action::Charge {
            scope: 1,
            bytes: 77,
        },
        Action::Close { scope: 1 },
        Action::Keep { memory: 1 },
        Action::Discharge { charge: 0 },
        Action::Detach { memory: 0 },
        Action::Close { scope: 0 },
        Action::Keep { memory: 0 },
        Action::OpenFrame,
        Action::Close { scope: 3 },
        Action::Release { memory: 1 },
        Action::Release { memory: 2 },
        Action::OpenFrame,
        Action::Close { scope: 4 },
        Action::Release { memory: 0 },
    ];
    assert_eq!(found, expected);
    assert_eq!(trace.names(), ["filter"]);
    assert!(trace.events().is_sorted_by_key(|event| event.time_ns));
    assert!(trace.events().iter().all(|event| event.thread == 0));
}

fn take_offset(action: &mut Action) -> Option<usize> {
    match action {
        Action::Request { offset, .. } => Some(std::mem::take(offset)),
        _ => None,
    }
}

#[test]
fn memory_that_is_used_again_keeps_its_number() {
    let arena = recording().build();
    for _ in 0..2 {
        let frame = arena.frame();
        frame.slice::<u8>(1 << 22).unwrap();
    }
    let trace = trace(&arena);
    let memory = trace.memory().unwrap();
    assert_eq!(memory.len(), 1);
    assert_eq!(memory[0].uses.len(), 2);
    assert_eq!(memory[0].end, None);
    assert_eq!(actions(&trace)[6], Action::Reuse { memory: 0 });
    let [first, second] = trace.allocations().unwrap()[..] else {
        panic!("not two requests")
    };
    assert_eq!((first.memory, first.offset, first.end), (0, 0, Some(3)));
    assert_eq!((second.memory, second.begin, second.end), (0, 7, Some(8)));
}

#[test]
fn a_forgotten_scope_stays_open() {
    if cfg!(frame_arena_asan) {
        eprintln!("skipped: LeakSanitizer reports the forgotten stage");
        return;
    }
    let arena = recording().build();
    let frame = arena.frame();
    let stage = frame.stage("forgotten");
    stage.slice::<u8>(5000).unwrap();
    std::mem::forget(stage);
    drop(frame);
    let trace = trace(&arena);
    assert_eq!(trace.scopes().unwrap()[1].end, None);
    assert_eq!(trace.allocations().unwrap()[0].end, None);
    assert_eq!(trace.levels().unwrap().last().unwrap().live_bytes, 5000);
}

#[test]
fn scopes_know_their_frame_and_stage() {
    let arena = recording().build();
    let frames = [arena.frame(), arena.frame()];
    frames[1].with_stage("outer", |outer| {
        outer.with_stage("inner", |inner| drop(inner.scratch()));
        drop(outer.scratch());
    });
    drop(frames[0].scratch());
    let scopes = trace(&arena).scopes().unwrap();
    let described: Vec<_> = scopes
        .iter()
        .map(|s| (&*s.stage, s.frame, s.parent))
        .collect();
    let expected = [
        ("(frame)", 0, None),
        ("(frame)", 1, None),
        ("outer", 1, Some(1)),
        ("inner", 1, Some(2)),
        ("inner", 1, Some(3)),
        ("outer", 1, Some(2)),
        ("(frame)", 0, Some(0)),
    ];
    assert_eq!(described, expected);
}

#[test]
fn pictures_and_raw_buffers_are_told_apart() {
    let arena = recording().build();
    let layout = PictureLayout::yuv420(640, 480).border(16);
    let frame = arena.frame();
    let picture = frame.picture::<u16>(&layout).unwrap();
    let shared = frame.detach_picture(picture).unwrap().into_shared();
    let other = shared.clone();
    drop(frame);
    drop(shared);
    let detached = arena.stale_detached_picture::<u8>(&layout).unwrap();
    let raw = arena.raw_buffer(RawLayout::new(5000)).unwrap();
    drop(other);
    drop(raw);
    drop(detached);

    let trace = trace(&arena);
    let requests: Vec<_> = actions(&trace)
        .into_iter()
        .filter_map(|action| match action {
            Action::Request { kind, scope, .. } => Some((kind, scope)),
            _ => None,
        })
        .collect();
    let picture = Kind::Samples(SampleKind::U16, Shape::Picture);
    let expected = [
        (picture, Some(0)),
        (Kind::Detached, None),
        (Kind::Raw, None),
    ];
    assert_eq!(requests, expected);
    let kept = actions(&trace).into_iter();
    let kept = kept.filter(|action| matches!(action, Action::Keep { .. }));
    assert_eq!(kept.count(), 3, "not each was returned once");
    let mut text = Vec::new();
    trace.write_to(&mut text).unwrap();
    let read = Trace::read_from(&text[..]).expect("a trace whose events can follow one another");
    assert_eq!(read.events(), trace.events());
}
