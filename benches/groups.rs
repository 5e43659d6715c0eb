//! The 135 groups of a 4K frame, decoded by the threads of rayon's pool.

#[path = "support/costs.rs"]
mod costs;
#[path = "support/counting.rs"]
mod counting;
#[path = "support/group_work.rs"]
mod group_work;

use std::cell::RefCell;
use std::sync::Mutex;
use std::time::Duration;

use bumpalo::Bump;
use criterion::Criterion;
use frame_arena::{PlaneAlloc, PlaneViewMut, Tiles};
use group_work::{Buffers, HEIGHT, WIDTH, checksum, decode, tiles};
use rayon::prelude::*;

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;

/// Decodes a frame and returns the checksum of its planes.
type Frame = Box<dyn FnMut() -> u64>;

type Named = (&'static str, fn() -> Frame);

fn main() {
    let smoke = std::env::args().any(|argument| argument == "--test");
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let expected = group_work::expected();
    let strategies: [Named; 5] = [
        ("vectors", vectors),
        ("exact pool", exact_pool),
        ("bumpalo per thread", bump_per_thread),
        ("arena, scratch", arena_scratch),
        ("arena, stage", arena_stage),
    ];
    let mut group = criterion.benchmark_group("135 groups");
    for (name, strategy) in strategies {
        let mut frame = strategy();
        group.bench_function(name, |bencher| {
            bencher.iter(|| assert_eq!(frame(), expected, "{name}: a wrong sample"));
        });
    }
    group.finish();
    costs::print_head(&format!(
        "135 groups on {} threads; per frame:",
        rayon::current_num_threads()
    ));
    for (name, strategy) in strategies {
        costs::print_line(name, if smoke { 1 } else { 20 }, || {
            let mut frame = strategy();
            move || assert_eq!(frame(), expected, "{name}: a wrong sample")
        });
    }
}

/// Runs `group` on all tiles of a plane at once.
fn for_each_group(
    tiles: Tiles<PlaneViewMut<'_, f32>>,
    group: impl Fn(usize, PlaneViewMut<'_, f32>) + Sync,
) {
    tiles
        .into_par_iter()
        .enumerate()
        .for_each(|(index, tile)| group(index, tile));
}

fn vectors() -> Frame {
    Box::new(|| {
        let mut output = vec![0.0; WIDTH * HEIGHT];
        for_each_group(tiles(&mut output), |index, tile| {
            let [mut y, mut x, mut b] = [(); 3].map(|()| vec![0; Buffers::COEFFICIENTS]);
            let buffers = Buffers {
                coefficients: [&mut y, &mut x, &mut b],
                block: &mut vec![0.0; Buffers::BLOCK],
                non_zeros: &mut vec![0; Buffers::NON_ZEROS],
            };
            decode(index, buffers, tile);
        });
        checksum(&output)
    })
}

/// Vectors kept by their size behind a lock, and zeroed when they are returned.
struct Pool<T>(Mutex<Vec<Vec<T>>>);

impl<T: Copy + Default> Pool<T> {
    const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    fn make(&self, len: usize) -> Vec<T> {
        let kept = self.0.lock().unwrap().pop();
        kept.unwrap_or_else(|| vec![T::default(); len])
    }

    fn give_back(&self, mut samples: Vec<T>) {
        samples.fill(T::default());
        self.0.lock().unwrap().push(samples);
    }
}

fn exact_pool() -> Frame {
    let (outputs, coefficients) = (Pool::new(), Pool::new());
    let (blocks, non_zeros) = (Pool::new(), Pool::new());
    Box::new(move || {
        let mut output = outputs.make(WIDTH * HEIGHT);
        for_each_group(tiles(&mut output), |index, tile| {
            let mut planes = [(); 3].map(|()| coefficients.make(Buffers::COEFFICIENTS));
            let mut block = blocks.make(Buffers::BLOCK);
            let mut counts = non_zeros.make(Buffers::NON_ZEROS);
            let buffers = Buffers {
                coefficients: planes.each_mut().map(|plane| &mut plane[..]),
                block: &mut block,
                non_zeros: &mut counts,
            };
            decode(index, buffers, tile);
            for plane in planes {
                coefficients.give_back(plane);
            }
            blocks.give_back(block);
            non_zeros.give_back(counts);
        });
        let sum = checksum(&output);
        outputs.give_back(output);
        sum
    })
}

fn bump_per_thread() -> Frame {
    thread_local! {
        static BUMP: RefCell<Bump> = RefCell::new(Bump::new());
    }
    let mut output_bump = Bump::new();
    Box::new(move || {
        let output = output_bump.alloc_slice_fill_copy(WIDTH * HEIGHT, 0.0);
        for_each_group(tiles(output), |index, tile| {
            BUMP.with_borrow(|bump| {
                let coefficients =
                    [(); 3].map(|()| bump.alloc_slice_fill_copy(Buffers::COEFFICIENTS, 0));
                let buffers = Buffers {
                    coefficients,
                    block: bump.alloc_slice_fill_copy(Buffers::BLOCK, 0.0),
                    non_zeros: bump.alloc_slice_fill_copy(Buffers::NON_ZEROS, 0),
                };
                decode(index, buffers, tile);
            });
        });
        let sum = checksum(output);
        rayon::broadcast(|_| BUMP.with_borrow_mut(Bump::reset));
        output_bump.reset();
        sum
    })
}

/// Coefficients that live as long as the task of their group.
fn arena_scratch() -> Frame {
    let arena = counting::arena();
    Box::new(move || {
        let frame = arena.frame();
        let output = frame.slice(WIDTH * HEIGHT).unwrap();
        for_each_group(tiles(output), |index, tile| {
            let scratch = frame.scratch();
            let buffers = Buffers {
                coefficients: [(); 3].map(|()| scratch.slice(Buffers::COEFFICIENTS).unwrap()),
                block: scratch.slice(Buffers::BLOCK).unwrap(),
                non_zeros: scratch.slice(Buffers::NON_ZEROS).unwrap(),
            };
            decode(index, buffers, tile);
        });
        checksum(output)
    })
}

/// Coefficients of all groups, as several passes need them.
fn arena_stage() -> Frame {
    let arena = counting::arena();
    Box::new(move || {
        let frame = arena.frame();
        let output = frame.slice(WIDTH * HEIGHT).unwrap();
        frame.with_stage("coefficients", |stage| {
            for_each_group(tiles(output), |index, tile| {
                let scratch = stage.scratch();
                let buffers = Buffers {
                    coefficients: [(); 3].map(|()| stage.slice(Buffers::COEFFICIENTS).unwrap()),
                    block: scratch.slice(Buffers::BLOCK).unwrap(),
                    non_zeros: scratch.slice(Buffers::NON_ZEROS).unwrap(),
                };
                decode(index, buffers, tile);
            });
        });
        checksum(output)
    })
}
