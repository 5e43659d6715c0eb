//! Specifications: the requests that they make, compared with those that they plan.

use frame_arena::{
    AllocError, Arena, FramePlan, PictureLayout, PictureSpec, PlaneAlloc, PlaneSetSpec,
    PlaneSource, PlaneSpec, SliceSpec, Spec,
};

type Planes = [PlaneSpec<f32>; 3];

/// Requests of every kind, small, medium and large.
fn workspace(width: usize) -> (Planes, Option<SliceSpec<u16>>, PlaneSetSpec<i32>, Rest) {
    let layout = PictureLayout::yuv420(width, width).border(8);
    (
        [PlaneSpec::stale(width, 1); 3],
        (width > 40).then_some(SliceSpec::zeros(width * 40)),
        PlaneSetSpec::zeros(2, width, width),
        (PictureSpec::stale(layout), SliceSpec::zeros(3)),
    )
}

type Rest = (PictureSpec<u8>, SliceSpec<[u32; 4]>);

fn plan(arena: &Arena, spec: &impl Spec) -> FramePlan {
    let mut plan = FramePlan::new(arena);
    plan.frame(|frame| spec.plan(frame)).unwrap();
    plan
}

#[test]
fn a_scope_takes_what_its_specification_plans() {
    for width in [0, 1, 40, 41, 700, 2000] {
        let arena = Arena::new();
        let plan = plan(&arena, &workspace(width));
        let frame = arena.frame();
        let opened = workspace(width).open(&frame).unwrap();
        drop(opened);
        let report = frame.finish();
        assert_eq!(
            arena.snapshot().peak_held_bytes,
            plan.held_bytes(),
            "{width}"
        );
        assert_eq!(report.peak_bytes, plan.peak_bytes(), "{width}");
    }
}

#[test]
fn a_scratch_with_the_room_of_a_specification_takes_no_more() {
    for width in [1, 40, 41, 700] {
        let arena = Arena::new();
        let frame = arena.frame();
        let room_bytes = workspace(width).room_bytes().unwrap();
        let scratch = frame.scratch_with_room(room_bytes).unwrap();
        let before = arena.snapshot().live_bytes;
        let opened = workspace(width).open(&scratch).unwrap();
        assert_eq!(arena.snapshot().live_bytes, before, "{width}");
        drop(opened);
    }
}

#[test]
fn opened_memory_has_the_sizes_and_zeros_that_are_specified() {
    let arena = Arena::new();
    let frame = arena.frame();
    // Dirty memory, which must be cleared before it is granted as zeros.
    let _ = frame
        .scratch()
        .plane_from_fn(700, 700, |_, _| u32::MAX)
        .unwrap();
    let source: &dyn PlaneSource = &frame;
    let (rows, slice, set, (picture, few)) = workspace(700).open(source).unwrap();
    assert!(
        rows.iter()
            .all(|row| (row.width(), row.height()) == (700, 1))
    );
    assert_eq!(slice.unwrap(), vec![0; 28_000]);
    assert_eq!((set.count(), set.width(), set.height()), (2, 700, 700));
    assert!((0..2).all(|plane| set.plane(plane).rows().flatten().all(|&sample| sample == 0)));
    assert_eq!(picture.plane(1).width(), 350);
    assert_eq!(few, [[0; 4]; 3]);
    assert!(workspace(40).open(source).unwrap().1.is_none());
}

#[test]
fn sizes_that_overflow_are_refused_by_all_three() {
    let arena = Arena::new();
    let spec = [
        PlaneSpec::<f32>::stale(8, 8),
        PlaneSpec::stale(usize::MAX, 2),
    ];
    let is_overflow = |error| matches!(error, AllocError::SizeOverflow { .. });
    assert!(is_overflow(spec.room_bytes().unwrap_err()));
    assert!(is_overflow(spec.open(&arena.frame()).unwrap_err()));
    let mut plan = FramePlan::new(&arena);
    assert!(is_overflow(
        plan.frame(|frame| spec.plan(frame)).unwrap_err()
    ));
    assert_eq!((spec[0].width(), spec[0].height()), (8, 8));
}
