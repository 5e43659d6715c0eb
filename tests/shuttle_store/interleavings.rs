//! Requests, stages, scratch, refusals, ends of frames, trim, detached planes.

use frame_arena::{
    Arena, ArenaSnapshot, DetachedPlane, Frame, FramePlan, PictureLayout, PlanRequest, PlaneAlloc,
    Retention, SharedPicture,
};
use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::sync::{Arc, Mutex};
use shuttle::{Config, Runner, thread};

const BLOCK_BYTES: usize = 4096;

/// Explores schedules: random ones, and ones of PCT, with few preemptions at bad moments.
fn explore(program: fn()) {
    let mut config = Config::new();
    config.stack_size = 1 << 20;
    Runner::new(RandomScheduler::new(1500), config.clone()).run(program);
    Runner::new(PctScheduler::new(3, 800), config).run(program);
}

fn arena(limit_bytes: usize, retention: Retention) -> Arena {
    Arena::builder()
        .limit_bytes(limit_bytes)
        .retention(retention)
        .block_bytes(BLOCK_BYTES)
        .scratch_block_bytes(BLOCK_BYTES)
        .build()
}

/// Runs `work` with the number of each of `threads` threads.
fn threads(count: usize, work: impl Fn(usize) + Send + Sync) {
    thread::scope(|scope| {
        for index in 0..count {
            let work = &work;
            scope.spawn(move || work(index));
        }
    });
}

fn check(is: &ArenaSnapshot) {
    assert!(is.in_use_bytes + is.retained_bytes + is.charged_bytes <= is.peak_held_bytes);
    assert!(is.peak_held_bytes <= is.limit_bytes);
    assert!(is.live_bytes <= is.in_use_bytes && is.live_bytes <= is.peak_bytes);
    for kind in &is.kinds {
        assert_eq!(kind.hits + kind.misses, kind.requests);
    }
}

/// Checks that all memory is returned while no scope is open, and that the whole limit can be
/// taken.
fn check_at_rest(arena: &Arena) {
    let is = arena.snapshot();
    check(&is);
    assert_eq!(
        (is.live_bytes, is.in_use_bytes, is.charged_bytes),
        (0, 0, 0)
    );
    assert_eq!(is.open_frames, 0);
    arena.trim();
    assert_eq!(arena.snapshot().retained_bytes, 0);
    assert!(arena.frame().charge(is.limit_bytes).is_ok());
}

/// Fills a request with `tag` and checks it after other threads had their turn.
fn tagged(source: &impl PlaneAlloc, len: usize, tag: u8) -> bool {
    let Ok(slice) = source.slice::<u8>(len) else {
        return false;
    };
    assert!(slice.iter().all(|&b| b == 0));
    slice.fill(tag);
    thread::yield_now();
    assert!(slice.iter().all(|&b| b == tag), "granted twice");
    true
}

fn use_frame(frame: &Frame, index: usize) {
    let tag = index as u8 + 1;
    tagged(&**frame, 100, tag);
    frame.with_stage("stage", |stage| {
        tagged(&**stage, 1500, tag);
        stage.with_scratch(|scratch| tagged(scratch, 200, tag));
        tagged(&**stage, 3000, tag); // a run
    });
}

#[test]
fn threads_request_from_one_frame() {
    explore(|| {
        let arena = arena(usize::MAX, Retention::default());
        for _ in 0..2 {
            let frame = arena.frame();
            threads(3, |index| use_frame(&frame, index));
            check(&arena.snapshot());
            let report = frame.finish();
            assert_eq!(report.live_bytes, 0);
            assert_eq!(report.requests, 3 * 4);
            assert_eq!(report.requested_bytes, 3 * (100 + 1500 + 200 + 3000));
        }
        check_at_rest(&arena);
    });
}

#[test]
fn frames_end_while_others_request() {
    explore(|| {
        for retention in [
            Retention::Decay { frames: 0 },
            Retention::UpTo { bytes: 9000 },
            Retention::KeepAll,
        ] {
            let arena = arena(usize::MAX, retention);
            threads(3, |index| {
                let frame = arena.frame();
                use_frame(&frame, index);
                drop(frame);
                check(&arena.snapshot());
            });
            assert_eq!(arena.snapshot().frames, 3);
            if let Retention::UpTo { bytes } = retention {
                assert!(arena.snapshot().retained_bytes <= bytes);
            }
            check_at_rest(&arena);
        }
    });
}

