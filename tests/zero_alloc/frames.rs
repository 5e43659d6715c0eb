//! From the second frame of the same work on, the library makes no call to the global allocator and
//! no page fault, and the planes have the same samples.
//!
//! All frames run inside one task of a pool, so that entering the pool, which allocates in rayon,
//! is not counted; `par_iter` inside it does not allocate.

use std::sync::Barrier;

use frame_arena::Arena;
use rayon::prelude::*;

use super::count::Costs;
use super::kinds::Client;
use super::work::{HEIGHT, STOLEN_ROWS, Spread, WIDTH, decode};

const FRAMES: usize = 6;

/// Frames after which a client with memory of every kind is warm: it refers to three pictures, and
/// shows one. With the red zones of AddressSanitizer, runs fit other requests, so it takes more
/// frames.
const COLD_FRAMES: usize = if cfg!(frame_arena_asan) { 8 } else { 6 };

/// Checksum and costs of one frame.
#[derive(Clone, Copy, Debug, Default)]
struct Decoded {
    checksum: u64,
    costs: Costs,
    /// Blocks and runs taken from the system.
    made: u64,
}

pub(crate) fn warm_frames_neither_allocate_nor_fault() {
    // A thread that ends leaves memory to rayon's queues, which another thread frees later, perhaps
    // during a frame. So no pool ends before the last frame.
    for (threads, pool) in &[1, 2, 8].map(|threads| (threads, pool(threads))) {
        let threads = *threads;
        pool.install(|| {
            let spread = Spread::OneEach(Barrier::new(threads));
            assert_once("one group each", &spread, |frames| {
                let warm = &frames[1..];
                // The library's own count has no noise, so it must be right in every attempt.
                assert!(warm.iter().all(|frame| frame.made == 0), "{frames:?}");
                warm.iter().all(|frame| is_quiet(frame.costs))
            });
            assert_once("stealing", &Spread::Stealing, |frames| {
                are_stolen_frames_right(threads, frames)
            });
        });
    }
    for limit_bytes in [usize::MAX, 1 << 30] {
        every_kind_of_memory_is_warm(limit_bytes);
    }
}

/// Owned scopes, collections, pictures and shares, on one thread, with a limit and without one.
fn every_kind_of_memory_is_warm(limit_bytes: usize) {
    let is_right = (0..3).any(|_| {
        let mut client = Client::new(limit_bytes);
        let mut frames = [Decoded::default(); COLD_FRAMES + 12];
        for (index, frame) in frames.iter_mut().enumerate() {
            let made = client.made();
            let before = Costs::now();
            frame.checksum = client.frame(index).expect("memory");
            frame.costs = Costs::now().since(before);
            // The snapshot of the arena allocates.
            frame.made = client.made() - made;
        }
        println!("every kind, limit {limit_bytes}: {frames:?}");
        let warm = &frames[COLD_FRAMES..];
        for frame in warm {
            assert_eq!((frame.checksum, frame.made), (warm[0].checksum, 0));
        }
        warm.iter().all(|frame| is_quiet(frame.costs))
    });
    assert!(is_right, "memory of every kind: see the costs above");
}

/// Asserts that frames in a new arena have the right costs in one of three attempts. The counts are
/// those of the process, and rayon's queues reclaim their memory at any time, about once in a
/// thousand frames; but a fault of the library would occur in every attempt. The checksums must
/// agree in all attempts.
fn assert_once(name: &str, spread: &Spread, is_right: impl Fn(&[Decoded]) -> bool) {
    let right = (0..3).any(|_| {
        let frames = decode_all(spread);
        for frame in &frames {
            assert_eq!(frame.checksum, frames[0].checksum);
        }
        let right = is_right(&frames);
        println!(
            "{} threads, {name}: {frames:?}",
            rayon::current_num_threads()
        );
        right
    });
    assert!(right, "{name}: see the costs above");
}

/// Whether the frame neither called the allocator nor faulted. Faults are not checked under
/// AddressSanitizer, whose shadow memory faults too, and whose red zones make frames use blocks to
/// different depths.
fn is_quiet(costs: Costs) -> bool {
    costs.calls == 0 && (cfg!(frame_arena_asan) || costs.minor_faults == 0)
}

/// The assignment of uneven groups to threads differs from frame to frame, and with it the number
/// of blocks that a frame needs: a thread that works for the first time needs its first block, and
/// a thread with the largest groups needs another. So a later frame may still make a block or run.
/// But four things must hold. A frame calls the allocator for nothing else. A frame that makes no
/// block or run does not fault either. Frames on one thread make none. And there are never more
/// blocks and runs than all groups together fill, plus one of either class per thread, scope and
/// scratch.
fn are_stolen_frames_right(threads: usize, frames: &[Decoded]) -> bool {
    let made: u64 = frames.iter().map(|frame| frame.made).sum();
    let groups = (HEIGHT / STOLEN_ROWS) as u64;
    assert!(made <= 2 * groups + 6 * threads as u64 + 8, "{made} made");
    // A block or run takes two calls, for its memory and its handle; sometimes the lists of
    // retained ones grow too.
    let warm = &frames[1..];
    assert!(threads > 1 || warm.iter().all(|frame| frame.made == 0));
    warm.iter().all(|frame| match frame.made {
        0 => is_quiet(frame.costs),
        made => frame.costs.calls <= 4 * made,
    })
}

fn decode_all(spread: &Spread) -> [Decoded; FRAMES] {
    let arena = Arena::new();
    // The canvas before the first frame: from then on there is always one reference frame while
    // another is made.
    let mut reference = arena.detached_plane::<f32>(WIDTH, HEIGHT).expect("memory");
    reference.view_mut().fill(0.0);
    let mut frames = [Decoded::default(); FRAMES];
    let mut made = 0;
    for frame in &mut frames {
        let before = Costs::now();
        frame.checksum = decode(&arena, &mut reference, spread).expect("memory");
        frame.costs = Costs::now().since(before);
        let snapshot = arena.snapshot();
        frame.made = snapshot.blocks_made + snapshot.runs_made - made;
        made += frame.made;
    }
    drop(reference);
    let snapshot = arena.snapshot();
    assert_eq!((snapshot.live_bytes, snapshot.in_use_bytes), (0, 0));
    frames
}

/// A pool that is warm itself: its threads have touched their stacks, and each has stolen from
/// another, for which rayon's queues allocate a record the first time.
fn pool(threads: usize) -> rayon::ThreadPool {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads");
    let barrier = Barrier::new(threads);
    pool.broadcast(|_| {
        let stack = std::hint::black_box([1u8; 256 << 10]);
        barrier.wait();
        stack[threads]
    });
    let mut quiet_rounds = 0;
    for _ in 0..1000 {
        let costs = pool.install(|| {
            let before = Costs::now();
            let tasks = (0..threads).into_par_iter().with_max_len(1);
            tasks.for_each(|_| {
                barrier.wait();
            });
            Costs::now().since(before)
        });
        quiet_rounds = if is_quiet(costs) { quiet_rounds + 1 } else { 0 };
        if quiet_rounds == 20 {
            return pool;
        }
    }
    panic!("rayon itself allocates or faults");
}
