//! Allocations that arenas adopt.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Barrier, mpsc};
use std::thread;

use frame_arena::{AllocError, Arena, Kind};
use frame_arena_hooks::global::{Adopt, Crew, FrameGlobal, LEAST_BYTES, is_exceeded};
use rayon::prelude::*;

#[global_allocator]
static GLOBAL: FrameGlobal = FrameGlobal::new();

/// Requests of raw buffers so far.
fn requests(arena: &Arena) -> u64 {
    let kinds = arena.snapshot().kinds;
    let mut raw = kinds.iter().filter(|report| report.kind == Kind::Raw);
    raw.next().map_or(0, |report| report.requests)
}

fn in_use(arena: &Arena) -> usize {
    arena.snapshot().in_use_bytes
}

/// A vector of `bytes` bytes in an allocation of its own.
fn bytes(bytes: usize, value: u8) -> Vec<u8> {
    let mut vector = Vec::with_capacity(bytes);
    vector.resize(bytes, value);
    vector
}

#[test]
fn large_allocations_are_adopted_and_small_ones_are_not() {
    let arena = Arena::new();
    for (size, is_adopted) in [
        (1, false),
        (LEAST_BYTES - 1, false),
        (LEAST_BYTES, true),
        (100_000, true),
        (5 << 20, true),
    ] {
        let before = requests(&arena);
        let vector = arena.adopt(|| bytes(size, 7)).unwrap();
        assert_eq!(requests(&arena) - before, u64::from(is_adopted));
        assert_eq!(in_use(&arena) >= size, is_adopted);
        assert!(vector.iter().all(|&byte| byte == 7));
    }
    let outside = bytes(100_000, 1);
    assert_eq!((requests(&arena), in_use(&arena)), (3, 0));
    drop(outside);
    let elsewhere = arena.adopt(|| thread::spawn(|| bytes(100_000, 1)).join().unwrap());
    assert_eq!((requests(&arena), in_use(&arena)), (3, 0));
    drop(elsewhere);
}

#[test]
fn memory_escapes_to_other_threads_and_outlives_the_arena() {
    let arena = Arena::new();
    let vectors: Vec<_> = (1..40)
        .map(|index| arena.adopt(|| bytes(index * 10_000, index as u8)).unwrap())
        .collect();
    assert!(in_use(&arena) > 7_000_000);
    let freed = thread::spawn(move || {
        for (index, vector) in (1..).zip(vectors) {
            assert!(vector.iter().all(|&byte| byte == index));
        }
    });
    freed.join().unwrap();
    assert_eq!(in_use(&arena), 0);
    let escaped = arena.adopt(|| bytes(200_000, 3)).unwrap();
    drop(arena);
    assert!(escaped.iter().all(|&byte| byte == 3));
    drop(escaped);
}

#[test]
fn reallocation_crosses_the_border_in_both_directions() {
    let arena = Arena::new();
    let is_kept = |vector: &Vec<u8>| (0..100).all(|at| vector[at] == at as u8);
    let start: Vec<u8> = (0..100).collect();
    let mut vector = arena
        .adopt(|| {
            let mut vector = start;
            // From the system's memory into the arena's, then to more of it.
            vector.reserve_exact(LEAST_BYTES);
            assert!(is_kept(&vector) && in_use(&arena) > LEAST_BYTES);
            vector.reserve_exact(10 * LEAST_BYTES);
            assert!(is_kept(&vector) && in_use(&arena) > 10 * LEAST_BYTES);
            assert!(in_use(&arena) < 11 * LEAST_BYTES);
            // In place, then to less memory of the arena.
            let place = vector.as_ptr();
            vector.shrink_to(6 * LEAST_BYTES);
            assert_eq!(vector.as_ptr(), place);
            vector.shrink_to(2 * LEAST_BYTES);
            assert!(is_kept(&vector) && in_use(&arena) < 3 * LEAST_BYTES);
            vector
        })
        .unwrap();
    // Outside, it stays as it is until it is moved, and then goes to the system.
    assert!(in_use(&arena) > 2 * LEAST_BYTES);
    vector.reserve_exact(20 * LEAST_BYTES);
    assert!(is_kept(&vector));
    assert_eq!(in_use(&arena), 0);
    let mut vector = arena.adopt(|| [vector, bytes(50_000, 1)].concat()).unwrap();
    assert!(in_use(&arena) > 50_000);
    vector.truncate(100);
    vector.shrink_to_fit();
    assert!(is_kept(&vector));
    assert_eq!(in_use(&arena), 0);
}

