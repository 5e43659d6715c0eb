//! `bumpalo`: one bump for each thread, and herds.
#![allow(
    unsafe_code,
    reason = "stale memory that is never cleared is no safe slice"
)]

use std::alloc::{Layout, System};
use std::sync::Mutex;

use bumpalo::Bump;
use bumpalo_herd::{Herd, Member};

use crate::counted::Counted;
use crate::heap::{Heap, HeapBuffer};
use crate::memory::{Fill, Memory, Scope, Scratch};

/// Bumps, herds or pools that no open frame uses at the moment.
pub(crate) struct Spare<T>(Mutex<Vec<T>>);

impl<T> Spare<T> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    pub(crate) fn take(&self, make: impl FnOnce() -> T) -> T {
        let spare = self.0.lock().unwrap().pop();
        spare.unwrap_or_else(make)
    }

    pub(crate) fn put(&self, used: T) {
        self.0.lock().unwrap().push(used);
    }
}

/// Memory of planes outside of frames, for which a bump allocator has no place.
static HEAP: Heap<Counted<System>> = Heap::new(Counted(System));

pub(crate) type OwnBuffer = HeapBuffer<'static, Counted<System>>;

pub(crate) fn own(bytes: usize, fill: Fill) -> OwnBuffer {
    HEAP.take(bytes, fill)
}

fn layout(bytes: usize) -> Layout {
    Layout::from_size_align(bytes, 64).expect("a size")
}

/// Returns the bytes at `start`, cleared if `fill` is [`Fill::Zeroed`].
///
/// # Safety
/// The bytes must be allocated, for the caller alone, during `'s`. Stale bytes must be written
/// before they are read.
unsafe fn filled<'s>(start: std::ptr::NonNull<u8>, bytes: usize, fill: Fill) -> &'s mut [u8] {
    // SAFETY: as the caller promises.
    unsafe {
        if fill == Fill::Zeroed {
            start.as_ptr().write_bytes(0, bytes);
        }
        std::slice::from_raw_parts_mut(start.as_ptr(), bytes)
    }
}

/// A set of bumps for each open frame: one for each thread of the pool and one for all other
/// threads. They are reset when the frame ends.
pub(crate) struct BumpPerThread {
    threads: usize,
    spare: Spare<Box<FrameBumps>>,
}

pub(crate) struct FrameBumps(Vec<Mutex<Bump>>);

impl BumpPerThread {
    pub(crate) fn new(threads: usize) -> Self {
        Self {
            threads,
            spare: Spare::new(),
        }
    }
}

impl Memory for BumpPerThread {
    type Scope = FrameBumps;
    type Own<'m> = OwnBuffer;

    fn with_frame(&self, work: &mut dyn FnMut(&FrameBumps)) {
        let make = || {
            let bumps = (0..=self.threads).map(|_| Mutex::new(Bump::new()));
            Box::new(FrameBumps(bumps.collect()))
        };
        let mut bumps = self.spare.take(make);
        work(&bumps);
        for bump in &mut bumps.0 {
            bump.get_mut().unwrap().reset();
        }
        self.spare.put(bumps);
    }

    fn own(&self, bytes: usize, fill: Fill) -> OwnBuffer {
        own(bytes, fill)
    }
}

impl FrameBumps {
    #[allow(clippy::mut_from_ref)]
    fn take(&self, bytes: usize, fill: Fill) -> &mut [u8] {
        let thread = rayon::current_thread_index().unwrap_or(self.0.len() - 1);
        let start = self.0[thread].lock().unwrap().alloc_layout(layout(bytes));
        // SAFETY: a bump grants its memory once until it is reset, which needs exclusive access.
        unsafe { filled(start, bytes, fill) }
    }
}

impl Scope for FrameBumps {
    type Buffer<'s> = &'s mut [u8];
    type Scratch<'s> = Self;

    fn buffer(&self, bytes: usize, fill: Fill) -> &mut [u8] {
        self.take(bytes, fill)
    }

    fn with_stage(&self, work: &mut dyn FnMut(&Self)) {
        work(self);
    }

    fn with_scratch(&self, work: &mut dyn FnMut(&Self)) {
        work(self);
    }
}

impl Scratch for FrameBumps {
    type Buffer<'s> = &'s mut [u8];

    fn buffer(&self, bytes: usize, fill: Fill) -> &mut [u8] {
        self.take(bytes, fill)
    }
}

/// A `Herd` for each open frame, reset when the frame ends. Each task has a member of it.
pub(crate) struct Herds(Spare<Box<FrameHerd>>);

pub(crate) struct FrameHerd(Herd);

impl Herds {
    pub(crate) fn new() -> Self {
        Self(Spare::new())
    }
}

impl Memory for Herds {
    type Scope = FrameHerd;
    type Own<'m> = OwnBuffer;

    fn with_frame(&self, work: &mut dyn FnMut(&FrameHerd)) {
        let mut herd = self.0.take(|| Box::new(FrameHerd(Herd::new())));
        work(&herd);
        herd.0.reset();
        self.0.put(herd);
    }

    fn own(&self, bytes: usize, fill: Fill) -> OwnBuffer {
        own(bytes, fill)
    }
}

pub(crate) struct HerdMember<'h>(Member<'h>);

impl HerdMember<'_> {
    fn take<'s>(&self, bytes: usize, fill: Fill) -> &'s mut [u8] {
        let start = self.0.alloc_layout(layout(bytes));
        // SAFETY: a bump grants its memory once until its herd is reset, and the callers bind the
        // slice to the herd.
        unsafe { filled(start, bytes, fill) }
    }
}

impl Scope for FrameHerd {
    type Buffer<'s> = &'s mut [u8];
    type Scratch<'s> = HerdMember<'s>;

    fn buffer(&self, bytes: usize, fill: Fill) -> &mut [u8] {
        HerdMember(self.0.get()).take(bytes, fill)
    }

    fn with_stage(&self, work: &mut dyn FnMut(&Self)) {
        work(self);
    }

    fn with_scratch(&self, work: &mut dyn FnMut(&HerdMember<'_>)) {
        work(&HerdMember(self.0.get()));
    }
}

impl Scratch for HerdMember<'_> {
    type Buffer<'s>
        = &'s mut [u8]
    where
        Self: 's;

    fn buffer(&self, bytes: usize, fill: Fill) -> &mut [u8] {
        self.take(bytes, fill)
    }
}
