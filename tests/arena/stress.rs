//! Nested tasks inside open scratch on 8 threads, even on fewer processors, with sleeps, panics,
//! forgotten scopes and a limit that is reached. No other task changes a task's memory, and the
//! account is right to the byte.

mod mixed;
mod random;
mod work;

use std::sync::atomic::Ordering;

use frame_arena::{Arena, ArenaSnapshot, DetachedPlane, Retention};
use mixed::Yard;
use rayon::prelude::*;
use work::{Counts, Trouble, ends_by_plan, frame};

const THREADS: usize = 8;

fn pool() -> rayon::ThreadPool {
    let threads = rayon::ThreadPoolBuilder::new().num_threads(THREADS);
    threads.build().expect("threads")
}

/// Decodes `frames` frames, `at_once` at a time, in one arena; detached planes of one round live
/// into the next.
fn decode(arena: &Arena, frames: u64, at_once: u64, trouble: Trouble) -> Counts {
    let counts = Counts::default();
    let pool = pool();
    let mut references: Vec<(DetachedPlane<u64>, u64)> = Vec::new();
    for round in 0..frames / at_once {
        let decoded: Vec<_> = pool.install(|| {
            let seeds = (0..at_once as usize).into_par_iter().with_max_len(1);
            seeds
                .map(|n| {
                    let seed = round * at_once + n as u64 + 1;
                    ends_by_plan(|| frame(arena, seed, trouble, &counts))
                })
                .collect()
        });
        check_limit(&arena.snapshot());
        for (plane, tag) in references.drain(..) {
            assert!(plane.view().rows().flatten().all(|&sample| sample == tag));
        }
        for decoded in decoded.into_iter().flatten() {
            match decoded {
                Ok(reference) => references.push(reference),
                Err(_) => {
                    counts.refused.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        if round % 3 == 2 {
            arena.trim();
        }
    }
    println!("{counts:?}");
    counts
}

fn check_limit(is: &ArenaSnapshot) {
    let held = is.in_use_bytes + is.retained_bytes + is.charged_bytes;
    assert!(held <= is.peak_held_bytes);
    assert!(is.peak_held_bytes <= is.limit_bytes);
    assert!(is.live_bytes <= is.in_use_bytes);
}

/// Checks that nothing is in use after all scopes ended.
fn check_nothing_left(arena: &Arena) {
    let is = arena.snapshot();
    assert_eq!(
        (is.live_bytes, is.in_use_bytes, is.charged_bytes),
        (0, 0, 0)
    );
    assert_eq!(is.open_frames, 0);
    for kind in &is.kinds {
        assert_eq!(kind.hits + kind.misses, kind.requests);
    }
    arena.trim();
    assert_eq!(arena.snapshot().retained_bytes, 0);
}

fn loaded(counter: &std::sync::atomic::AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

#[test]
fn nested_tasks_with_sleeps() {
    let arena = Arena::new();
    let trouble = Trouble {
        sleeps: true,
        ..Trouble::default()
    };
    let counts = decode(&arena, 8, 4, trouble);
    assert!(loaded(&counts.tasks) > 1000);
    assert_eq!(loaded(&counts.refused), 0);
    check_nothing_left(&arena);
}

#[test]
fn panics_in_tasks() {
    let arena = Arena::builder()
        .retention(Retention::Decay { frames: 2 })
        .build();
    let trouble = Trouble {
        sleeps: true,
        panics: true,
        ..Trouble::default()
    };
    let counts = decode(&arena, 16, 4, trouble);
    assert!(loaded(&counts.panicked) > 10);
    check_nothing_left(&arena);
}

#[test]
fn a_limit_hit_at_random() {
    let arena = Arena::builder()
        .limit_bytes(10 << 20)
        .retention(Retention::UpTo { bytes: 4 << 20 })
        .build();
    let trouble = Trouble {
        sleeps: true,
        panics: true,
        ..Trouble::default()
    };
    let counts = decode(&arena, 60, 3, trouble);
    assert!(loaded(&counts.refused) > 20, "{}", loaded(&counts.refused));
    assert!(loaded(&counts.tasks) > 200);
    assert!(arena.snapshot().retained_bytes <= 4 << 20);
    check_nothing_left(&arena);
}

/// Forgotten memory stays counted and is never granted again. This leaks on purpose, so it does not
/// run under LeakSanitizer.
#[test]
fn forgotten_scopes() {
    if cfg!(frame_arena_asan) {
        println!("skipped: forgotten scopes are leaks");
        return;
    }
    let arena = Arena::builder().retention(Retention::KeepAll).build();
    let trouble = Trouble {
        sleeps: true,
        panics: false,
        forgets: true,
    };
    let counts = decode(&arena, 16, 4, trouble);
    assert!(loaded(&counts.forgotten) > 20);
    std::mem::forget(arena.detached_plane::<f32>(100, 100));
    let forgotten = arena.snapshot();
    assert!(forgotten.live_bytes > 0 && forgotten.open_frames > 0);
    arena.trim();
    let is = arena.snapshot();
    assert_eq!(is.retained_bytes, 0);
    assert_eq!(
        (is.live_bytes, is.in_use_bytes, is.charged_bytes),
        (forgotten.live_bytes, forgotten.in_use_bytes, 0)
    );
    // Later frames add nothing to it.
    decode(&arena, 4, 2, Trouble::default());
    let after = arena.snapshot();
    assert_eq!(after.live_bytes, forgotten.live_bytes);
    assert_eq!(after.in_use_bytes, forgotten.in_use_bytes);
    assert_eq!(after.open_frames, forgotten.open_frames);
}

/// Workers use shares, wait for room, keep collections and pass memory on, while some panic. All
/// get what they wait for, and nothing stays in use or promised.
#[test]
fn workers_that_share_a_limit_in_every_way() {
    const LIMIT: usize = 24 << 20;
    for retention in [Retention::default(), Retention::UpTo { bytes: 3 << 20 }] {
        let builder = Arena::builder().limit_bytes(LIMIT).retention(retention);
        let yard = Yard::new(builder.build());
        let work = |worker| yard.work(worker, 60);
        let shares: Vec<Arena> = std::thread::scope(|threads| {
            let workers = 0..THREADS as u64;
            let workers: Vec<_> = workers
                .map(|worker| threads.spawn(move || work(worker)))
                .collect();
            let shares = workers.into_iter().map(|worker| worker.join());
            shares.map(|share| share.expect("no panic")).collect()
        });
        let open_frames = shares.iter().map(|share| share.snapshot().open_frames);
        assert_eq!(open_frames.sum::<usize>(), 0);
        drop(shares);
        let counts = &yard.counts;
        println!("{counts:?}");
        let each = [
            &counts.done,
            &counts.panicked,
            &counts.waited,
            &counts.received,
        ];
        assert!(each.iter().all(|counter| loaded(counter) > 20));
        check_limit(&yard.arena.snapshot());
        check_nothing_left(&yard.arena);
        let all = yard.arena.allot(LIMIT);
        assert!(all.is_ok(), "nothing is promised");
    }
}