#[test]
fn zeroed_and_aligned_memory_is_so() {
    #[derive(Clone)]
    #[repr(align(4096))]
    struct Page([u8; 4096]);
    #[repr(align(4194304))]
    struct Huge;
    let arena = Arena::new();
    arena
        .adopt(|| {
            for size in [20_000, 300_000, 3_000_000] {
                for _ in 0..3 {
                    drop(bytes(size, 0xff));
                    let zeros = vec![0u8; size - 1000];
                    assert!(zeros.iter().all(|&byte| byte == 0));
                }
            }
            let pages = vec![Page([3; 4096]); 10];
            assert_eq!(pages.as_ptr().addr() % 4096, 0);
            assert!(pages.iter().all(|page| page.0 == [3; 4096]));
            // More than an arena aligns to: the system serves.
            let before = requests(&arena);
            let huge = Vec::<Huge>::with_capacity(1);
            assert_eq!(huge.as_ptr().addr() % (4 << 20), 0);
            assert_eq!(requests(&arena), before);
        })
        .unwrap();
    assert_eq!(in_use(&arena), 0);
}

#[test]
fn the_innermost_arena_adopts() {
    let (outer, inner) = (Arena::new(), Arena::new());
    let vectors = outer.adopt(|| {
        let first = bytes(50_000, 1);
        let second = inner.adopt(|| bytes(50_000, 2)).unwrap();
        let third = bytes(50_000, 3);
        (first, second, third)
    });
    assert_eq!((requests(&outer), requests(&inner)), (2, 1));
    drop(vectors);
    assert_eq!((in_use(&outer), in_use(&inner)), (0, 0));
}

#[test]
fn past_the_limit_the_system_serves_and_the_excess_is_an_error() {
    let arena = Arena::builder().limit_bytes(1 << 20).build();
    assert!(!is_exceeded());
    let excess = arena.adopt(|| {
        let fitting = bytes(500_000, 1);
        assert!(!is_exceeded());
        let excess = [bytes(700_000, 2), bytes(800_000, 3)];
        assert!(is_exceeded());
        let mut grown = fitting;
        grown.reserve_exact(1_000_000);
        assert!(grown.iter().all(|&byte| byte == 1));
        (grown, excess)
    });
    assert!(!is_exceeded());
    let excess = excess.unwrap_err();
    assert_eq!((excess.requests(), excess.bytes()), (3, 3_000_000));
    assert!(matches!(excess.refusal(), AllocError::LimitExceeded { .. }));
    assert!(excess.to_string().contains("3 requests of 3000000 bytes"));
    let (grown, vectors) = excess.into_result();
    assert_eq!((grown.len(), vectors[0][0], vectors[1][0]), (500_000, 2, 3));
    assert!(arena.snapshot().peak_held_bytes <= 1 << 20);
    assert_eq!(in_use(&arena), 0);
    assert!(arena.adopt(|| bytes(500_000, 1)).is_ok());
}

#[test]
fn a_panic_ends_the_adoption() {
    let arena = Arena::new();
    let panicking = || {
        arena.adopt(|| {
            let _vector = bytes(100_000, 1);
            panic!("a decoder's");
        })
    };
    assert!(catch_unwind(AssertUnwindSafe(panicking)).is_err());
    assert_eq!((requests(&arena), in_use(&arena)), (1, 0));
    drop(bytes(100_000, 1));
    assert_eq!(requests(&arena), 1);
}

