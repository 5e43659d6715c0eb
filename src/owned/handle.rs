#![allow(unsafe_code)]

use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering, fence};

use crate::AllocError;
use crate::memory::Shared;
use crate::scope::Scope;
use crate::store::{RecordLink, Returned, Store};

/// The record of an owned scope, which its handles and planes share.
pub(crate) struct OwnedScope {
    handles: AtomicUsize,
    /// `None` while the record is not in use.
    open: Option<Open>,
    pub(crate) link: RecordLink<OwnedScope>,
}

/// The scope, before the handle of its parent: fields are dropped in order, so the scope ends
/// first.
struct Open {
    scope: Scope,
    parent: Option<Handle>,
}

/// One of the owners of an open scope; the last of them ends it.
///
/// Invariant: the pointer is that of a box with an open scope, and `handles` counts the handles
/// with that pointer.
pub(super) struct Handle(NonNull<OwnedScope>);

// SAFETY: a handle gives shared access to the scope, which is `Sync`; the last one ends the scope
// on its thread, for which the scope is `Send`.
unsafe impl Send for Handle where Scope: Send + Sync {}
// SAFETY: as above.
unsafe impl Sync for Handle where Scope: Send + Sync {}

impl OwnedScope {
    pub(crate) fn new() -> Self {
        Self {
            handles: AtomicUsize::new(0),
            open: None,
            link: RecordLink::NEW,
        }
    }
}

impl Handle {
    /// Opens a frame.
    pub(super) fn frame(store: &Shared<Store>) -> Result<Self, AllocError> {
        let record = store.take_record::<OwnedScope>()?;
        Ok(Self::open(record, Scope::of_frame(store), None))
    }

    /// Opens a stage in the scope of `parent`.
    pub(super) fn stage(parent: &Self, name: &'static str) -> Result<Self, AllocError> {
        let record = parent.store().take_record::<OwnedScope>()?;
        // SAFETY: the stage is dropped before the handle of its parent, which keeps the stage's
        // frame open in a box that does not move.
        let scope = unsafe { parent.open_stage(name) };
        Ok(Self::open(record, scope, Some(parent.clone())))
    }

    fn open(mut record: Box<OwnedScope>, scope: Scope, parent: Option<Self>) -> Self {
        record.handles = AtomicUsize::new(1);
        record.open = Some(Open { scope, parent });
        Self(NonNull::from(Box::leak(record)))
    }

    fn record(&self) -> &OwnedScope {
        // SAFETY: by the invariant, this handle keeps the box.
        unsafe { self.0.as_ref() }
    }

    /// Whether both handles belong to the same scope.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Deref for Handle {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        let open = self.record().open.as_ref();
        &open.expect("a handle keeps its scope open").scope
    }
}

impl Clone for Handle {
    fn clone(&self) -> Self {
        let handles = self.record().handles.fetch_add(1, Ordering::Relaxed);
        if handles > isize::MAX as usize {
            // A program reaches this count only by forgetting handles. A count that wraps would
            // free the scope.
            std::process::abort();
        }
        Self(self.0)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.record().handles.fetch_sub(1, Ordering::Release) > 1 {
            return;
        }
        fence(Ordering::Acquire);
        // SAFETY: the pointer is that of a box, and this was its last handle.
        let mut record = unsafe { Box::from_raw(self.0.as_ptr()) };
        let Some(Open { mut scope, parent }) = record.open.take() else {
            return;
        };
        let store = scope.store().clone();
        match &parent {
            Some(_) => scope.end_stage(),
            None => scope.end_frame(|_| ()),
        }
        drop(scope);
        let mut returned = Returned::new();
        returned.put_record(record);
        store.return_memory(&mut returned);
    }
}
