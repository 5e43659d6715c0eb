//! Threads that the caller provides.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ThreadId};

use jxl_arena::{CallingThread, Decoder, Layout, ParallelRunner};

use super::sample_table::LARGE;
use super::support::{pool, sample_bytes, sample_names};

/// New threads for each call, and the calling thread.
struct NewThreads(usize);

impl ParallelRunner for NewThreads {
    fn threads(&self) -> usize {
        self.0
    }

    fn run(&self, calls: usize, task: &(dyn Fn() + Sync)) {
        thread::scope(|scope| {
            for _ in 1..calls {
                scope.spawn(task);
            }
            task();
        });
    }
}

/// Makes one call after the other, each on a new thread. The calling thread makes none.
struct OneByOne;

impl ParallelRunner for OneByOne {
    fn threads(&self) -> usize {
        3
    }

    fn run(&self, calls: usize, task: &(dyn Fn() + Sync)) {
        for _ in 0..calls {
            thread::scope(|scope| drop(scope.spawn(task)));
        }
    }
}

/// Makes no call.
struct NoCalls;

impl ParallelRunner for NoCalls {
    fn threads(&self) -> usize {
        2
    }

    fn run(&self, _: usize, _: &(dyn Fn() + Sync)) {}
}

fn runners() -> Vec<(&'static str, Arc<dyn ParallelRunner>)> {
    vec![
        ("the calling thread", Arc::new(CallingThread)),
        ("one new thread", Arc::new(NewThreads(1))),
        ("new threads", Arc::new(NewThreads(4))),
        ("one call after the other", Arc::new(OneByOne)),
        ("no calls", Arc::new(NoCalls)),
        #[cfg(feature = "rayon")]
        ("a rayon pool", Arc::new(pool(3))),
    ]
}

/// All pictures of a file.
fn decode(decoder: &Decoder, file: &[u8]) -> Vec<Vec<u16>> {
    let mut frames = decoder.read(file).unwrap().into_frames().unwrap();
    let mut pictures = Vec::new();
    while let Some((_, pixels)) = frames.decode_next(Layout::Rgba).unwrap() {
        pictures.push(pixels);
    }
    pictures
}

#[test]
fn samples_do_not_depend_on_the_runner() {
    let names = sample_names().chain(LARGE.iter().map(|sample| sample.name));
    for name in names {
        let file = sample_bytes(name);
        let expected = pool(1).install(|| decode(&Decoder::default(), &file));
        for (kind, runner) in runners() {
            let decoder = Decoder::default().reserving().with_runner(runner);
            assert!(decode(&decoder, &file) == expected, "{name}, {kind}");
            let snapshot = decoder.arena().snapshot();
            assert_eq!(snapshot.beyond_plan_bytes, 0, "{name}, {kind}");
        }
    }
}

/// Threads that report progress, which is told for each group.
#[test]
fn a_runner_decides_which_threads_work() {
    let file = sample_bytes(LARGE[0].name);
    let threads_of = |runner: Arc<dyn ParallelRunner>| -> Vec<ThreadId> {
        let threads = Arc::new(std::sync::Mutex::new(Vec::new()));
        let seen = threads.clone();
        let decoder = Decoder::default().with_runner(runner);
        let decoder = decoder.with_progress(move |_, _| {
            seen.lock().unwrap().push(thread::current().id());
        });
        decode(&decoder, &file);
        let mut threads = std::mem::take(&mut *threads.lock().unwrap());
        threads.sort_unstable_by_key(|thread| format!("{thread:?}"));
        threads.dedup();
        threads
    };
    let this = thread::current().id();
    assert_eq!(threads_of(Arc::new(CallingThread)), [this]);
    assert_eq!(threads_of(Arc::new(NoCalls)), [this]);
    assert!(!threads_of(Arc::new(OneByOne)).contains(&this));
}

#[test]
fn a_panic_of_a_task_reaches_the_caller() {
    let file = sample_bytes(LARGE[0].name);
    let expected = pool(1).install(|| decode(&Decoder::default(), &file));
    for (kind, runner) in runners() {
        let calls = AtomicUsize::new(0);
        let decoder = Decoder::default().with_runner(runner.clone());
        let panicking = decoder.clone().with_progress(move |_, _| {
            let call = calls.fetch_add(1, Ordering::Relaxed);
            assert_ne!(call, 5, "a panic of the caller's code");
        });
        let decoded = catch_unwind(AssertUnwindSafe(|| decode(&panicking, &file)));
        assert!(decoded.is_err(), "{kind}");
        assert_eq!(decoder.arena().snapshot().live_bytes, 0, "{kind}");
        assert!(decode(&decoder, &file) == expected, "{kind}");
    }
}
