use std::ops::Deref;

use crate::epoch::Epoch;
use crate::figures::{FRAME_STAGE, FrameFigures, FrameReport};
use crate::scope::Scope;
use crate::span::ScopeSpan;
use crate::store::Store;
use crate::sync::Arc;

/// The scope of one frame decode: planes that several stages read, and the [stages](Scope::stage) inside.
///
/// A frame may be used by many threads at once and moved between them; several frames of one arena may be open. Its memory
/// goes back when it is dropped, also by a panic. A forgotten frame ([`std::mem::forget`]) keeps its memory for ever; it
/// stays counted as live.
pub struct Frame {
    scope: Scope,
    begun: Epoch,
}

impl Frame {
    pub(crate) fn open(store: &Arc<Store>) -> Self {
        let (figures, begun) = store.begin_frame();
        Self {
            begun,
            scope: Scope::open(
                store,
                figures,
                FRAME_STAGE,
                ScopeSpan::frame(),
                store.recorder.frame(),
            ),
        }
    }

    /// Ends the frame and reports what it took.
    pub fn finish(mut self) -> FrameReport {
        let figures = self.scope.close().expect("an open frame");
        let report = figures.report(None);
        self.end(figures);
        report
    }

    /// What the frame took so far. Of its stages and scratch, those that ended are counted in the sums.
    pub fn report(&self) -> FrameReport {
        self.scope.report()
    }

    fn end(&self, figures: Arc<FrameFigures>) {
        #[cfg(feature = "metrics")]
        crate::figures::publish(&figures.report(None));
        self.scope.store().end_frame(figures, self.begun);
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
        if let Some(figures) = self.scope.close() {
            self.end(figures);
        }
    }
}
