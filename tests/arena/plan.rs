//! Plans compared with the memory that frames take, and arenas that reserve them.

use std::thread;
use std::time::Duration;

use frame_arena::{
    AllocError, Arena, ArenaSnapshot, FramePlan, PlanRequest, PlaneAlloc, Retention, Scope,
    ScopePlan, ScratchRoom,
};
use rayon::ThreadPool;
use rayon::prelude::*;

use super::tier::is_slow_wanted;

/// Work of a scope that can be planned and done.
enum Work {
    Plane {
        width: usize,
        height: usize,
    },
    Slice {
        len: usize,
    },
    Stage(Vec<Work>),
    Tasks {
        count: usize,
        room: bool,
        planes: Vec<(usize, usize)>,
    },
}

const STAGES: [&str; 3] = ["first", "second", "third"];

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

    fn size(&mut self) -> (usize, usize) {
        let most = [8, 70, 500, 1500][self.below(4)];
        (self.below(most), self.below(most))
    }
}

impl Work {
    fn random(random: &mut Random, depth: usize) -> Vec<Self> {
        let count = 1 + random.below(7);
        (0..count)
            .map(|_| Self::random_one(random, depth))
            .collect()
    }

    fn random_one(random: &mut Random, depth: usize) -> Self {
        let (width, height) = random.size();
        match random.below(6) {
            0 | 1 => Self::Plane { width, height },
            2 => Self::Slice {
                len: width * height,
            },
            3 | 4 if depth < STAGES.len() => Self::Stage(Self::random(random, depth + 1)),
            _ => Self::Tasks {
                count: 1 + random.below(8),
                room: random.below(2) == 0,
                planes: (0..4).map(|_| random.size()).collect(),
            },
        }
    }

    fn plan(
        &self,
        scope: &mut ScopePlan<'_>,
        depth: usize,
        threads: usize,
    ) -> Result<(), AllocError> {
        match self {
            Self::Plane { width, height } => scope.plane::<f32>(*width, *height),
            Self::Slice { len } => scope.slice::<u8>(*len),
            Self::Stage(inner) => scope.stage(STAGES[depth], |stage| {
                inner
                    .iter()
                    .try_for_each(|work| work.plan(stage, depth + 1, threads))
            }),
            Self::Tasks {
                count,
                room,
                planes,
            } => scope.tasks(threads.min(*count), |scratch| {
                if *room {
                    scratch.room(room_bytes(planes)?)?;
                }
                planes
                    .iter()
                    .try_for_each(|&(width, height)| scratch.plane::<i32>(width, height))
            }),
        }
    }

    fn run(&self, scope: &Scope, depth: usize) -> Result<(), AllocError> {
        match self {
            Self::Plane { width, height } => {
                let _ = scope.plane::<f32>(*width, *height)?;
            }
            Self::Slice { len } => scope.slice::<u8>(*len)?.fill(1),
            Self::Stage(inner) => scope.with_stage(STAGES[depth], |stage| {
                inner.iter().try_for_each(|work| work.run(stage, depth + 1))
            })?,
            Self::Tasks {
                count,
                room,
                planes,
            } => (0..*count).into_par_iter().try_for_each(|index| {
                let room = if *room { room_bytes(planes)? } else { 0 };
                let scratch = scope.scratch_with_room(room)?;
                for &(width, height) in planes {
                    let _ = scratch.plane::<i32>(width, height)?;
                }
                if index % 3 == 0 {
                    thread::sleep(Duration::from_micros(50));
                }
                Ok(())
            })?,
        }
        Ok(())
    }
}

fn room_bytes(planes: &[(usize, usize)]) -> Result<usize, AllocError> {
    let mut room = ScratchRoom::new();
    for &(width, height) in planes {
        room.plane::<i32>(width, height)?;
    }
    Ok(room.room_bytes())
}

fn plan(arena: &Arena, work: &[Work], threads: usize) -> FramePlan {
    let mut plan = FramePlan::new(arena);
    plan.frame(|frame| {
        work.iter()
            .try_for_each(|work| work.plan(frame, 0, threads))
    })
    .unwrap();
    plan
}

fn pool(threads: usize) -> ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
}

