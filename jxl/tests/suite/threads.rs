//! Frames whose groups several threads decode together. The file has two LF groups, and groups in
//! nine columns and three rows.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use frame_arena::Arena;
use jxl_arena::{Decoder, Error, Layout, Reduction, Region, Stop};

use super::damage::random_below;
use super::plan;

use super::sample_table::LARGE;
use super::support::{pool, read_png, sample_bytes, samples_folder};

const THREADS: [usize; 4] = [1, 2, 3, 8];

fn decode(decoder: &Decoder, file: &[u8]) -> Result<Vec<u8>, Error> {
    decoder.read(file)?.decode(Layout::Gray)
}

#[test]
fn large_files_do_not_depend_on_the_number_of_threads() {
    for sample in LARGE {
        let (name, file) = (sample.name, sample_bytes(sample.name));
        let reference = read_png(&samples_folder().join(format!("{name}.ref.png")));
        let alone = pool_of_one_decodes(&file);
        for threads in THREADS {
            let (pool, decoder) = (pool(threads), Decoder::default());
            let first = pool.install(|| decode(&decoder, &file)).expect(name);
            assert_eq!(first.len(), reference.values.len());
            let pairs = first.iter().zip(&reference.values);
            let largest = pairs.map(|(&a, &b)| u16::from(a).abs_diff(b)).max();
            assert!(largest <= Some(1), "{name}, {threads} threads: {largest:?}");
            for round in 0..3 {
                let again = pool.install(|| decode(&decoder, &file)).expect(name);
                assert!(again == alone, "{name}, {threads} threads, round {round}");
            }
        }
    }
}

fn pool_of_one_decodes(file: &[u8]) -> Vec<u8> {
    pool(1)
        .install(|| decode(&Decoder::default(), file))
        .unwrap()
}

#[test]
fn large_files_take_at_most_what_is_planned() {
    for sample in LARGE {
        let file = sample_bytes(sample.name);
        for threads in THREADS {
            plan::check(sample.name, &file, threads);
        }
    }
}

#[test]
fn parts_of_large_files_do_not_depend_on_the_number_of_threads() {
    let file = sample_bytes(LARGE[0].name);
    let decoder = Decoder::default().reserving();
    let decode_parts = |threads: usize| {
        pool(threads).install(|| {
            let picture = decoder.read(&file).unwrap();
            let regions = [(0, 0, 2054, 300), (500, 200, 700, 316), (1900, 0, 154, 516)];
            let regions = regions.map(|(x, y, width, height)| {
                let region = Region::new(x, y, width, height);
                let mut pixels = vec![0u8; width as usize * height as usize];
                let decoded = picture.decode_region_into(region, Layout::Gray, &mut pixels);
                decoded.map(|_| pixels).unwrap()
            });
            let reductions = [Reduction::Half, Reduction::Quarter, Reduction::Eighth];
            let reduced = reductions.map(|reduction| {
                let picture = decoder.read(&file).unwrap().reduced(reduction);
                picture.decode::<u8>(Layout::Gray).unwrap()
            });
            (regions, reduced)
        })
    };
    let expected = decode_parts(1);
    for threads in [2, 3, 8] {
        assert!(decode_parts(threads) == expected, "{threads} threads");
    }
    assert_eq!(decoder.arena().snapshot().beyond_plan_bytes, 0);
}

/// The error of a damaged file is that of its first damaged group, whichever thread finds it.
#[test]
fn errors_do_not_depend_on_the_number_of_threads() {
    let file = sample_bytes(LARGE[0].name);
    let pools = THREADS.map(pool);
    let mut random = random_below(0x9E37_79B9_7F4A_7C15);
    let mut errors = 0;
    for _ in 0..24 {
        let mut damaged = file.clone();
        for _ in 0..20 {
            let at = file.len() / 8 + random(file.len() * 7 / 8);
            damaged[at] ^= 1 << random(8);
        }
        let outcomes = pools.each_ref().map(|pool| {
            let decoder = Decoder::default();
            let outcome = pool.install(|| decode(&decoder, &damaged));
            assert_eq!(decoder.arena().snapshot().live_bytes, 0);
            outcome.map_err(|error| error.to_string())
        });
        errors += usize::from(outcomes[0].is_err());
        assert!(
            outcomes.iter().all(|outcome| *outcome == outcomes[0]),
            "{:?}",
            outcomes.each_ref().map(|outcome| outcome.as_ref().err())
        );
    }
    assert!(errors > 4, "{errors} errors");
}

/// Panics when it is asked for the given time.
struct PanicAt {
    calls: AtomicUsize,
    at: usize,
}

impl Stop for PanicAt {
    fn is_stopped(&self) -> bool {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        assert!(call != self.at, "a panic of the caller's code");
        false
    }
}

#[test]
fn a_panic_on_a_thread_ends_the_decode() {
    let file = sample_bytes(LARGE[0].name);
    let expected = pool_of_one_decodes(&file);
    let counting = Arc::new(PanicAt {
        calls: AtomicUsize::new(0),
        at: usize::MAX,
    });
    let decoder = Decoder::default().with_stop(counting.clone());
    pool(1).install(|| decode(&decoder, &file)).unwrap();
    let calls = counting.calls.load(Ordering::Relaxed);
    assert!(calls > 100, "{calls} calls");
    // The last calls come from groups, one while each is decoded and one while it is finished.
    let places = [1, 2, 9, 20, 40, calls / 2];
    for threads in [1, 2, 3, 8] {
        let pool = pool(threads);
        let arena = Arena::new();
        for place in places {
            let stop = Arc::new(PanicAt {
                calls: AtomicUsize::new(0),
                at: calls - place,
            });
            let decoder = Decoder::new(arena.clone()).with_stop(stop);
            let panicking = AssertUnwindSafe(|| pool.install(|| decode(&decoder, &file)));
            assert!(catch_unwind(panicking).is_err(), "{place}, {threads}");
            assert_eq!(arena.snapshot().live_bytes, 0, "{threads} threads");
        }
        let decoder = Decoder::new(arena);
        let after = pool.install(|| decode(&decoder, &file)).unwrap();
        assert!(after == expected, "{threads} threads");
    }
}
