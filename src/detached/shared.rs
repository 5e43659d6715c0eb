#![allow(unsafe_code)]

use std::ptr::NonNull;

use super::DetachedMemory;
use crate::memory::{Run, Shared};
use crate::store::Store;
use crate::sync::Ordering;

/// A count of handles that a program reaches only by forgetting them.
const MOST_OWNERS: usize = isize::MAX as usize;

/// Memory that several handles own together, to read. The count of handles is in the run, so that
/// sharing allocates nothing.
///
/// Invariants: `run` came from `Box::into_raw` and is a live box; `owners` of it counts the handles
/// whose `run` it is, and nobody else refers to it. Through a handle, the run is only read as long
/// as the count exceeds one.
pub(crate) struct SharedMemory {
    store: Shared<Store>,
    /// `None` for memory of no bytes, and in a handle that has ended.
    run: Option<NonNull<Run>>,
}

// SAFETY: a handle reads the run and its bytes, and `Run` is `Sync`. The last handle, on whatever
// thread, has the run for itself and may send it on, as `Run` is `Send`.
unsafe impl Send for SharedMemory {}
// SAFETY: as above; a shared handle can be cloned, which counts atomically.
unsafe impl Sync for SharedMemory {}

impl SharedMemory {
    pub(crate) fn new(memory: DetachedMemory) -> Self {
        let (store, run) = memory.into_parts();
        let run = run.map(|run| {
            run.owners.store(1, Ordering::Relaxed);
            NonNull::from(Box::leak(run))
        });
        Self { store, run }
    }

    /// The memory for one owner alone, if this is the only handle.
    pub(crate) fn try_unwrap(mut self) -> Result<DetachedMemory, Self> {
        match self.is_unique() {
            true => Ok(self
                .give_up()
                .unwrap_or_else(|| DetachedMemory::empty(&self.store))),
            false => Err(self),
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self.run() {
            Some(run) => run.bytes(),
            None => &[],
        }
    }

    /// The bytes, to write, if this is the only handle.
    pub(crate) fn get_mut(&mut self) -> Option<&mut [u8]> {
        if !self.is_unique() {
            return None;
        }
        let Some(mut run) = self.run else {
            return Some(&mut []);
        };
        // SAFETY: the run is live by the invariants. This is its only handle and is borrowed
        // exclusively, so that no other can be made; the acquiring load of the count makes
        // everything that other handles did happen before.
        Some(unsafe { run.as_mut() }.bytes_mut())
    }

    fn run(&self) -> Option<&Run> {
        // SAFETY: the run is live as long as this handle is, and is only read meanwhile: writing it
        // needs an exclusive borrow of the only handle.
        self.run.map(|run| unsafe { run.as_ref() })
    }

    /// Whether there is no other handle. Nobody but the caller can make one if it has this one by
    /// value or exclusively.
    fn is_unique(&self) -> bool {
        // Reads what the other handles' ends released.
        let owners = self.run().map(|run| run.owners.load(Ordering::Acquire));
        owners.is_none_or(|owners| owners == 1)
    }

    /// Ends this handle. Returns the memory if it was the last one.
    fn give_up(&mut self) -> Option<DetachedMemory> {
        let owners = &self.run()?.owners;
        let others = owners.fetch_sub(1, Ordering::Release) - 1;
        if others == 0 {
            // Whatever the other handles did with the memory happened before.
            owners.load(Ordering::Acquire);
        }
        let run = self.run.take()?;
        if others > 0 {
            return None;
        }
        // SAFETY: the run came from a box, and this was its last handle, which ends here.
        let run = unsafe { Box::from_raw(run.as_ptr()) };
        Some(DetachedMemory::holding(&self.store, run))
    }
}

impl Clone for SharedMemory {
    fn clone(&self) -> Self {
        if let Some(run) = self.run() {
            // The caller has a handle, so the count cannot reach zero meanwhile, and needs no
            // ordering.
            let owners = run.owners.fetch_add(1, Ordering::Relaxed);
            if owners > MOST_OWNERS {
                // Only forgotten handles can reach this count. If it wrapped, memory in use would
                // be freed; `Arc` aborts too.
                std::process::abort();
            }
        }
        Self {
            store: self.store.clone(),
            run: self.run,
        }
    }
}

impl Drop for SharedMemory {
    fn drop(&mut self) {
        drop(self.give_up());
    }
}
