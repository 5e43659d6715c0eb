use std::ops::Deref;

use crate::memory::Shared;
use crate::plane_source::grant_as_scope;
use crate::scope::Scope;
use crate::stats::{FrameReport, FrameStats};
use crate::store::Store;

/// The scope of one frame decode. It holds planes that several stages read, and opens the
/// [stages](Scope::stage).
///
/// A frame may be used by many threads at once and moved between them; several frames of one arena
/// may be open. Its memory is returned when it is dropped, even during a panic. A forgotten frame
/// ([`std::mem::forget`]) keeps its memory for ever, which stays counted as live.
///
/// A frame derefs to a [`Scope`], which has most of its methods, and requests go through
/// [`PlaneAlloc`](crate::PlaneAlloc). A decoder that keeps a frame in a struct uses an
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

    /// Ends the frame and returns its statistics.
    pub fn finish(mut self) -> FrameReport {
        let mut report = FrameReport::empty();
        self.end(|stats| report = stats.report(None));
        report
    }

    /// Returns the statistics of the frame so far. Sums include only stages and scratch that have
    /// ended.
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
