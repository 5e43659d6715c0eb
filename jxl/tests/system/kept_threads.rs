//! Threads that are kept, and allocate nothing while they decode.

#![allow(unsafe_code)]

use std::ptr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

use jxl_arena::ParallelRunner;

/// Threads that wait for tasks.
pub(crate) struct KeptThreads {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    work: Mutex<Work>,
    changed: Condvar,
}

struct Work {
    task: Option<Task>,
    /// Calls that no thread has begun.
    waiting: usize,
    /// Calls that have begun on the kept threads and not ended.
    running: usize,
    is_over: bool,
}

/// The task of a [`run`](ParallelRunner::run), which is borrowed as long as this value is in
/// [`Work::task`] or a call runs.
#[derive(Clone, Copy)]
struct Task(*const (dyn Fn() + Sync));

// SAFETY: the task may be called on any thread, as it is `Sync`.
unsafe impl Send for Task {}

impl Shared {
    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap()
    }

    fn serve(&self) {
        let mut work = self.work();
        while !work.is_over {
            let Some(task) = work.task.filter(|_| work.waiting > 0) else {
                work = self.changed.wait(work).unwrap();
                continue;
            };
            work.waiting -= 1;
            work.running += 1;
            drop(work);
            // SAFETY: `run` waits until no call runs, so the task is still borrowed.
            unsafe { (*task.0)() };
            work = self.work();
            work.running -= 1;
            self.changed.notify_all();
        }
    }
}

impl KeptThreads {
    /// Starts threads, so that `count` are there with the calling one.
    pub(crate) fn new(count: usize) -> Self {
        let shared = Arc::new(Shared {
            work: Mutex::new(Work {
                task: None,
                waiting: 0,
                running: 0,
                is_over: false,
            }),
            changed: Condvar::new(),
        });
        let start = |_| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.serve())
        };
        let threads = (1..count).map(start).collect();
        Self { shared, threads }
    }
}

/// Ends a run when it is dropped, if the task panics too.
struct Run<'s>(&'s Shared);

impl Drop for Run<'_> {
    fn drop(&mut self) {
        let mut work = self.0.work();
        (work.task, work.waiting) = (None, 0);
        while work.running > 0 {
            work = self.0.changed.wait(work).unwrap();
        }
    }
}

impl ParallelRunner for KeptThreads {
    fn threads(&self) -> usize {
        self.threads.len() + 1
    }

    fn run(&self, calls: usize, task: &(dyn Fn() + Sync)) {
        let mut work = self.shared.work();
        assert!(work.task.is_none(), "two decodes at once");
        // SAFETY: only the lifetime changes. `Run` ends the use of the task before this function
        // returns.
        let task_pointer = unsafe {
            std::mem::transmute::<*const (dyn Fn() + Sync + '_), *const (dyn Fn() + Sync)>(
                ptr::from_ref(task),
            )
        };
        (work.task, work.waiting) = (Some(Task(task_pointer)), calls.saturating_sub(1));
        drop(work);
        let _run = Run(&self.shared);
        self.shared.changed.notify_all();
        task();
    }
}

impl Drop for KeptThreads {
    fn drop(&mut self) {
        self.shared.work().is_over = true;
        self.shared.changed.notify_all();
        for thread in self.threads.drain(..) {
            thread.join().unwrap();
        }
    }
}
