use std::ops::{Deref, DerefMut};

use frame_arena::{Arena, ArenaBuilder, DetachedPlane, PlaneAlloc};

use crate::measure::Setup;
use crate::memory::{Fill, Memory, Scope, Scratch};

/// Makes the arena that is measured. The ceiling, if there is one, is its limit.
pub(crate) fn new(setup: &Setup, options: fn(ArenaBuilder) -> ArenaBuilder) -> Arena {
    let builder = options(Arena::builder());
    match setup.ceiling_bytes {
        Some(bytes) => builder.limit_bytes(bytes).build(),
        None => builder.build(),
    }
}

fn slice<S: PlaneAlloc>(source: &S, bytes: usize, fill: Fill) -> &mut [u8] {
    match fill {
        Fill::Zeroed => source.slice(bytes),
        Fill::Stale => source.stale_slice(bytes),
    }
    .expect("memory")
}

impl Memory for Arena {
    type Scope = frame_arena::Scope;
    type Own<'m> = Own;

    fn with_frame(&self, work: &mut dyn FnMut(&Self::Scope)) {
        Arena::with_frame(self, |frame| work(frame));
    }

    fn own(&self, bytes: usize, fill: Fill) -> Own {
        let plane = match fill {
            Fill::Zeroed => self.detached_plane(bytes, 1),
            Fill::Stale => self.stale_detached_plane(bytes, 1),
        };
        Own(plane.expect("memory"))
    }
}

impl Scope for frame_arena::Scope {
    type Buffer<'s> = &'s mut [u8];
    type Scratch<'s> = frame_arena::Scratch<'s>;

    fn buffer(&self, bytes: usize, fill: Fill) -> &mut [u8] {
        slice(self, bytes, fill)
    }

    fn with_stage(&self, work: &mut dyn FnMut(&Self)) {
        frame_arena::Scope::with_stage(self, "replayed", |stage| work(stage));
    }

    fn with_scratch(&self, work: &mut dyn FnMut(&frame_arena::Scratch<'_>)) {
        frame_arena::Scope::with_scratch(self, |scratch| work(scratch));
    }
}

impl Scratch for frame_arena::Scratch<'_> {
    type Buffer<'s>
        = &'s mut [u8]
    where
        Self: 's;

    fn buffer(&self, bytes: usize, fill: Fill) -> &mut [u8] {
        slice(self, bytes, fill)
    }
}

/// A detached plane of one row.
pub(crate) struct Own(DetachedPlane<u8>);

impl Deref for Own {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0.view().rows().next().expect("a row")
    }
}

impl DerefMut for Own {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.0.view_mut().into_rows().next().expect("a row")
    }
}
