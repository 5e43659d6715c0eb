//! `bump-scope`, with a pool of bumps for each open frame and stage.
#![allow(
    unsafe_code,
    reason = "stale memory that is never cleared is no safe slice"
)]

use std::mem::MaybeUninit;
use std::sync::Arc;

use bump_scope::{BumpBox, BumpPool, BumpScope};

use crate::bumps::{OwnBuffer, Spare, own};
use crate::memory::{Fill, Memory, Scope, Scratch};

/// A `BumpPool` for each open frame and stage, reset when that ends. A task works in a scope of one
/// of its bumps, so the next task uses the same memory.
pub(crate) struct Pools(Arc<Spare<Box<ScopePool>>>);

pub(crate) struct ScopePool {
    pool: BumpPool,
    spare: Arc<Spare<Box<ScopePool>>>,
}

impl Pools {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Spare::new()))
    }
}

fn with_pool(spare: &Arc<Spare<Box<ScopePool>>>, work: &mut dyn FnMut(&ScopePool)) {
    let make = || {
        Box::new(ScopePool {
            pool: BumpPool::new(),
            spare: Arc::clone(spare),
        })
    };
    let mut scope = spare.take(make);
    work(&scope);
    scope.pool.reset();
    spare.put(scope);
}

/// Returns the bytes of a box, cleared if `fill` is [`Fill::Zeroed`].
fn filled(bytes: BumpBox<'_, [MaybeUninit<u8>]>, fill: Fill) -> &mut [u8] {
    let bytes = bytes.into_mut();
    if fill == Fill::Zeroed {
        bytes.fill(MaybeUninit::new(0));
    }
    // SAFETY: the engine writes stale bytes before it reads them.
    unsafe { &mut *(std::ptr::from_mut(bytes) as *mut [u8]) }
}

impl Memory for Pools {
    type Scope = ScopePool;
    type Own<'m> = OwnBuffer;

    fn with_frame(&self, work: &mut dyn FnMut(&ScopePool)) {
        with_pool(&self.0, work);
    }

    fn own(&self, bytes: usize, fill: Fill) -> OwnBuffer {
        own(bytes, fill)
    }
}

pub(crate) struct TaskScope<'b>(&'b BumpScope<'b>);

impl Scope for ScopePool {
    type Buffer<'s> = &'s mut [u8];
    type Scratch<'s> = TaskScope<'s>;

    fn buffer(&self, bytes: usize, fill: Fill) -> &mut [u8] {
        filled(self.pool.get().alloc_uninit_slice(bytes), fill)
    }

    fn with_stage(&self, work: &mut dyn FnMut(&Self)) {
        with_pool(&self.spare, work);
    }

    fn with_scratch(&self, work: &mut dyn FnMut(&TaskScope<'_>)) {
        self.pool.get().scoped(|scope| work(&TaskScope(scope)));
    }
}

impl Scratch for TaskScope<'_> {
    type Buffer<'s>
        = &'s mut [u8]
    where
        Self: 's;

    fn buffer(&self, bytes: usize, fill: Fill) -> &mut [u8] {
        filled(self.0.alloc_uninit_slice(bytes), fill)
    }
}
