use std::marker::PhantomData;
use std::ops::Deref;

use crate::plane_source::grant_as_scope;
use crate::scope::Scope;

/// A scope inside a frame or another stage: what one stage of a decode needs, returned for the next
/// stage when it is dropped. Cutting a frame into stages keeps the peak near what is alive.
///
/// A stage derefs to a [`Scope`], which has its methods, and has the requests of
/// [`PlaneAlloc`](crate::PlaneAlloc). A decoder that keeps a stage in a struct takes an
/// [`OwnedStage`](crate::OwnedStage).
#[derive(Debug)]
#[must_use = "a stage ends when it is dropped"]
pub struct Stage<'p> {
    scope: Scope,
    parent: PhantomData<&'p Scope>,
}

grant_as_scope!(Stage<'_>);

impl Stage<'_> {
    pub(crate) fn new(scope: Scope) -> Self {
        Self {
            scope,
            parent: PhantomData,
        }
    }
}

/// With a `Drop` of its own, a stage cannot be dropped after its parent either.
impl Drop for Stage<'_> {
    fn drop(&mut self) {
        self.scope.end_stage();
    }
}

impl Deref for Stage<'_> {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        &self.scope
    }
}
