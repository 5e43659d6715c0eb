//! The release of retained memory: after a number of frames, of any number of decoders, or after a
//! time.

mod outside;
mod tails;
mod time;

use std::sync::Barrier;
use std::time::Duration;

use frame_arena::{Arena, Frame, FramePlan, PlanRequest, PlaneAlloc, Retention};

/// Frames of the default retention.
const FRAMES: usize = 16;

/// Most frames that end while the count waits for one.
const WAITED: usize = 256;

/// Runs of the global allocator are no donors, so no run is made from others here.
fn arena(retention: Retention) -> Arena {
    let builder = Arena::builder().retention(retention).global_allocator();
    builder.block_bytes(4096).build()
}

/// Bytes that decoder `index` requests: too many for memory of the decoder before it, and too few
/// for that of the next.
fn request_bytes(index: usize) -> usize {
    6000 * 3usize.pow(index as u32)
}

/// The work of a decoder in a frame: a stage that ends before the frame.
fn decode(frame: &Frame, index: usize) {
    frame.with_stage("stage", |stage| {
        let slice = stage.stale_slice::<u8>(request_bytes(index));
        slice.expect("memory")[0] = 1;
    });
}

struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        (self.0 >> 33) % bound
    }
}

/// One of several decoders on one thread; its frame is open for a number of turns.
struct Decoder {
    index: usize,
    frame: Option<Frame>,
    turns_left: u64,
    slowness: u64,
    ended: usize,
}

impl Decoder {
    fn new(index: usize, slowness: u64) -> Self {
        Self {
            index,
            frame: None,
            turns_left: 0,
            slowness,
            ended: 0,
        }
    }

    fn turn(&mut self, arena: &Arena, numbers: &mut Numbers) {
        if self.frame.is_some() && self.turns_left == 0 {
            self.frame = None;
            self.ended += 1;
        }
        if self.frame.is_none() {
            let frame = arena.frame();
            decode(&frame, self.index);
            self.frame = Some(frame);
            self.turns_left = 1 + numbers.below(3 * self.slowness);
        }
        self.turns_left -= 1;
    }
}

/// Runs decoders by turns in an order that changes, until each has ended `frames` frames more.
fn run(arena: &Arena, decoders: &mut [Decoder], frames: usize, numbers: &mut Numbers) {
    let until: Vec<_> = decoders.iter().map(|one| one.ended + frames).collect();
    while decoders
        .iter()
        .zip(&until)
        .any(|(one, until)| one.ended < *until)
    {
        let count = decoders.len() as u64;
        for _ in 0..count {
            let next = numbers.below(count) as usize;
            decoders[next].turn(arena, numbers);
        }
    }
}

#[test]
fn decoders_by_turns_keep_what_each_would_keep_alone() {
    for seed in 0..24 {
        let mut numbers = Numbers(seed);
        let arena = arena(Retention::default());
        let count = [1, 2, 4, 8][seed as usize % 4];
        let mut decoders: Vec<_> = (0..count)
            .map(|index| Decoder::new(index, 1 + numbers.below(4)))
            .collect();
        run(&arena, &mut decoders, 40, &mut numbers);
        let made = arena.snapshot().runs_made;
        assert_eq!(made, count as u64, "{count} decoders, seed {seed}");
    }
}

#[test]
fn what_a_decoder_that_stops_had_is_released() {
    for seed in 0..16 {
        let mut numbers = Numbers(seed);
        let arena = arena(Retention::default());
        let count = [2, 4, 8][seed as usize % 3];
        let mut decoders: Vec<_> = (0..count).map(|index| Decoder::new(index, 1)).collect();
        run(&arena, &mut decoders, 3, &mut numbers);
        // The one with the largest frames.
        let stopped = decoders.pop().expect("decoders");
        let bytes = request_bytes(stopped.index);
        drop(stopped);
        let retained = arena.snapshot().retained_bytes;
        assert!(retained >= bytes, "{retained} of {bytes}, seed {seed}");
        run(&arena, &mut decoders, 2 * FRAMES + 4, &mut numbers);
        let retained = arena.snapshot().retained_bytes;
        assert!(retained < bytes, "{retained} of {bytes}, seed {seed}");
    }
}

#[test]
fn memory_stays_for_as_many_frames_as_stated() {
    let arena = arena(Retention::default());
    decode(&arena.frame(), 3);
    let retained = arena.snapshot().retained_bytes;
    for _ in 0..FRAMES - 1 {
        drop(arena.frame());
    }
    assert_eq!(arena.snapshot().retained_bytes, retained);
    drop(arena.frame());
    assert_eq!(arena.snapshot().retained_bytes, 0);
}

#[test]
fn of_two_that_end_by_turns_each_may_end_as_many() {
    let arena = arena(Retention::default());
    decode(&arena.frame(), 3);
    let (mut one, mut other) = (arena.frame(), arena.frame());
    for _ in 0..FRAMES - 1 {
        drop(one);
        one = arena.frame();
        drop(other);
        other = arena.frame();
    }
    assert!(arena.snapshot().retained_bytes >= request_bytes(3));
    for _ in 0..2 {
        drop(one);
        one = arena.frame();
        drop(other);
        other = arena.frame();
    }
    assert_eq!(arena.snapshot().retained_bytes, 0);
    drop((one, other));
}

#[test]
fn a_frame_that_stays_open_is_waited_for_only_so_long() {
    let arena = arena(Retention::default());
    let stuck = arena.frame();
    for _ in 0..2 {
        decode(&arena.frame(), 3);
        let retained = arena.snapshot().retained_bytes;
        assert!(retained >= request_bytes(3));
        for _ in 0..WAITED + FRAMES + 1 {
            drop(arena.frame());
        }
        assert_eq!(arena.snapshot().retained_bytes, 0);
    }
    // The count does not wait for it again.
    decode(&arena.frame(), 3);
    for _ in 0..FRAMES + 1 {
        drop(arena.frame());
    }
    assert_eq!(arena.snapshot().retained_bytes, 0);
    drop(stuck);
    assert_eq!(arena.snapshot().open_frames, 0);
}

#[test]
fn threads_that_sleep_in_their_frames() {
    const THREADS: usize = 8;
    let arena = arena(Retention::Decay { frames: 4 });
    let barrier = Barrier::new(THREADS);
    std::thread::scope(|threads| {
        for index in 0..THREADS {
            let (arena, barrier) = (&arena, &barrier);
            threads.spawn(move || {
                let mut numbers = Numbers(index as u64);
                for _ in 0..40 {
                    let frame = arena.frame();
                    decode(&frame, index);
                    std::thread::sleep(Duration::from_micros(numbers.below(800)));
                    // All are open here, and end in any order.
                    barrier.wait();
                    std::thread::sleep(Duration::from_micros(numbers.below(800)));
                    drop(frame);
                    barrier.wait();
                }
            });
        }
    });
    assert_eq!(arena.snapshot().runs_made, THREADS as u64);
}

#[test]
fn a_reserve_of_many_frames_leaves_its_memory() {
    let arena = arena(Retention::default());
    let mut plan = FramePlan::new(&arena);
    plan.frame(|frame| frame.stage("stage", |stage| stage.bytes(request_bytes(3))))
        .expect("a plan");
    let reserved = arena.reserve(&plan).expect("memory");
    for _ in 0..2 * FRAMES {
        decode(&reserved.frame(), 3);
    }
    drop(reserved);
    assert!(arena.snapshot().retained_bytes >= request_bytes(3));
    for _ in 0..=FRAMES {
        drop(arena.frame());
    }
    assert_eq!(arena.snapshot().retained_bytes, 0);
}
