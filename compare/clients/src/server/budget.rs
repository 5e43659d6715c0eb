use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::jobs::{Failure, Job, Live, Memory, Worker};

/// Memory behind a budget: a job waits until the bytes that it will request are free, first come,
/// first served.
pub(super) struct Budgeted {
    memory: Box<dyn Memory>,
    budget: Budget,
}

struct Budget {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    free_bytes: usize,
    /// Numbers of the waiting jobs, in the order in which they came.
    waiting: VecDeque<u64>,
    next: u64,
}

/// Bytes of the budget, free again when this is dropped.
struct Share<'b> {
    budget: &'b Budget,
    bytes: usize,
}

struct BudgetedWorker<'m> {
    budget: &'m Budget,
    worker: Box<dyn Worker + 'm>,
}

impl Budgeted {
    /// Puts `memory` behind a budget.
    pub(super) fn new(memory: Box<dyn Memory>, bytes: usize) -> Self {
        Self {
            memory,
            budget: Budget::new(bytes),
        }
    }
}

impl Memory for Budgeted {
    fn worker(&self) -> Box<dyn Worker + '_> {
        Box::new(BudgetedWorker {
            budget: &self.budget,
            worker: self.memory.worker(),
        })
    }
}

impl Worker for BudgetedWorker<'_> {
    fn decode(&mut self, job: &Job, live: &Live) -> Result<u64, Failure> {
        let _share = self.budget.wait(job.need_bytes());
        self.worker.decode(job, live)
    }
}

impl Budget {
    fn new(bytes: usize) -> Self {
        Self {
            state: Mutex::new(State {
                free_bytes: bytes,
                waiting: VecDeque::new(),
                next: 0,
            }),
            changed: Condvar::new(),
        }
    }

    /// Waits for `bytes`, which must be no more than the whole budget.
    fn wait(&self, bytes: usize) -> Share<'_> {
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        state.waiting.push_back(number);
        let must_wait =
            |state: &mut State| state.waiting.front() != Some(&number) || state.free_bytes < bytes;
        state = self
            .changed
            .wait_while(state, must_wait)
            .unwrap_or_else(PoisonError::into_inner);
        state.waiting.pop_front();
        state.free_bytes -= bytes;
        // There may be enough for the next one too.
        self.changed.notify_all();
        Share {
            budget: self,
            bytes,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.budget.lock().free_bytes += self.bytes;
        self.budget.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::thread;

    use super::*;

    #[test]
    fn shares_never_exceed_the_budget() {
        let budget = Budget::new(100);
        let (taken, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for worker in 0..8 {
                let (budget, taken, most) = (&budget, &taken, &most);
                scope.spawn(move || {
                    for turn in 0..200 {
                        let bytes = 1 + (worker * 31 + turn * 17) % 100;
                        let _share = budget.wait(bytes);
                        most.fetch_max(taken.fetch_add(bytes, SeqCst) + bytes, SeqCst);
                        taken.fetch_sub(bytes, SeqCst);
                    }
                });
            }
        });
        assert!(most.into_inner() <= 100);
        assert_eq!(budget.lock().free_bytes, 100);
    }
}
