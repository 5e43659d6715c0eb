//! `tracing` spans of frames and stages; empty without the feature.

/// The span of a scope, inside the span of its parent. It is open as long as the scope, but never
/// entered, as the work of a scope moves between threads.
pub(crate) struct ScopeSpan {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

#[cfg(feature = "tracing")]
impl ScopeSpan {
    pub(crate) fn frame() -> Self {
        Self {
            span: tracing::debug_span!(
                "frame",
                requested_bytes = tracing::field::Empty,
                taken_bytes = tracing::field::Empty
            ),
        }
    }

    pub(crate) fn stage(&self, name: &'static str) -> Self {
        Self {
            span: tracing::debug_span!(
                parent: &self.span,
                "stage",
                name,
                requested_bytes = tracing::field::Empty,
                taken_bytes = tracing::field::Empty
            ),
        }
    }

    /// Records the bytes that the scope itself granted and took.
    pub(crate) fn record(&self, requested_bytes: u64, taken_bytes: u64) {
        self.span.record("requested_bytes", requested_bytes);
        self.span.record("taken_bytes", taken_bytes);
    }
}

#[cfg(not(feature = "tracing"))]
impl ScopeSpan {
    pub(crate) fn frame() -> Self {
        Self {}
    }

    pub(crate) fn stage(&self, _name: &'static str) -> Self {
        Self {}
    }

    pub(crate) fn record(&self, _requested_bytes: u64, _taken_bytes: u64) {}
}
