//! Pictures: their planes, borders and padding, in scopes, detached and shared.

use std::sync::Barrier;
use std::thread;

use frame_arena::{
    AllocError, Arena, DetachedPicture, FramePlan, Kind, PictureLayout, PictureView,
    PictureViewMut, PlanRequest, PlaneAlloc, PlaneView, SampleKind, Shape, SharedPicture,
};

const LAYOUTS: [PictureLayout; 5] = [
    PictureLayout::yuv420(333, 77).border(32),
    PictureLayout::yuv422(64, 64)
        .alpha()
        .border_xy(3, 70)
        .tail_padding_bytes(64),
    PictureLayout::yuv444(1021, 5).alpha().round_up_to(128, 128),
    PictureLayout::new()
        .plane(1, 300)
        .plane(0, 4)
        .plane(700, 2)
        .subsampled_plane(2, 3)
        .border(1)
        .tail_padding_bytes(1),
    PictureLayout::yuv420(1920, 1080)
        .allocated_size(1930, 1088)
        .border(80),
];

fn value(plane: usize, x: usize, y: usize) -> u16 {
    (plane * 20_011 + y * 397 + x * 5) as u16 | 1
}

/// Writes a value of its own to each sample of each plane and border.
fn fill(picture: &mut PictureViewMut<'_, u16>) {
    for index in 0..picture.count() {
        let mut plane = picture.plane_with_border_mut(index);
        for (y, row) in plane.rows_mut().enumerate() {
            for (x, sample) in row.iter_mut().enumerate() {
                *sample = value(index, x, y);
            }
        }
    }
}

fn assert_filled(picture: PictureView<'_, u16>) {
    for (index, plane) in picture.planes().enumerate() {
        let (border_x, border_y) = picture.border(index);
        let whole = picture.plane_with_border(index);
        for (y, row) in whole.rows().enumerate() {
            for (x, &sample) in row.iter().enumerate() {
                assert_eq!(sample, value(index, x, y), "plane {index} at {x}, {y}");
            }
        }
        for (y, row) in plane.rows().enumerate() {
            for (x, &sample) in row.iter().enumerate() {
                assert_eq!(sample, value(index, x + border_x, y + border_y));
            }
        }
    }
}

fn is_aligned(plane: PlaneView<'_, u16>) -> bool {
    let mut rows = plane.rows();
    rows.all(|row| row.as_ptr().addr().is_multiple_of(64))
}

#[test]
fn planes_and_borders_are_written_without_their_neighbors() {
    let arena = Arena::new();
    for layout in &LAYOUTS {
        let frame = arena.frame();
        let scratch = frame.scratch();
        let stage = frame.stage("stage");
        let mut detached = arena.stale_detached_picture::<u16>(layout).unwrap();
        let mut pictures = [
            frame.picture::<u16>(layout).unwrap(),
            stage.stale_picture(layout).unwrap(),
            scratch.stale_picture(layout).unwrap(),
        ];
        let mut views: Vec<_> = pictures.iter_mut().map(|one| one.view_mut()).collect();
        views.push(detached.view_mut());
        for picture in &mut views {
            assert_eq!(picture.count(), layout.count());
            fill(picture);
        }
        for picture in &views {
            assert_filled(picture.view());
            assert!(picture.view().planes().all(is_aligned), "{layout:?}");
        }
    }
    assert_eq!(arena.snapshot().live_bytes, 0);
}

#[test]
fn a_picture_is_zero_unless_it_is_stale() {
    let arena = Arena::new();
    for layout in &LAYOUTS {
        fill(&mut arena.detached_picture(layout).unwrap().view_mut());
        let made = arena.snapshot().runs_made;
        let mut zeroed = arena.detached_picture::<u16>(layout).unwrap();
        for index in 0..zeroed.count() {
            let mut samples = zeroed.plane_with_border(index).rows().flatten();
            assert!(samples.all(|&sample| sample == 0));
        }
        // Stale samples are these, or marked in debug builds. Neither is 0.
        fill(&mut zeroed.view_mut());
        drop(zeroed);
        let stale = arena.stale_detached_picture::<u16>(layout).unwrap();
        let mut samples = stale.plane_with_border(0).rows().flatten();
        assert!(samples.all(|&sample| sample != 0));
        assert_eq!(arena.snapshot().runs_made, made);
    }
}

#[test]
fn borders_are_extended_from_the_outermost_samples() {
    let arena = Arena::new();
    for layout in &LAYOUTS {
        let mut picture = arena.stale_detached_picture::<u16>(layout).unwrap();
        for (index, mut plane) in picture.planes_mut().enumerate() {
            for (y, row) in plane.rows_mut().enumerate() {
                for (x, sample) in row.iter_mut().enumerate() {
                    *sample = value(index, x, y);
                }
            }
        }
        picture.extend_borders();
        for (index, plane) in picture.planes().enumerate() {
            let (border_x, border_y) = picture.border(index);
            let nearest =
                |at: usize, border: usize, size: usize| at.saturating_sub(border).min(size - 1);
            for (y, row) in picture.plane_with_border(index).rows().enumerate() {
                for (x, &sample) in row.iter().enumerate() {
                    let x = nearest(x, border_x, plane.width());
                    let y = nearest(y, border_y, plane.height());
                    assert_eq!(sample, value(index, x, y));
                }
            }
        }
    }
}

