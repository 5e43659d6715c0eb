#![allow(unsafe_code)]

use std::ptr::NonNull;

use crate::AllocError;
use crate::epoch::Epoch;
use crate::memory::{OnceBox, Shared};
use crate::stats::FrameStats;
use crate::store::{Record, Store};
use crate::sync::{Mutex, lock};

/// The state that all scopes of a frame share.
pub(crate) struct Root {
    pub(crate) store: Shared<Store>,
    /// Taken by the first request of any scope of the frame.
    stats: OnceBox<FrameStats>,
    pub(crate) begun: Epoch,
    /// Locked while a record is taken, so that two threads that both make the first request share
    /// one.
    opening: Mutex<()>,
}

/// The frame that a scope belongs to.
pub(super) enum Home {
    /// The scope is the frame's own.
    Frame(Root),
    Stage(Parent),
}

/// A stage's pointer to the root of its frame.
///
/// Invariant: the root outlives the stage and does not move while it exists. A
/// [`Stage`](crate::Stage) borrows the scope that it was opened in, and so, through its parents,
/// the frame.
pub(super) struct Parent(NonNull<Root>);

// SAFETY: a parent is used as `&Root`, which is `Send` as `Root` is `Sync`.
unsafe impl Send for Parent where Root: Sync {}
// SAFETY: as above.
unsafe impl Sync for Parent where Root: Sync {}

impl Home {
    #[inline]
    pub(super) fn root(&self) -> &Root {
        match self {
            Self::Frame(root) => root,
            // SAFETY: by the invariant.
            Self::Stage(parent) => unsafe { parent.0.as_ref() },
        }
    }

    /// The root of a frame's own scope.
    pub(super) fn root_mut(&mut self) -> &mut Root {
        match self {
            Self::Frame(root) => root,
            Self::Stage(_) => unreachable!("a stage ends as a stage"),
        }
    }

    /// The home of a stage inside this scope.
    pub(super) fn stage(&self) -> Self {
        Self::Stage(Parent(NonNull::from(self.root())))
    }
}

impl Root {
    pub(super) fn new(store: &Shared<Store>) -> Self {
        Self {
            store: store.clone(),
            stats: OnceBox::new(),
            begun: store.begin_frame(),
            opening: Mutex::new(()),
        }
    }

    #[inline]
    pub(crate) fn stats(&self) -> Option<&FrameStats> {
        self.stats.get()
    }

    pub(super) fn take_stats(&mut self) -> Option<Box<FrameStats>> {
        self.stats.take()
    }

    #[inline]
    pub(crate) fn stats_or_take(&self) -> Result<&FrameStats, AllocError> {
        match self.stats.get() {
            Some(stats) => Ok(stats),
            None => self.take_stats_once(),
        }
    }

    #[inline(never)]
    fn take_stats_once(&self) -> Result<&FrameStats, AllocError> {
        take_once(&self.stats, self, &self.store, |_| ())
    }
}

/// Takes a record from the store for `place` and prepares it, unless another thread did so first.
pub(crate) fn take_once<'r, R: Record>(
    place: &'r OnceBox<R>,
    root: &Root,
    store: &Store,
    prepare: impl FnOnce(&mut R),
) -> Result<&'r R, AllocError> {
    let _opening = lock(&root.opening);
    if let Some(record) = place.get() {
        return Ok(record);
    }
    let mut record = store.take_record::<R>()?;
    prepare(&mut record);
    match place.set(record) {
        Ok(record) => Ok(record),
        Err(_) => unreachable!("records are taken one at a time"),
    }
}