#[test]
fn threads_meet_at_the_limit() {
    explore(|| {
        // Two blocks and a run fit, but not the requests of all threads.
        let arena = arena(3 * 8192, Retention::KeepAll);
        let frame = arena.frame();
        threads(3, |index| {
            use_frame(&frame, index);
            let charge = frame.charge(5000);
            thread::yield_now();
            check(&arena.snapshot());
            drop(charge);
        });
        drop(frame);
        check_at_rest(&arena);
    });
}

#[test]
fn trim_and_reports_while_others_request() {
    explore(|| {
        let arena = arena(8 * 8192, Retention::Decay { frames: 1 });
        let frame = arena.frame();
        threads(4, |index| match index {
            0 => {
                arena.trim();
                check(&arena.snapshot());
                arena.trim();
            }
            1 => {
                let report = frame.report();
                assert!(report.live_bytes <= report.peak_bytes);
                check(&arena.snapshot());
            }
            _ => use_frame(&frame, index),
        });
        drop(frame);
        check_at_rest(&arena);
    });
}

#[test]
fn detached_planes_change_hands() {
    explore(|| {
        let arena = arena(usize::MAX, Retention::Decay { frames: 0 });
        let reference: Arc<Mutex<Option<DetachedPlane<u8>>>> = Arc::new(Mutex::new(None));
        threads(3, |index| {
            let frame = arena.frame();
            let tag = index as u8 + 1;
            // A plane with a run of its own is moved, a small one copied.
            let height = if index == 0 { 2 } else { 60 };
            let plane = frame.plane_from_fn(64, height, |_, _| tag).expect("memory");
            let detached = frame.detach(plane).expect("memory");
            let before = reference.lock().expect("no panic").replace(detached);
            drop(frame);
            if let Some(before) = before {
                let first = before.view().get(0, 0);
                let samples = before.view();
                assert!(samples.rows().flatten().all(|&sample| sample == first));
            }
            check(&arena.snapshot());
        });
        let last = reference.lock().expect("no panic").take();
        assert!(arena.snapshot().live_bytes > 0);
        drop(last);
        check_at_rest(&arena);
    });
}

/// Owners of a picture read it, try to become the only one, write it then, and end in any order.
/// The last one returns it, once.
#[test]
fn owners_of_a_picture() {
    explore(|| {
        let arena = arena(1 << 20, Retention::KeepAll);
        let layout = PictureLayout::yuv420(16, 16).border(1);
        let mut picture = arena.detached_picture::<u8>(&layout).unwrap();
        picture.plane_mut(0).fill(7);
        let first = picture.into_shared();
        let owners = [(); 3].map(|()| Mutex::new(Some(first.clone())));
        drop(first);
        threads(3, |index| {
            let owner = owners[index].lock().unwrap().take().unwrap();
            let other = owner.clone();
            assert_eq!(owner.plane(0).get(15, 15), 7);
            drop(other);
            use_alone(owner, index);
            check(&arena.snapshot());
        });
        check_at_rest(&arena);
    });
}

/// The only owner of a picture writes something else for a time.
fn use_alone(mut owner: SharedPicture<u8>, index: usize) {
    if let Some(mut view) = owner.get_mut() {
        view.plane_mut(0).fill(index as u8);
        thread::yield_now();
        assert_eq!(view.plane(0).get(15, 15), index as u8);
        view.plane_mut(0).fill(7);
    }
    match owner.try_unwrap() {
        Ok(mut alone) => alone.plane_mut(0).fill(9),
        Err(shared) => assert_eq!(shared.plane(0).get(15, 15), 7),
    }
}

/// If there is room for only one of two reserves, one is granted; waiting threads get their turn.
#[test]
fn reserves_meet_at_the_limit() {
    explore(|| {
        for retention in [Retention::KeepAll, Retention::UpTo { bytes: 0 }] {
            let arena = arena(5 * 8192, retention);
            let mut plan = FramePlan::new(&arena);
            plan.frame(|frame| frame.bytes(3 * 4096 - 1000)).unwrap();
            plan.frame(|frame| frame.bytes(5000)).unwrap();
            assert!(plan.held_bytes() > 5 * 4096 && plan.held_bytes() <= 5 * 8192);
            let granted = Mutex::new(0);
            threads(2, |_| {
                let reserved = arena.reserve(&plan);
                *granted.lock().unwrap() += u32::from(reserved.is_ok());
                thread::yield_now();
                check(&arena.snapshot());
            });
            assert!(*granted.lock().unwrap() >= 1);
            threads(3, |_| {
                let patience = std::time::Duration::from_secs(3600);
                let reserved = arena.reserve_timeout(&plan, patience).expect("a turn");
                let frame = reserved.frame();
                assert!(frame.slice::<u8>(5000).is_ok());
                check(&arena.snapshot());
            });
            check_at_rest(&arena);
        }
    });
}
