use std::marker::PhantomData;
use std::ops::Deref;

use crate::scope::Scope;

/// A scope inside a frame or another stage: what one stage of a decode needs, handed back for the next stage when it is
/// dropped. Cutting a frame into stages keeps the peak near what is alive.
pub struct Stage<'p> {
    scope: Scope,
    parent: PhantomData<&'p Scope>,
    #[cfg(feature = "tracing")]
    _span: tracing::Span,
}

impl Stage<'_> {
    pub(crate) fn new(scope: Scope, name: &'static str) -> Self {
        #[cfg(not(feature = "tracing"))]
        let _ = name;
        Self {
            scope,
            parent: PhantomData,
            #[cfg(feature = "tracing")]
            _span: tracing::debug_span!("stage", name),
        }
    }
}

impl Deref for Stage<'_> {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        &self.scope
    }
}
