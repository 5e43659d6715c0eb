use std::ops::Deref;

use crate::memory::Shared;
use crate::plane_source::grant_as_scope;
use crate::scope::Scope;
use crate::stats::{FrameReport, FrameStats};
use crate::store::Store;

/// The scope of one frame decode: planes that several stages read, and the [stages](Scope::stage)
/// inside.
///
/// A frame may be used by many threads at once and moved between them; several frames of one arena
/// may be open. Its memory is returned when it is dropped, also by a panic. A forgotten frame
/// ([`std::mem::forget`]) keeps its memory for ever, which stays counted as live.
///
/// A frame derefs to a [`Scope`], which has its methods, and has the requests of
/// [`PlaneAlloc`](crate::PlaneAlloc). A decoder that keeps a frame in a struct takes an
/// [`OwnedFrame`](crate::OwnedFrame).
#[derive(Debug)]
#[must_use = "a frame ends when it is dropped"]
pub struct Frame {
    scope: Scope,
}

grant_as_scope!(Frame);

impl Frame {
    pub(crate) fn open(store: &Shared<Store>) -> Self {
        Self {
            scope: Scope::of_frame(store),
        }
    }

    /// Ends the frame and reports what it took.
    pub fn finish(mut self) -> FrameReport {
        let mut report = FrameReport::empty();
        self.end(|stats| report = stats.report(None));
        report
    }

    /// Returns what the frame took so far. Sums contain stages and scratch that have ended.
    pub fn report(&self) -> FrameReport {
        self.scope.report()
    }

    fn end(&mut self, report: impl FnOnce(&FrameStats)) {
        self.scope.end_frame(report);
    }
}

impl Deref for Frame {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        &self.scope
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.end(|_| ());
    }
}