#[test]
fn workers_of_named_pools_are_adopted() {
    static STARTED: Crew = Crew::new();
    static JOINED: Crew = Crew::new();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3);
    let started = pool.start_handler(|_| STARTED.join()).build().unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3);
    let joined = pool.build().unwrap();
    joined.broadcast(|_| JOINED.join());
    for (pool, crew) in [(&started, &STARTED), (&joined, &JOINED)] {
        let arena = Arena::new();
        let work = || -> Vec<Vec<u8>> {
            let numbers = (0..64u8).into_par_iter();
            numbers.map(|number| bytes(20_000, number)).collect()
        };
        let vectors = arena.adopt_crew(crew, || pool.install(work)).unwrap();
        assert_eq!(requests(&arena), 64);
        for (number, vector) in vectors.iter().enumerate() {
            assert!(vector.iter().all(|&byte| usize::from(byte) == number));
        }
        drop(vectors);
        assert_eq!(in_use(&arena), 0);
        // Afterwards, and without the name, the workers are not adopted.
        drop(pool.install(work));
        drop(arena.adopt(|| pool.install(work)));
        assert_eq!(requests(&arena), 64);
        // A member's own call comes first.
        let own = Arena::new();
        let vector = arena.adopt_crew(crew, || {
            pool.install(|| own.adopt(|| bytes(20_000, 1)).unwrap())
        });
        assert_eq!((requests(&own), requests(&arena)), (1, 64));
        drop(vector);
    }
}

#[test]
fn arenas_are_used_directly_inside() {
    let arena = Arena::new();
    arena
        .adopt(|| {
            // The table of runs grows under the arena's lock, and small runs come from the global
            // allocator.
            let planes: Vec<_> = (0..2000)
                .map(|_| arena.detached_plane::<u8>(1000, 20).unwrap())
                .collect();
            let vectors: Vec<_> = (0..2000).map(|_| bytes(LEAST_BYTES, 1)).collect();
            drop((planes, vectors));
            arena.trim();
        })
        .unwrap();
    assert_eq!(in_use(&arena), 0);
}

#[test]
fn threads_mix_everything() {
    const THREADS: usize = 4;
    let arenas: Vec<Arena> = (0..2)
        .map(|index| Arena::builder().limit_bytes((4 + index) << 20).build())
        .collect();
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..THREADS)
        .map(|_| mpsc::channel::<(u8, Vec<u8>)>())
        .unzip();
    let barrier = Barrier::new(THREADS);
    thread::scope(|scope| {
        for (index, receiver) in receivers.into_iter().enumerate() {
            let (senders, arenas, barrier) = (senders.clone(), &arenas, &barrier);
            scope.spawn(move || {
                barrier.wait();
                let mut random = index as u64 + 1;
                let mut next = |below: usize| {
                    random = random
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    (random >> 33) as usize % below
                };
                for round in 0..400 {
                    let (size, more) = (1 + next(80_000), next(80_000));
                    let value = round as u8;
                    let make = || {
                        let mut vector = bytes(size, value);
                        vector.resize(size + more, value);
                        vector.truncate(size);
                        vector.shrink_to_fit();
                        vector
                    };
                    let vector = match next(3) {
                        0 => make(),
                        arena => match arenas[arena - 1].adopt(make) {
                            Ok(vector) => vector,
                            Err(excess) => excess.into_result(),
                        },
                    };
                    senders[next(THREADS)].send((value, vector)).unwrap();
                    for (value, vector) in receiver.try_iter().take(2) {
                        assert!(vector.iter().all(|&byte| byte == value));
                    }
                }
                drop(senders);
                for (value, vector) in receiver {
                    assert!(vector.iter().all(|&byte| byte == value));
                }
            });
        }
        drop(senders);
    });
    for arena in arenas {
        assert_eq!(in_use(&arena), 0);
        assert!(requests(&arena) > 100);
    }
}
