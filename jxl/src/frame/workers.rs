//! Threads that decode a frame together.

use rayon::prelude::*;

/// Threads that work on a frame together.
pub(super) trait Workers {
    /// Calls `task` with each number below `count`, and returns when all calls have returned. The
    /// calling thread takes part. Calls run at the same time as far as threads are free, otherwise
    /// one after the other.
    ///
    /// A task may wait for another one only after that one has started. It must not call `run`: its
    /// thread could then start a task that waits for the thread's own.
    fn run(&self, count: usize, task: &(dyn Fn(usize) + Sync));
}

/// The rayon pool of the calling thread.
pub(super) struct CurrentPool;

impl Workers for CurrentPool {
    fn run(&self, count: usize, task: &(dyn Fn(usize) + Sync)) {
        match count {
            1 => task(0),
            _ => (0..count).into_par_iter().with_max_len(1).for_each(task),
        }
    }
}