#[test]
fn pointers_reach_borders_and_padding_of_all_planes() {
    let arena = Arena::new();
    let layout = PictureLayout::yuv420(100, 30)
        .border(4)
        .tail_padding_bytes(48);
    let mut picture = arena.detached_picture::<u8>(&layout).unwrap();
    let strides: Vec<_> = picture.planes().map(|plane| plane.stride()).collect();
    assert_eq!(strides[1], strides[2]);
    for (value, mut plane) in (1..).zip(picture.planes_mut()) {
        plane.fill(value);
    }
    let heights: Vec<_> = picture.planes().map(|plane| plane.height()).collect();
    let mut view = picture.view_mut();
    let starts: Vec<*mut u8> = view.plane_ptrs_mut().collect();
    let ends: Vec<_> = (starts.iter().zip(&strides).zip(&heights))
        .map(|((start, stride), height)| start.addr() + stride * height)
        .collect();
    // A vector that begins in the last column reads the padding, not the next plane.
    for (end, next) in ends.iter().zip(&starts[1..]) {
        assert!(end + 48 <= next.addr());
    }
    for (index, start) in starts.iter().enumerate() {
        assert_eq!(start.addr() % 64, 0);
        assert_eq!(picture.plane(index).row(0).as_ptr(), start.cast_const());
        assert_eq!(picture.view().plane_ptr(index), start.cast_const());
    }
}

#[test]
fn sizes_that_no_memory_has_and_limits_are_errors() {
    let arena = Arena::builder().limit_bytes(1 << 20).build();
    let frame = arena.frame();
    let too_wide = PictureLayout::yuv420(usize::MAX, 1).border(1);
    let too_much_border = PictureLayout::yuv420(64, 64).border(usize::MAX / 2);
    for layout in [too_wide, too_much_border] {
        let refusals = [
            frame.picture::<u16>(&layout).err(),
            frame.scratch().stale_picture::<u16>(&layout).err(),
            arena.detached_picture::<u16>(&layout).err(),
            layout.bytes::<u16>().err(),
        ];
        for refused in refusals {
            let is_overflow = matches!(refused, Some(AllocError::SizeOverflow { .. }));
            assert!(is_overflow, "{refused:?}");
        }
    }
    let too_large = PictureLayout::yuv420(1024, 1024);
    let refusals = [
        frame.picture::<u8>(&too_large).err(),
        arena.stale_detached_picture::<u8>(&too_large).err(),
    ];
    for refused in refusals {
        assert!(matches!(refused, Some(AllocError::LimitExceeded { .. })));
    }
    let snapshot = arena.snapshot();
    assert_eq!(snapshot.live_bytes, 0);
    assert_eq!(snapshot.in_use_bytes, snapshot.record_bytes);
    assert!(
        frame
            .picture::<u8>(&PictureLayout::yuv420(512, 512))
            .is_ok()
    );
}

#[test]
fn requests_are_counted_and_planned() {
    let arena = Arena::new();
    let layout = LAYOUTS[4];
    let bytes = layout.bytes::<u8>().unwrap();
    let mut plan = FramePlan::new(&arena);
    plan.frame(|frame| frame.picture::<u8>(&layout)).unwrap();
    assert_eq!(plan.peak_bytes(), bytes);
    let reserved = arena.reserve(&plan).unwrap();
    {
        let frame = reserved.frame();
        let picture = frame.picture::<u8>(&layout).unwrap();
        assert_eq!(reserved.snapshot().live_bytes, bytes);
        drop(picture);
        let report = frame.finish();
        let kind = Kind::Samples(SampleKind::U8, Shape::Picture);
        let counted = report.kinds.iter().find(|report| report.kind == kind);
        assert_eq!(counted.unwrap().bytes, bytes as u64);
    }
    assert_eq!(reserved.snapshot().retained_bytes, plan.held_bytes());
    drop(reserved);
    let detached = arena.detached_picture::<u8>(&layout).unwrap();
    let snapshot = arena.snapshot();
    assert_eq!(snapshot.live_bytes, bytes);
    let mut kinds = snapshot.kinds.iter();
    let counted = kinds.find(|report| report.kind == Kind::Detached).unwrap();
    assert_eq!((counted.requests, counted.bytes), (1, bytes as u64));
    drop(detached);
    assert_eq!(arena.snapshot().live_bytes, 0);
}

#[test]
fn a_large_picture_is_moved_out_of_its_scope_and_a_small_one_copied() {
    let arena = Arena::new();
    for (width, height, is_moved) in [(1920, 1080, true), (9, 7, false)] {
        let layout = PictureLayout::yuv420(width, height).border(1);
        let frame = arena.frame();
        let mut picture = frame.stale_picture::<u16>(&layout).unwrap();
        fill(&mut picture.view_mut());
        let start = picture.view().plane_ptr(0);
        let detached = frame.detach_picture(picture).unwrap();
        assert_eq!(detached.view().plane_ptr(0) == start, is_moved);
        drop(frame);
        assert_filled(detached.view());
    }
    assert_eq!(arena.snapshot().live_bytes, 0);
}

