//! The guarantees of the limit. A frame that fits in a new arena fits after any other frames: with
//! requests, plans, detached planes and charges, and with every retention. If there is room for
//! only one of two reserves, one is granted.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use frame_arena::{
    AllocError, Arena, ArenaBuilder, DetachedPlane, FramePlan, PlanRequest, PlaneAlloc, Retention,
    Scope,
};

const MIB: usize = 1 << 20;

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }

    /// Bytes of a request: small, medium or large.
    fn bytes(&mut self) -> usize {
        let most = [300, 5000, 90_000, 700_000, 3_000_000][self.below(5)];
        1 + self.below(most)
    }
}

/// The outcomes of requests, in which every number of a refusal must be the same.
type Outcomes = Vec<Result<(), AllocError>>;

/// Random requests in a frame, its stages and scratch, some of which are detached.
fn decode(arena: &Arena, seed: u64) -> Outcomes {
    let mut random = Random(seed);
    let (mut outcomes, mut outliving) = (Vec::new(), Vec::new());
    let frame = arena.frame();
    for _ in 0..1 + random.below(6) {
        request(&frame, &mut random, &mut outcomes, &mut outliving);
        let stage = frame.stage("stage");
        for _ in 0..random.below(8) {
            request(&stage, &mut random, &mut outcomes, &mut outliving);
        }
    }
    outliving.truncate(random.below(3));
    drop(frame);
    for _ in 0..random.below(3) {
        let plane = arena.detached_plane::<u8>(random.bytes(), 1);
        outcomes.push(plane.as_ref().map(|_| ()).map_err(|refused| *refused));
        outliving.extend(plane);
    }
    outcomes
}

fn request(
    scope: &Scope,
    random: &mut Random,
    outcomes: &mut Outcomes,
    outliving: &mut Vec<DetachedPlane<u8>>,
) {
    let bytes = random.bytes();
    let outcome = match random.below(6) {
        0 => scope.scratch().slice::<u8>(bytes).map(drop),
        1 => scope.charge(bytes).map(drop),
        2 => scope.plane::<u8>(bytes, 1).and_then(|plane| {
            outliving.push(scope.detach(plane)?);
            Ok(())
        }),
        3 => scope.slice::<u8>(bytes / 10 + 1).map(drop),
        _ => scope.slice::<u8>(bytes).map(drop),
    };
    outcomes.push(outcome);
}

fn builders(limit_bytes: usize) -> Vec<ArenaBuilder> {
    let retentions = [
        Retention::KeepAll,
        Retention::UpTo { bytes: 2 * MIB },
        Retention::Decay { frames: 1 },
        Retention::Decay { frames: 16 },
        Retention::Idle {
            after: Duration::from_secs(3600),
        },
    ];
    let builder = Arena::builder().limit_bytes(limit_bytes);
    retentions
        .into_iter()
        .map(|retention| builder.retention(retention))
        .flat_map(|builder| [builder, builder.global_allocator()])
        .collect()
}

#[test]
fn a_frame_ends_the_same_after_any_history_and_in_a_new_arena() {
    let mut refused = 0;
    for limit_bytes in [MIB, 4 * MIB, 9 * MIB] {
        for builder in builders(limit_bytes) {
            let used = builder.build();
            for seed in 0..60 {
                let in_new = decode(&builder.build(), seed);
                assert_eq!(decode(&used, seed), in_new, "{builder:?}, seed {seed}");
                refused += in_new.iter().filter(|outcome| outcome.is_err()).count();
                let snapshot = used.snapshot();
                assert_eq!((snapshot.live_bytes, snapshot.in_use_bytes), (0, 0));
                assert!(snapshot.peak_held_bytes <= limit_bytes);
            }
        }
    }
    assert!(refused > 1000, "{refused} refusals");
}

#[test]
fn a_plan_that_fits_a_new_arena_fits_after_any_history() {
    for builder in builders(10 * MIB) {
        let used = builder.build();
        for seed in 0..40 {
            decode(&used, seed);
            let mut plan = FramePlan::new(&used);
            plan.frame(|frame| {
                let mut random = Random(seed);
                while frame.held_bytes() < 9 * MIB {
                    frame.bytes(random.bytes())?;
                }
                Ok::<_, AllocError>(())
            })
            .unwrap();
            let outcome = used.reserve(&plan).map(|_| ());
            assert_eq!(outcome, builder.build().reserve(&plan).map(|_| ()));
            assert_eq!(outcome.is_ok(), plan.held_bytes() <= 10 * MIB);
        }
    }
}

