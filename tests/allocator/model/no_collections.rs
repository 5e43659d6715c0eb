//! Stands for collections if no feature enables them.

use std::marker::PhantomData;
use std::sync::atomic::AtomicUsize;

use super::driver::World;
use super::tape::Tape;

/// No operations.
pub(crate) static OPERATIONS: AtomicUsize = AtomicUsize::new(0);
pub(crate) static REFUSED: AtomicUsize = AtomicUsize::new(0);

pub(crate) struct Lists<A>(PhantomData<A>);

impl<A> Lists<A> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }

    pub(crate) fn operation(&mut self, _: &mut World, _: A, _: usize, _: &mut Tape<'_>) {}

    pub(crate) fn end(self, _: &mut World, _: usize, _: &mut Tape<'_>) {}
}

pub(crate) struct Plain<A>(PhantomData<A>);

impl<A> Plain<A> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }

    pub(crate) fn reserve(&mut self, _: A, _: usize) -> bool {
        true
    }
}