#[test]
fn a_picture_without_samples() {
    let arena = Arena::new();
    let layout = PictureLayout::yuv420(0, 7).border(9).tail_padding_bytes(9);
    let mut picture = arena.detached_picture::<f32>(&layout).unwrap();
    picture.extend_borders();
    assert_eq!((picture.count(), picture.border(0)), (3, (0, 0)));
    assert!(picture.planes().all(|plane| plane.width() == 0));
    let shared = picture.into_shared();
    assert_eq!(shared.plane_with_border(1).height(), 4);
    assert!(shared.clone().try_unwrap().is_err());
    let none = arena.frame();
    assert_eq!(
        none.picture::<u8>(&PictureLayout::new()).unwrap().count(),
        0
    );
    let no_planes = arena.detached_picture::<f32>(&PictureLayout::new());
    let no_planes = no_planes.unwrap().into_shared();
    assert!(!no_planes.is_same(&no_planes.clone()));
    assert!(no_planes.try_unwrap().is_ok());
    drop((none, shared));
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}

fn filled_picture(arena: &Arena) -> DetachedPicture<u16> {
    let layout = PictureLayout::yuv420(320, 180).border(16);
    let mut picture = arena.stale_detached_picture(&layout).unwrap();
    fill(&mut picture.view_mut());
    picture
}

#[test]
fn only_the_only_owner_writes() {
    let arena = Arena::new();
    let mut shared = filled_picture(&arena).into_shared();
    let live_bytes = arena.snapshot().live_bytes;
    let other = shared.clone();
    assert!(shared.is_same(&other));
    assert!(!shared.is_same(&filled_picture(&arena).into_shared()));
    assert!(shared.get_mut().is_none());
    let shared = shared.try_unwrap().unwrap_err();
    assert_filled(shared.view());
    drop(shared);
    assert_eq!(arena.snapshot().live_bytes, live_bytes);
    let mut other = other;
    other.get_mut().unwrap().plane_mut(0).fill(9);
    let picture = other.try_unwrap().unwrap();
    assert_eq!(picture.plane(0).get(100, 100), 9);
    let again = picture.into_shared();
    assert_eq!(again.plane(0).get(100, 100), 9);
    drop(again);
    let snapshot = arena.snapshot();
    assert_eq!((snapshot.live_bytes, snapshot.in_use_bytes), (0, 0));
}

#[test]
fn eight_threads_share_pictures_and_any_of_them_is_the_last() {
    const THREADS: usize = 8;
    let arena = Arena::new();
    let barrier = Barrier::new(THREADS);
    for round in 0..20 {
        let first = filled_picture(&arena).into_shared();
        thread::scope(|scope| {
            for owner in std::array::from_fn::<_, THREADS, _>(|_| first.clone()) {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    assert_filled(owner.view());
                    let clones = [(); 3].map(|()| owner.clone());
                    drop(owner);
                    clones.into_iter().for_each(drop);
                });
            }
            drop(first);
        });
        assert_eq!(arena.snapshot().live_bytes, 0, "round {round}");
    }
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}

/// Threads take turns in writing: the only owner writes.
#[test]
fn what_an_owner_wrote_is_seen_by_the_next() {
    let arena = Arena::new();
    let mut picture = filled_picture(&arena).into_shared();
    picture.get_mut().unwrap().plane_mut(0).fill(0);
    for turn in 0..200 {
        let reader = picture.clone();
        let thread = thread::spawn(move || reader.plane(0).get(319, 179));
        let mut writable = loop {
            match picture.get_mut() {
                Some(view) => break view,
                None => thread::yield_now(),
            }
        };
        writable.plane_mut(0).row_mut(179)[319] = turn + 1;
        assert_eq!(thread.join().unwrap(), turn);
    }
}

#[test]
fn pictures_outlive_their_arena() {
    let arena = Arena::new();
    let shared = filled_picture(&arena).into_shared();
    let detached = filled_picture(&arena);
    drop(arena);
    assert_filled(detached.view());
    let thread = thread::spawn({
        let shared = shared.clone();
        move || assert_filled(shared.view())
    });
    drop(shared);
    thread.join().unwrap();
}

#[test]
fn owners_are_sent_and_debug_output_has_no_samples() {
    fn assert_send_sync<T: Send + Sync>() {}
    assert!(size_of::<SharedPicture<u8>>() <= 3 * size_of::<usize>());
    assert_send_sync::<SharedPicture<u8>>();
    assert_send_sync::<DetachedPicture<f32>>();
    assert_send_sync::<PictureViewMut<'_, u8>>();
    let arena = Arena::new();
    let picture = filled_picture(&arena);
    let text = format!("{picture:?}");
    assert!(
        text.contains("[(320, 180), (160, 90), (160, 90)]"),
        "{text}"
    );
    assert!(text.len() < 120, "{text}");
}