/// On one thread the plan equals the bytes taken, and by stage the bytes granted.
#[test]
fn one_thread_takes_what_is_planned() {
    let pool = pool(1);
    for seed in 0..120 {
        let work = Work::random(&mut Random(seed), 0);
        let arena = Arena::new();
        let plan = plan(&arena, &work, 1);
        let report = pool.install(|| {
            let frame = arena.frame();
            work.iter()
                .try_for_each(|work| work.run(&frame, 0))
                .unwrap();
            frame.finish()
        });
        assert_eq!(
            arena.snapshot().peak_held_bytes,
            plan.held_bytes(),
            "seed {seed}"
        );
        assert_eq!(report.peak_bytes, plan.peak_bytes(), "seed {seed}");
        for stage in plan.stages() {
            let reported = report
                .stages
                .iter()
                .find(|reported| reported.name == stage.name);
            let reported = reported.map_or(0, |reported| reported.peak_bytes);
            assert_eq!(reported, stage.peak_bytes, "seed {seed}, {}", stage.name);
        }
    }
}

#[test]
fn reserved_frames_take_no_more_than_was_planned() {
    let limited = |bytes| Arena::builder().limit_bytes(bytes).build();
    let seeds = if is_slow_wanted("most frames in a reserve") {
        40
    } else {
        15
    };
    for threads in [1, 2, 8] {
        let pool = pool(threads);
        for seed in 0..seeds {
            let work = Work::random(&mut Random(seed), 0);
            reserved_frames(&Arena::new(), &work, &pool);
            let bytes = plan(&limited(1 << 40), &work, threads).held_bytes();
            reserved_frames(&limited(bytes), &work, &pool);
        }
    }
}

fn reserved_frames(arena: &Arena, work: &[Work], pool: &ThreadPool) {
    let threads = pool.current_num_threads();
    let reserved = arena.reserve(&plan(arena, work, threads)).unwrap();
    let made = |snapshot: ArenaSnapshot| {
        let ArenaSnapshot {
            blocks_made,
            runs_made,
            retained_bytes,
            ..
        } = snapshot;
        (blocks_made, runs_made, retained_bytes)
    };
    let planned = made(reserved.snapshot());
    for round in 0..3 {
        pool.install(|| {
            reserved.with_frame(|frame| work.iter().try_for_each(|work| work.run(frame, 0)))
        })
        .unwrap();
        let after = reserved.snapshot();
        assert_eq!(after.beyond_plan_bytes, 0);
        // A limited arena does not use a run for a smaller request if the rest of it would count.
        if (threads, round) == (1, 0) && after.limit_bytes == arena.snapshot().limit_bytes {
            assert_eq!(made(after), planned, "the one frame that was planned");
        }
    }
}

#[test]
fn a_reserve_is_its_arenas_until_it_ends() {
    let arena = Arena::new();
    let mut plan = FramePlan::new(&arena);
    plan.frame(|frame| frame.planes::<f32>(3, 640, 480))
        .unwrap();
    let reserved = arena.reserve(&plan).unwrap();
    arena.trim();
    reserved.trim();
    let during = arena.snapshot();
    assert_eq!(
        (during.in_use_bytes, during.live_bytes),
        (plan.held_bytes(), plan.held_bytes())
    );
    assert_eq!(reserved.snapshot().in_use_bytes, 0);
    let frame = reserved.frame();
    let _ = frame.planes::<f32>(3, 640, 480).unwrap();
    let charge = frame.charge(1000).unwrap();
    assert_eq!(arena.snapshot().charged_bytes, 1000);
    drop(charge);
    drop(frame);
    let plane = reserved.detached_plane::<f32>(640, 3 * 480).unwrap();
    drop(reserved); // the plane keeps it
    assert_eq!(arena.snapshot().in_use_bytes, plan.held_bytes());
    drop(plane);
    let after = arena.snapshot();
    assert_eq!(
        (after.in_use_bytes, after.live_bytes, after.charged_bytes),
        (0, 0, 0)
    );
    assert_eq!((after.retained_bytes, after.frames), (plan.held_bytes(), 1));
    let again = arena.reserve(&plan).unwrap();
    assert_eq!(arena.snapshot().runs_made, after.runs_made);
    drop(again);
    arena.trim();
    assert_eq!(arena.snapshot().retained_bytes, 0);
}

