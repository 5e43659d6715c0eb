use std::marker::PhantomData;
use std::ops::Deref;

use crate::plane_source::grant_as_scope;
use crate::scope::Scope;

/// A scope inside a frame or another stage, for the memory of one step of a decode. When it is
/// dropped, its memory serves the next stage. Cutting a frame into stages keeps the peak near the
/// live bytes.
///
/// A stage derefs to a [`Scope`], which has its methods, and requests go through
/// [`PlaneAlloc`](crate::PlaneAlloc). A decoder that keeps a stage in a struct uses an
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

/// A type that implements `Drop` cannot be dropped after a value that it borrows.
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
