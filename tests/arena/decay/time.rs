//! Retention by time, and the thread that applies it.

use std::thread::sleep;
use std::time::{Duration, Instant};

use frame_arena::{Arena, Retention};

use super::{arena, decode, request_bytes};

/// Longer than any test runs.
const LONG: Duration = Duration::from_secs(24 * 3600);

/// Timeout for events that happen soon, generous for a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

fn retained_bytes(arena: &Arena) -> usize {
    arena.snapshot().retained_bytes
}

/// Waits until the clock shows another time.
fn wait_for_next_moment() {
    let now = Instant::now();
    while now.elapsed().is_zero() {}
}

/// Waits until the arena retains nothing.
fn wait_for_release(arena: &Arena) {
    let started = Instant::now();
    while retained_bytes(arena) > 0 {
        assert!(started.elapsed() < PATIENCE, "nobody releases it");
        sleep(Duration::from_millis(2));
    }
}

#[test]
fn no_number_of_frames_releases_what_was_used_in_time() {
    let arena = arena(Retention::Idle { after: LONG });
    decode(&arena.frame(), 4);
    let retained = retained_bytes(&arena);
    assert!(retained >= request_bytes(4));
    for _ in 0..1000 {
        decode(&arena.frame(), 1);
        drop(arena.detached_plane::<u8>(100, 1).expect("memory"));
        arena.decay_now();
    }
    assert!(retained_bytes(&arena) >= retained);
    arena.trim();
    assert_eq!(retained_bytes(&arena), 0);
}

#[test]
fn with_no_time_at_all_what_is_looked_at_is_released() {
    let arena = arena(Retention::Idle {
        after: Duration::ZERO,
    });
    let outliving = arena.detached_plane::<u8>(100_000, 1).expect("memory");
    for _ in 0..5 {
        decode(&arena.frame(), 4);
        wait_for_next_moment();
        arena.decay_now();
        assert_eq!(retained_bytes(&arena), 0);
    }
    // Every return applies the retention to memory returned before it.
    decode(&arena.frame(), 4);
    wait_for_next_moment();
    drop(outliving);
    assert!(retained_bytes(&arena) < request_bytes(4));
    wait_for_next_moment();
    arena.decay_now();
    assert_eq!(retained_bytes(&arena), 0);
}

#[test]
fn memory_stays_at_least_as_long_as_stated_and_goes_afterwards() {
    let after = Duration::from_millis(150);
    let arena = arena(Retention::Idle { after });
    let used = Instant::now();
    decode(&arena.frame(), 4);
    let mut looks_in_time = 0;
    loop {
        arena.decay_now();
        let retained = retained_bytes(&arena);
        if used.elapsed() >= after {
            break;
        }
        assert!(retained >= request_bytes(4), "released too early");
        looks_in_time += 1;
        sleep(Duration::from_millis(5));
    }
    println!("looked at {looks_in_time} times in time");
    sleep(after);
    arena.decay_now();
    assert_eq!(retained_bytes(&arena), 0);
    // Memory that is used again and again stays; other memory is released.
    decode(&arena.frame(), 4);
    sleep(2 * after);
    decode(&arena.frame(), 1);
    let retained = retained_bytes(&arena);
    assert!(retained < request_bytes(4), "a return looks at the time");
}

#[test]
fn a_thread_releases_memory_of_an_arena_at_which_nothing_happens() {
    for retention in [
        Retention::Idle {
            after: Duration::from_millis(20),
        },
        Retention::Decay { frames: 3 },
    ] {
        let arena = arena(retention);
        let thread = arena
            .decay_every(Duration::from_millis(3))
            .expect("a thread");
        for _ in 0..3 {
            decode(&arena.frame(), 4);
            drop(arena.detached_plane::<u8>(300_000, 1).expect("memory"));
            wait_for_release(&arena);
        }
        drop(thread);
        decode(&arena.frame(), 4);
        let retained = retained_bytes(&arena);
        assert!(retained >= request_bytes(4) || matches!(retention, Retention::Idle { .. }));
        sleep(Duration::from_millis(60));
        assert_eq!(retained_bytes(&arena), retained, "nobody looks any more");
    }
}

#[test]
fn the_thread_neither_keeps_an_arena_nor_takes_what_the_retention_keeps() {
    let kept = arena(Retention::KeepAll);
    let bounded = arena(Retention::UpTo { bytes: 1 << 20 });
    let threads = [&kept, &bounded].map(|arena| arena.decay_every(Duration::from_millis(1)));
    for arena in [&kept, &bounded] {
        decode(&arena.frame(), 4);
    }
    sleep(Duration::from_millis(50));
    for arena in [&kept, &bounded] {
        assert!(retained_bytes(arena) >= request_bytes(4));
    }
    drop((kept, bounded));
    // Waits for the threads, which still run.
    for thread in threads {
        drop(thread.expect("a thread"));
    }
}