#[test]
fn a_narrow_run_gives_up_its_tail_while_it_is_in_use() {
    let arena = Arena::builder().limit_bytes(10 * MIB).build();
    arena.with_frame(|frame| assert!(frame.slice::<u8>(6 * MIB).is_ok()));
    let frame = arena.frame();
    let small = frame.slice::<u8>(7 * MIB / 2).unwrap();
    assert_eq!(arena.snapshot().runs_reused, 1);
    small.fill(7);
    let large = frame.slice::<u8>(11 * MIB / 2).unwrap();
    large.fill(8);
    assert!(small.iter().all(|&byte| byte == 7));
    assert!(arena.snapshot().peak_held_bytes <= 10 * MIB);
    assert_eq!(arena.snapshot().retained_bytes, 0);
    drop(frame);
    arena.with_frame(|frame| {
        assert!(
            frame
                .slice::<u8>(7 * MIB / 2)
                .unwrap()
                .iter()
                .all(|&byte| byte == 0)
        );
        assert!(
            frame
                .slice::<u8>(11 * MIB / 2)
                .unwrap()
                .iter()
                .all(|&byte| byte == 0)
        );
    });
}

/// A plan of at most `bytes`.
fn plan(arena: &Arena, bytes: usize) -> FramePlan {
    let mut plan = FramePlan::new(arena);
    plan.frame(|frame| frame.bytes(bytes / 16 * 14)).unwrap();
    assert!(plan.held_bytes() <= bytes, "{}", plan.held_bytes());
    plan
}

#[test]
fn of_two_reserves_of_which_one_fits_one_is_granted() {
    for retention in [Retention::UpTo { bytes: 0 }, Retention::KeepAll] {
        let builder = Arena::builder().limit_bytes(50 * MIB);
        let arena = builder.retention(retention).build();
        let plan = plan(&arena, 29 * MIB);
        let (barrier, granted) = (Barrier::new(2), AtomicUsize::new(0));
        thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| {
                    for round in 1..=100 {
                        barrier.wait();
                        let reserved = arena.reserve(&plan);
                        granted.fetch_add(usize::from(reserved.is_ok()), Ordering::SeqCst);
                        barrier.wait();
                        drop(reserved);
                        assert!(granted.load(Ordering::SeqCst) >= round, "round {round}");
                        barrier.wait();
                        granted.store(round, Ordering::SeqCst);
                    }
                });
            }
        });
    }
}

