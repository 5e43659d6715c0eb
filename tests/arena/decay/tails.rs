//! Tails: the unused ends of runs that serve smaller requests of an arena with a limit.
#![cfg(target_os = "linux")]

use std::time::Duration;

use frame_arena::{Arena, ArenaBuilder, DetachedPlane, PlaneAlloc, Retention};

use super::Numbers;

const MIB: usize = 1 << 20;

const LARGE_BYTES: usize = 6 * MIB;
const SMALL_BYTES: usize = 7 * MIB / 2;

const FRAMES: u32 = 4;

fn limited(retention: Retention) -> ArenaBuilder {
    let builder = Arena::builder().retention(retention);
    builder.limit_bytes(20 * MIB)
}

fn use_bytes(arena: &Arena, bytes: usize) {
    arena.with_frame(|frame| frame.slice::<u8>(bytes).expect("memory").fill(1));
}

fn retained_bytes(arena: &Arena) -> usize {
    arena.snapshot().retained_bytes
}

#[test]
fn a_tail_that_frames_need_no_more_goes() {
    let arena = limited(Retention::Decay { frames: FRAMES }).build();
    use_bytes(&arena, LARGE_BYTES);
    for _ in 0..FRAMES {
        assert!(retained_bytes(&arena) >= LARGE_BYTES);
        use_bytes(&arena, SMALL_BYTES);
    }
    (0..2).for_each(|_| use_bytes(&arena, SMALL_BYTES));
    let retained = retained_bytes(&arena);
    assert!((SMALL_BYTES..LARGE_BYTES).contains(&retained), "{retained}");
    assert_eq!(arena.snapshot().runs_made, 1, "the run itself is in use");
    use_bytes(&arena, LARGE_BYTES);
    assert_eq!(arena.snapshot().runs_made, 2);
}

#[test]
fn a_tail_that_frames_need_now_and_then_stays() {
    let arena = limited(Retention::Decay { frames: FRAMES }).build();
    for round in 0..100 {
        use_bytes(&arena, [LARGE_BYTES, SMALL_BYTES, SMALL_BYTES][round % 3]);
        assert!(retained_bytes(&arena) >= LARGE_BYTES);
    }
    assert_eq!(arena.snapshot().runs_made, 1);
}

#[test]
fn the_tail_of_a_run_in_use_goes_while_frames_end() {
    let arena = limited(Retention::Decay { frames: FRAMES }).build();
    use_bytes(&arena, LARGE_BYTES);
    let mut held = arena.detached_plane::<u8>(SMALL_BYTES, 1).expect("memory");
    held.fill(7);
    assert!(retained_bytes(&arena) >= LARGE_BYTES - SMALL_BYTES - MIB / 2);
    (0..=FRAMES).for_each(|_| drop(arena.frame()));
    assert_eq!(retained_bytes(&arena), 0);
    assert!(held.view().row(0).iter().all(|&sample| sample == 7));
    drop(held);
    let retained = retained_bytes(&arena);
    assert!((SMALL_BYTES..LARGE_BYTES).contains(&retained), "{retained}");
    use_bytes(&arena, SMALL_BYTES);
    assert_eq!(arena.snapshot().runs_made, 1);
}

#[test]
fn by_time_a_tail_goes_by_itself() {
    let after = Duration::from_millis(30);
    let arena = limited(Retention::Idle { after }).build();
    use_bytes(&arena, LARGE_BYTES);
    let held = arena.detached_plane::<u8>(SMALL_BYTES, 1).expect("memory");
    std::thread::sleep(2 * after);
    arena.decay_now();
    assert_eq!(retained_bytes(&arena), 0);
    drop(held);
    assert!(retained_bytes(&arena) < LARGE_BYTES);
}

#[test]
fn tails_count_as_retained_under_a_bound() {
    const BOUND: usize = 5 * MIB;
    let (mut narrowed, mut numbers) = (0, Numbers(7));
    for _ in 0..6 {
        let arena = limited(Retention::UpTo { bytes: BOUND }).build();
        let mut held: Vec<(DetachedPlane<u8>, u8)> = Vec::new();
        for step in 0..60u8 {
            let bytes = 1 + numbers.below(3 * MIB as u64) as usize;
            if let Ok(mut plane) = arena.detached_plane::<u8>(bytes, 1) {
                assert!(plane.row(0).iter().all(|&sample| sample == 0));
                plane.fill(step | 1);
                held.push((plane, step | 1));
            }
            while held.len() > numbers.below(9) as usize {
                let (plane, value) = held.swap_remove(numbers.below(held.len() as u64) as usize);
                assert!(plane.row(0).iter().all(|&sample| sample == value));
                drop(plane);
                assert!(retained_bytes(&arena) <= BOUND);
            }
            let snapshot = arena.snapshot();
            assert!(snapshot.peak_held_bytes <= 20 * MIB);
            narrowed += snapshot.runs_reused;
        }
        drop(held);
        assert!(retained_bytes(&arena) <= BOUND);
        assert_eq!(arena.snapshot().in_use_bytes, 0);
    }
    assert!(narrowed > 0);
}
