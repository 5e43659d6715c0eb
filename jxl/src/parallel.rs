//! Threads that decode a picture together.

/// Threads that decode a picture together, as a library or program keeps them.
///
/// The tasks of a decode have no order and no numbers. Each call of a task works until nothing is
/// left, so a runner only decides how many threads work. The samples do not depend on it: nor does
/// a decode fail if the runner makes fewer calls than requested, as the decoder then does the rest
/// on the calling thread.
///
/// [`CallingThread`] uses no other threads. `CurrentRayonPool`, and any `rayon::ThreadPool`, are
/// runners if the feature `rayon` is enabled. A runner with threads of its own:
///
/// ```
/// use std::sync::Arc;
/// use std::thread;
///
/// use jxl_arena::{Decoder, ParallelRunner};
///
/// struct FourThreads;
///
/// impl ParallelRunner for FourThreads {
///     fn threads(&self) -> usize {
///         4
///     }
///
///     fn run(&self, calls: usize, task: &(dyn Fn() + Sync)) {
///         thread::scope(|scope| {
///             for _ in 1..calls {
///                 scope.spawn(task);
///             }
///             task();
///         });
///     }
/// }
///
/// let decoder = Decoder::default().with_runner(Arc::new(FourThreads));
/// ```
///
/// Several decodes may call `run` at the same time. A task never calls `run`.
pub trait ParallelRunner: Send + Sync {
    /// The number of threads that call a task at once, including the calling thread. Plans of
    /// memory are made for it. Zero counts as one.
    fn threads(&self) -> usize;

    /// Calls `task` at most `calls` times, at the same time as far as threads are free, and returns
    /// when all calls have returned. The calling thread should make one of the calls.
    ///
    /// A call may wait for another call that has begun, but never for one that has not. So calls
    /// may also follow each other.
    ///
    /// # Panics
    /// If a call panics, after the others have returned. The decode panics even if the runner
    /// catches that.
    fn run(&self, calls: usize, task: &(dyn Fn() + Sync));
}

/// Decodes on the calling thread alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallingThread;

impl ParallelRunner for CallingThread {
    fn threads(&self) -> usize {
        1
    }

    fn run(&self, _: usize, task: &(dyn Fn() + Sync)) {
        task();
    }
}

#[cfg(feature = "rayon")]
mod rayon_pools {
    use rayon::prelude::*;

    use super::ParallelRunner;

    /// Decodes in the rayon pool of the calling thread: the pool that the thread belongs to, for
    /// example by `pool.install(|| picture.decode_into(..))`, otherwise the global one.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct CurrentRayonPool;

    impl ParallelRunner for CurrentRayonPool {
        fn threads(&self) -> usize {
            rayon::current_num_threads()
        }

        fn run(&self, calls: usize, task: &(dyn Fn() + Sync)) {
            match calls {
                0 | 1 => task(),
                _ => {
                    let calls = (0..calls).into_par_iter().with_max_len(1);
                    calls.for_each(|_| task());
                }
            }
        }
    }

    /// Decodes in this pool. A thread of another pool, or of none, waits meanwhile.
    impl ParallelRunner for rayon::ThreadPool {
        fn threads(&self) -> usize {
            self.current_num_threads()
        }

        fn run(&self, calls: usize, task: &(dyn Fn() + Sync)) {
            self.install(|| CurrentRayonPool.run(calls, task));
        }
    }
}

#[cfg(feature = "rayon")]
pub use rayon_pools::CurrentRayonPool;

/// The runner of a decoder that has no other.
#[cfg(feature = "rayon")]
pub(crate) const DEFAULT_RUNNER: &dyn ParallelRunner = &CurrentRayonPool;
#[cfg(not(feature = "rayon"))]
pub(crate) const DEFAULT_RUNNER: &dyn ParallelRunner = &CallingThread;