#[test]
fn workers_that_each_want_most_of_the_limit_take_turns() {
    let arena = Arena::builder().limit_bytes(10 * MIB).build();
    let plan = plan(&arena, 6 * MIB);
    let open = AtomicUsize::new(0);
    let decoded = AtomicUsize::new(0);
    thread::scope(|threads| {
        for worker in 0..8 {
            let (arena, plan, open, decoded) = (&arena, &plan, &open, &decoded);
            threads.spawn(move || {
                for round in 0..10 {
                    let patience = Duration::from_secs(120);
                    let own = match (worker + round) % 2 {
                        0 => arena.reserve_timeout(plan, patience),
                        _ => arena.allot_timeout(6 * MIB, patience),
                    };
                    let own = own.expect("room, in time");
                    assert_eq!(open.fetch_add(1, Ordering::SeqCst), 0, "two at once");
                    own.with_frame(|frame| {
                        frame.slice::<u8>(plan.peak_bytes()).unwrap().fill(1);
                        thread::sleep(Duration::from_micros(200));
                    });
                    open.fetch_sub(1, Ordering::SeqCst);
                    decoded.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!(decoded.into_inner(), 80);
    let snapshot = arena.snapshot();
    assert_eq!((snapshot.in_use_bytes, snapshot.frames), (0, 80));
    assert!(snapshot.peak_held_bytes <= 10 * MIB);
    assert!(arena.frame().charge(10 * MIB).is_ok());
}

#[test]
fn those_who_wait_are_served_in_the_order_in_which_they_came() {
    let arena = Arena::builder().limit_bytes(10 * MIB).build();
    let held = arena.allot(8 * MIB).unwrap();
    let served = std::sync::Mutex::new(Vec::new());
    thread::scope(|threads| {
        // The first wants more than the second, which must not overtake it.
        for (index, bytes) in [6 * MIB, MIB, 5 * MIB].into_iter().enumerate() {
            let (arena, served) = (&arena, &served);
            threads.spawn(move || {
                let own = arena.allot_timeout(bytes + 2 * MIB, Duration::from_secs(60));
                served.lock().unwrap().push(index);
                thread::sleep(Duration::from_millis(5));
                drop(own.unwrap());
            });
            // Long enough for a thread to start waiting.
            thread::sleep(Duration::from_millis(100));
        }
        assert!(served.lock().unwrap().is_empty());
        drop(held);
    });
    assert_eq!(served.into_inner().unwrap()[0], 0);
}

#[test]
fn waiting_ends_in_time_or_at_once() {
    let arena = Arena::builder().limit_bytes(10 * MIB).build();
    let held = arena.allot(8 * MIB).unwrap();
    let started = Instant::now();
    let refused = arena.allot_timeout(5 * MIB, Duration::from_millis(50));
    let must = AllocError::LimitExceeded {
        requested_bytes: 5 * MIB,
        in_use_bytes: 8 * MIB,
        limit_bytes: 10 * MIB,
    };
    assert_eq!(refused.map(|_| ()), Err(must));
    assert!(started.elapsed() >= Duration::from_millis(50));
    let never = arena.allot_timeout(11 * MIB, Duration::from_secs(3600));
    assert!(matches!(never, Err(AllocError::LimitExceeded { .. })));
    drop(held);
    assert!(arena.allot(10 * MIB).is_ok());
}

#[test]
fn a_share_has_a_limit_of_its_own_and_leaves_its_memory_to_the_arena() {
    let arena = Arena::builder().limit_bytes(20 * MIB).build();
    let tenants = [
        arena.share(8 * MIB).unwrap(),
        arena.share(8 * MIB).unwrap(),
        arena.share(8 * MIB).unwrap(),
    ];
    let frames: Vec<_> = tenants.iter().map(Arena::frame).collect();
    assert!(frames[0].slice::<u8>(9 * MIB).is_err());
    assert_eq!(
        arena.snapshot().in_use_bytes,
        tenants[0].snapshot().in_use_bytes
    );
    assert!(frames[0].slice::<u8>(7 * MIB).is_ok());
    assert!(frames[1].slice::<u8>(7 * MIB).is_ok());
    assert!(
        frames[2].slice::<u8>(7 * MIB).is_err(),
        "the arena's own limit"
    );
    let charge = frames[2].charge(MIB).unwrap();
    assert_eq!(arena.snapshot().charged_bytes, MIB);
    assert_eq!(arena.snapshot().open_frames, 3);
    drop((charge, frames));
    let snapshot = arena.snapshot();
    assert_eq!((snapshot.in_use_bytes, snapshot.charged_bytes), (0, 0));
    assert_eq!((snapshot.live_bytes, snapshot.frames), (0, 3));
    assert!(snapshot.retained_bytes > 14 * MIB);
    for tenant in &tenants {
        assert_eq!(tenant.snapshot().in_use_bytes, 0);
        assert_eq!(tenant.snapshot().retained_bytes, 0);
    }
    let plane = tenants[0].detached_plane::<u8>(7 * MIB, 1).unwrap();
    assert_eq!(arena.snapshot().runs_made, snapshot.runs_made);
    drop((arena, tenants));
    assert!(plane.view().get(0, 0) == 0);
}

#[test]
fn an_allotted_share_is_never_refused_below_its_limit() {
    let arena = Arena::builder().limit_bytes(20 * MIB).build();
    // Others retain memory, which a request of the share releases.
    arena.with_frame(|frame| assert!(frame.slice::<u8>(17 * MIB).is_ok()));
    let own = arena.allot(8 * MIB).unwrap();
    let other = arena.frame();
    assert!(other.slice::<u8>(12 * MIB).is_err());
    assert!(other.slice::<u8>(10 * MIB).is_ok());
    for _ in 0..3 {
        let frame = own.frame();
        assert!(frame.slice::<u8>(7 * MIB).is_ok());
        assert!(frame.charge(MIB / 4).is_ok());
        assert!(frame.slice::<u8>(2 * MIB).is_err());
    }
    assert!(arena.allot(8 * MIB).is_err());
    let inner = own
        .reserve(&plan(&own, 6 * MIB))
        .expect("a reserve of the share");
    assert!(own.reserve(&plan(&own, 6 * MIB)).is_err());
    drop((inner, own));
    assert!(arena.allot(8 * MIB).is_ok());
    assert!(arena.snapshot().peak_held_bytes <= 20 * MIB);
}

#[test]
fn open_scopes_count_and_take_nothing_before_their_first_request() {
    let arena = Arena::builder().limit_bytes(MIB).build();
    let frame = arena.frame();
    let stages: Vec<_> = (0..10_000).map(|_| frame.stage("stage")).collect();
    assert_eq!(arena.snapshot().peak_held_bytes, 0);
    let mut granted = 0;
    for stage in &stages {
        match stage.slice::<u8>(1) {
            Ok(_) => granted += 1,
            Err(refused) => assert!(matches!(refused, AllocError::LimitExceeded { .. })),
        }
    }
    assert!((10..20).contains(&granted), "{granted} blocks fit");
    assert!(arena.snapshot().peak_held_bytes <= MIB);

    let arena = Arena::new();
    let frame = arena.frame();
    let mut record_bytes = Vec::new();
    let stages: Vec<_> = (0..100).map(|_| frame.stage("stage")).collect();
    for stage in &stages {
        stage.slice::<u8>(1).unwrap();
        record_bytes.push(arena.snapshot().record_bytes);
    }
    let per_scope = (record_bytes[99] - record_bytes[0]) / 99;
    assert!(per_scope <= 1024, "{per_scope} bytes of records per scope");
}
