//! The adoption that a thread's allocations belong to.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ptr;
use std::sync::{Arc, PoisonError, RwLock};

use super::adoption::Adoption;

/// Invariant: `own` is null, or that of an adoption that an [`Entered`] of this thread owns.
struct Current {
    own: Cell<*const Adoption>,
    crew: Cell<Option<&'static Crew>>,
    /// Whether this thread is inside of [`with`], [`Entered`] or [`Listed`]: its own allocations go
    /// to the system.
    is_serving: Cell<bool>,
}

thread_local! {
    static CURRENT: Current = const {
        Current {
            own: Cell::new(ptr::null()),
            crew: Cell::new(None),
            is_serving: Cell::new(false),
        }
    };
}

/// Threads whose allocations an arena can adopt together, such as the workers of a pool. Each of
/// them [joins](Self::join) once; [`Adopt::adopt_crew`](super::Adopt::adopt_crew) names the crew.
///
/// A crew is a static, because its threads refer to it as long as they live.
pub struct Crew {
    /// The adoptions that name the crew, the newest last.
    adoptions: RwLock<Vec<Arc<Adoption>>>,
}

impl Crew {
    /// Makes a crew without threads.
    pub const fn new() -> Self {
        Self {
            adoptions: RwLock::new(Vec::new()),
        }
    }

    /// Makes the calling thread a member until it ends or joins another crew. For the workers of a
    /// rayon pool: `ThreadPoolBuilder::start_handler(|_| CREW.join())`, or `ThreadPool::broadcast`
    /// for a pool that exists.
    pub fn join(&'static self) {
        CURRENT.with(|current| current.crew.set(Some(self)));
    }

    fn newest(&self) -> Option<Arc<Adoption>> {
        let adoptions = self.adoptions.read();
        let adoptions = adoptions.unwrap_or_else(PoisonError::into_inner);
        adoptions.last().cloned()
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Arc<Adoption>>)) {
        let _serving = Serving::start();
        let adoptions = self.adoptions.write();
        change(&mut adoptions.unwrap_or_else(PoisonError::into_inner));
    }
}

impl Default for Crew {
    fn default() -> Self {
        Self::new()
    }
}

/// Lets the thread's allocations go to the system.
struct Serving {
    before: bool,
}

impl Serving {
    fn start() -> Self {
        let before = CURRENT.with(|current| current.is_serving.replace(true));
        Self { before }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        CURRENT.with(|current| current.is_serving.set(self.before));
    }
}

/// Calls `serve` with the adoption of this thread, if it has one and is not inside of such a call.
pub(super) fn with<R>(serve: impl FnOnce(&Adoption) -> Option<R>) -> Option<R> {
    // A thread that ends may free memory after its locals are gone. These have no destructor, but
    // not every system keeps them.
    CURRENT
        .try_with(|current| {
            let (own, crew) = (current.own.get(), current.crew.get());
            if own.is_null() && crew.is_none() || current.is_serving.get() {
                return None;
            }
            let _serving = Serving::start();
            // SAFETY: by the invariant, the adoption lives as long as its `Entered`, which cannot
            // end before this call, as it is on the same thread.
            match unsafe { own.as_ref() } {
                Some(own) => serve(own),
                None => serve(&*crew?.newest()?),
            }
        })
        .ok()
        .flatten()
}

/// An adoption of this thread's allocations, which ends when this is dropped.
pub(super) struct Entered {
    adoption: Arc<Adoption>,
    before: *const Adoption,
}

impl Entered {
    /// Enters. Any that this thread entered before resumes afterwards.
    pub(super) fn new(adoption: Arc<Adoption>) -> Self {
        let before = CURRENT.with(|current| current.own.replace(Arc::as_ptr(&adoption)));
        Self { adoption, before }
    }

    pub(super) fn adoption(&self) -> &Arc<Adoption> {
        &self.adoption
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.with(|current| current.own.set(self.before));
    }
}

/// An adoption of a crew's allocations, which ends when this is dropped.
pub(super) struct Listed {
    crew: &'static Crew,
    adoption: Arc<Adoption>,
}

impl Listed {
    pub(super) fn new(crew: &'static Crew, adoption: &Arc<Adoption>) -> Self {
        let adoption = adoption.clone();
        crew.change(|adoptions| adoptions.push(adoption.clone()));
        Self { crew, adoption }
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        let is_other = |other: &Arc<Adoption>| !Arc::ptr_eq(other, &self.adoption);
        self.crew.change(|adoptions| adoptions.retain(is_other));
    }
}
