use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::{Job, Live, Memory, answer};

/// Decodes the jobs on `workers` threads, each of which takes the next job when it has finished
/// one, and calls `finished_one` after each. An answer is `None` where memory was refused.
pub fn decode_all(
    memory: &dyn Memory,
    jobs: &[Job],
    workers: usize,
    live: &Live,
    finished_one: &(dyn Fn() + Sync),
) -> Vec<Option<u64>> {
    let next = AtomicUsize::new(0);
    let answers = Mutex::new(vec![None; jobs.len()]);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let mut worker = memory.worker();
                while let Some((index, job)) = take(jobs, &next) {
                    let answer = answer(&mut *worker, job, live);
                    answers.lock().unwrap_or_else(PoisonError::into_inner)[index] = answer;
                    finished_one();
                }
            });
        }
    });
    answers.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn take<'j>(jobs: &'j [Job], next: &AtomicUsize) -> Option<(usize, &'j Job)> {
    let index = next.fetch_add(1, Relaxed);
    Some((index, jobs.get(index)?))
}
