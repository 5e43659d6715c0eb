//! Runs made from the pages of others: the arena retains no more than was needed at once, and
//! contents stay correct.

pub(crate) mod balance;

use frame_arena::{AllocError, Arena, ArenaBuilder, PlaneAlloc, Retention};

const MIB: usize = 1 << 20;

struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        (self.0 >> 33) as usize % end
    }
}

/// A frame of a detached plane and of planes of the given sizes, each of them checked.
fn frame(arena: &Arena, sizes: &[usize], value: u8) -> Result<(), AllocError> {
    let frame = arena.frame();
    let mut reference = arena.detached_plane::<u8>(sizes[0], 1)?;
    assert!(reference.row(0).iter().all(|&byte| byte == 0));
    reference.fill(value);
    let mut planes = Vec::new();
    for (index, &bytes) in sizes.iter().enumerate() {
        let slice = match index % 2 {
            0 => frame.slice::<u8>(bytes)?,
            _ => frame.stale_slice::<u8>(bytes)?,
        };
        assert!(index % 2 == 1 || slice.iter().all(|&byte| byte == 0));
        slice.fill(value ^ index as u8);
        planes.push(slice);
    }
    for (index, slice) in planes.iter().enumerate() {
        assert!(slice.iter().all(|&byte| byte == value ^ index as u8));
    }
    assert!(reference.row(0).iter().all(|&byte| byte == value));
    Ok(())
}

fn mixed(builder: ArenaBuilder, frames: usize, most_bytes: usize) -> Arena {
    let arena = builder.build();
    let mut numbers = Numbers(7);
    for index in 0..frames {
        let mut sizes = vec![0; 1 + numbers.below(5)];
        let most = most_bytes / sizes.len();
        // Some are small, most are not.
        sizes.fill_with(|| 70_000 + numbers.below(most));
        frame(&arena, &sizes, index as u8).expect("memory");
    }
    arena
}

/// Frames of different sizes hold hardly more than the largest of them needs.
#[test]
fn what_is_held_is_what_was_needed_at_once() {
    for huge_pages in [true, false] {
        let arena = mixed(Arena::builder().huge_pages(huge_pages), 60, 24 * MIB);
        let snapshot = arena.snapshot();
        let bound = snapshot.peak_bytes / 16 * 17 + 5 * MIB;
        assert!(snapshot.peak_held_bytes <= bound, "{snapshot:?}");
        assert_eq!(snapshot.in_use_bytes, 0);
        arena.trim();
        assert_eq!(arena.snapshot().retained_bytes, 0);
    }
}

/// Memory under a limit is exchanged before it is refused.
#[test]
fn a_limit_holds_while_runs_are_made_of_others() {
    for retention in [Retention::default(), Retention::KeepAll] {
        let builder = Arena::builder().limit_bytes(64 * MIB).retention(retention);
        let arena = mixed(builder, 60, 30 * MIB);
        assert!(arena.snapshot().peak_held_bytes <= 64 * MIB);
    }
}

/// The lists of cuts are freed with their runs.
#[test]
fn an_arena_frees_what_it_took() {
    // The first round makes the allocations that a thread makes only once.
    let opened = [(); 2].map(|()| {
        let before = balance::open();
        drop(mixed(Arena::builder(), 60, 24 * MIB));
        balance::open() - before
    });
    assert_eq!(opened[1], 0, "allocations that are not freed");
}

/// Equal frames find their memory unchanged.
#[test]
fn equal_frames_exchange_nothing() {
    let arena = Arena::new();
    let sizes = [9 * MIB, 5 * MIB, 3 * MIB, 300_000];
    frame(&arena, &sizes, 1).unwrap();
    let made = arena.snapshot().runs_made;
    for value in 2..40 {
        frame(&arena, &sizes, value).unwrap();
    }
    assert_eq!(arena.snapshot().runs_made, made);
}

/// Pictures of two sizes by turns: pages move between them, and few are faulted in again.
#[test]
fn pages_that_move_are_not_faulted_in_again() {
    let arena = Arena::builder().huge_pages(false).build();
    let (one, other) = ([24 * MIB], [11 * MIB, 9 * MIB]);
    let turn = |value| {
        for sizes in [&one[..], &other[..]] {
            let frame = arena.frame();
            for &bytes in sizes {
                frame.stale_slice::<u8>(bytes).unwrap().fill(value);
            }
        }
    };
    (0..4).for_each(turn);
    let before = minor_faults();
    (4..12).for_each(turn);
    let pages = 8 * 44 * MIB / 4096;
    let faults = minor_faults() - before;
    // The sanitizer maps shadow memory of an eighth of all bytes.
    let shadow_pages = if cfg!(frame_arena_asan) { pages / 8 } else { 0 };
    let most = pages / 10 + shadow_pages;
    assert!(faults < most as u64, "{faults} of {pages} pages");
    let snapshot = arena.snapshot();
    assert!(snapshot.peak_held_bytes < 31 * MIB, "{snapshot:?}");
}

/// Minor page faults of this thread so far.
fn minor_faults() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").expect("Linux");
    let (_, fields) = stat.rsplit_once(')').expect("a name");
    fields
        .split_whitespace()
        .nth(7)
        .expect("minflt")
        .parse()
        .expect("a number")
}

#[test]
fn threads_exchange_memory_under_a_limit_and_without() {
    for limit_bytes in [usize::MAX, 160 * MIB] {
        let arena = Arena::builder().limit_bytes(limit_bytes).build();
        std::thread::scope(|threads| {
            for thread in 0..6 {
                let arena = &arena;
                threads.spawn(move || {
                    let mut numbers = Numbers(thread);
                    for index in 0..25 {
                        let mut sizes = vec![0; 1 + numbers.below(3)];
                        sizes.fill_with(|| 70_000 + numbers.below(6 * MIB));
                        frame(arena, &sizes, index).expect("memory");
                    }
                });
            }
        });
        let snapshot = arena.snapshot();
        assert!(snapshot.peak_held_bytes <= limit_bytes);
        assert_eq!((snapshot.in_use_bytes, snapshot.live_bytes), (0, 0));
    }
}