#[test]
fn a_plan_beyond_the_limit_is_refused_before_anything_is_taken() {
    let arena = Arena::builder().limit_bytes(7 << 20).build();
    let mut plan = FramePlan::new(&arena);
    plan.frame(|frame| frame.planes::<f32>(3, 1000, 1000))
        .unwrap();
    let refused = arena.reserve(&plan).err().unwrap();
    assert!(
        matches!(refused, AllocError::LimitExceeded { requested_bytes, in_use_bytes: 0, limit_bytes }
            if requested_bytes == plan.held_bytes() && limit_bytes == 7 << 20)
    );
    assert_eq!(arena.snapshot().peak_held_bytes, 0);
    let mut half = FramePlan::new(&arena);
    half.frame(|frame| frame.planes::<f32>(1, 1000, 1000))
        .unwrap();
    let reserved = arena.reserve(&half).unwrap();
    assert!(arena.reserve(&half).is_err());
    drop(reserved);
    assert!(arena.reserve(&half).is_ok());
}

#[test]
fn frames_after_each_other_share_and_sizes_overflow() {
    let arena = Arena::new();
    let mut plan = FramePlan::new(&arena);
    plan.frame(|frame| frame.plane::<f32>(2000, 1000)).unwrap();
    let one = plan.held_bytes();
    plan.frame(|frame| frame.plane::<f32>(2000, 1000)).unwrap();
    assert_eq!(plan.held_bytes(), one);
    let refused = plan.frame(|frame| frame.plane::<f32>(usize::MAX, 2));
    assert!(matches!(refused, Err(AllocError::SizeOverflow { .. })));
}

#[test]
fn memory_beyond_the_reserve_is_counted() {
    let arena = Arena::new();
    let mut plan = FramePlan::new(&arena);
    plan.frame(|frame| frame.plane::<f32>(100, 100)).unwrap();
    let reserved = arena.reserve(&plan).unwrap();
    let _ = reserved.frame().plane::<f32>(1000, 1000).unwrap();
    let beyond = reserved.snapshot().beyond_plan_bytes;
    assert!((4_000_000..4_400_000).contains(&beyond), "{beyond}");
    assert_eq!(reserved.snapshot().runs_made, 2);
    drop(reserved);
    assert_eq!(arena.snapshot().beyond_plan_bytes, beyond);
}

/// A reserve is a promise of bytes: if no retained run fits, runs are exchanged for one that does,
/// and other users of the arena do not get their bytes.
#[test]
fn a_reserve_serves_other_sizes_than_planned() {
    let mut sizes = FramePlan::new(&Arena::new());
    sizes
        .frame(|frame| (0..4).try_for_each(|_| frame.plane::<f32>(1000, 250)))
        .unwrap();
    let builder = || Arena::builder().limit_bytes(sizes.held_bytes());
    for arena in [
        builder().build(),
        builder().retention(Retention::UpTo { bytes: 0 }).build(),
        builder().retention(Retention::KeepAll).build(),
    ] {
        let mut plan = FramePlan::new(&arena);
        plan.frame(|frame| (0..4).try_for_each(|_| frame.plane::<f32>(1000, 250)))
            .unwrap();
        let reserved = arena.reserve(&plan).unwrap();
        let frame = reserved.frame();
        for height in [1500, 2200] {
            let plane = frame.plane::<f32>(250, height).unwrap();
            assert!(
                plane
                    .rows()
                    .all(|row| row.iter().all(|&sample| sample == 0.0))
            );
            assert!(arena.detached_plane::<f32>(250, 100).is_err());
        }
        assert!(frame.plane::<f32>(250, 1000).is_err());
        drop(frame);
        assert!(arena.snapshot().peak_held_bytes <= plan.held_bytes());
        drop(reserved);
        let after = arena.snapshot();
        assert_eq!((after.in_use_bytes, after.live_bytes), (0, 0));
        assert!(arena.detached_plane::<f32>(250, 3800).is_ok());
    }
}

/// Two reserves of one arena do not take each other's memory.
#[test]
fn reserves_are_apart() {
    let arena = Arena::new();
    let random = &mut Random(7);
    let work: Vec<_> = (0..4).map(|_| Work::random(random, 0)).collect();
    thread::scope(|threads| {
        for work in &work {
            threads.spawn(|| {
                for _ in 0..5 {
                    let reserved = arena.reserve(&plan(&arena, work, 1)).unwrap();
                    pool(1).install(|| {
                        reserved.with_frame(|frame| {
                            work.iter().try_for_each(|work| work.run(frame, 0)).unwrap();
                        });
                    });
                }
            });
        }
    });
    let after = arena.snapshot();
    assert_eq!(
        (after.in_use_bytes, after.live_bytes, after.frames),
        (0, 0, 20)
    );
}
