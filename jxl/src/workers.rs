//! Work that is divided among the threads of a runner.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::lock::lock;
use crate::{CallingThread, ParallelRunner};

/// Threads that work on a frame together.
#[derive(Clone, Copy)]
pub(crate) struct Workers<'r> {
    runner: &'r dyn ParallelRunner,
}

/// Items that workers take in order.
struct Queue<I, E> {
    items: I,
    /// The first item that failed, and its error.
    error: Option<(usize, E)>,
}

impl<'r> Workers<'r> {
    /// The calling thread.
    pub(crate) const ALONE: Workers<'static> = Workers {
        runner: &CallingThread,
    };

    pub(crate) fn new(runner: &'r dyn ParallelRunner) -> Self {
        Self { runner }
    }

    /// The number of threads, at least one.
    pub(crate) fn count(self) -> usize {
        self.runner.threads().max(1)
    }

    /// Calls `task` with each number below `count`, and returns when all calls have returned. Calls
    /// that the runner leaves out are made on this thread.
    ///
    /// A task may wait for another one only after that one has started. It must not divide its
    /// work: its thread could then start a task that waits for the thread's own.
    ///
    /// # Panics
    /// If a call panics.
    pub(crate) fn run(self, count: usize, task: &(dyn Fn(usize) + Sync)) {
        let (begun, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let call = || {
            let number = begun.fetch_add(1, Ordering::AcqRel);
            if number < count {
                task(number);
                ended.fetch_add(1, Ordering::AcqRel);
            }
        };
        if count > 1 {
            self.runner.run(count, &call);
        }
        while begun.load(Ordering::Acquire) < count {
            call();
        }
        let ended = ended.into_inner();
        assert_eq!(ended, count, "a task of a decode panicked");
    }

    /// Calls `task` with each item. Items are begun in order; none is begun after one has failed.
    ///
    /// # Errors
    /// The error of the first item that fails, for any number of threads.
    ///
    /// # Panics
    /// If a call panics.
    pub(crate) fn for_each<T, E: Send>(
        self,
        items: impl Iterator<Item = T> + Send,
        task: impl Fn(T) -> Result<(), E> + Sync,
    ) -> Result<(), E> {
        let mut items = items;
        let most = items.size_hint().1.unwrap_or(usize::MAX);
        let count = self.count().min(most);
        if count <= 1 {
            return items.try_for_each(task);
        }
        let queue = Mutex::new(Queue {
            items: items.enumerate(),
            error: None,
        });
        let take = || {
            let mut queue = lock(&queue);
            match queue.error {
                None => queue.items.next(),
                Some(_) => None,
            }
        };
        self.run(count, &|_| {
            while let Some((index, item)) = take() {
                if let Err(error) = task(item) {
                    let mut queue = lock(&queue);
                    let first = queue.error.as_ref().map(|(first, _)| *first);
                    if first.is_none_or(|first| index < first) {
                        queue.error = Some((index, error));
                    }
                }
            }
        });
        let error = lock(&queue).error.take();
        error.map_or(Ok(()), |(_, error)| Err(error))
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::thread;

    use super::*;

    /// Calls a task on this many new threads, and catches its panics.
    struct OtherThreads(usize);

    impl ParallelRunner for OtherThreads {
        fn threads(&self) -> usize {
            4
        }

        fn run(&self, _: usize, task: &(dyn Fn() + Sync)) {
            thread::scope(|scope| {
                for _ in 0..self.0 {
                    scope.spawn(|| drop(catch_unwind(AssertUnwindSafe(task))));
                }
            });
        }
    }

    const RUNNERS: [OtherThreads; 4] = [
        OtherThreads(0),
        OtherThreads(1),
        OtherThreads(3),
        OtherThreads(20),
    ];

    #[test]
    fn each_call_is_made_once() {
        for runner in &RUNNERS {
            let calls: Vec<_> = (0..5).map(|_| AtomicUsize::new(0)).collect();
            Workers::new(runner).run(5, &|number| {
                calls[number].fetch_add(1, Ordering::Relaxed);
            });
            assert!(calls.iter().all(|calls| calls.load(Ordering::Relaxed) == 1));
        }
    }

    #[test]
    fn each_item_is_used_once_and_the_first_error_is_returned() {
        for runner in &RUNNERS {
            let mut items = [0_u32; 1000];
            let workers = Workers::new(runner);
            let add_one = |item: &mut u32| {
                *item += 1;
                Ok::<_, usize>(())
            };
            assert_eq!(workers.for_each(items.iter_mut(), add_one), Ok(()));
            assert!(items.iter().all(|&item| item == 1));
            let fail = |index: usize| match index % 7 == 6 {
                true => Err(index),
                false => Ok(()),
            };
            assert_eq!(workers.for_each(0..1000, fail), Err(6));
            assert_eq!(Workers::ALONE.for_each(0..1000, fail), Err(6));
        }
    }

    #[test]
    fn a_panic_that_the_runner_catches_is_not_lost() {
        for runner in &RUNNERS {
            let workers = Workers::new(runner);
            let decode = || {
                workers.for_each(0..10, |index| {
                    assert_ne!(index, 3);
                    Ok::<_, ()>(())
                })
            };
            catch_unwind(AssertUnwindSafe(decode)).unwrap_err();
        }
    }
}
