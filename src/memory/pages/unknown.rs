//! Mapped memory on systems that this crate cannot map on: there is none.

use std::ptr::NonNull;

pub(super) const IS_KNOWN: bool = false;

pub(super) enum Mapped {}

impl Mapped {
    pub(super) fn new(_: usize, _: usize) -> Option<Self> {
        None
    }

    pub(super) fn start(&self) -> NonNull<u8> {
        match *self {}
    }

    pub(super) fn can_split_at(&self, _: usize) -> bool {
        match *self {}
    }

    pub(super) fn split_off(&mut self, _: usize) -> Option<Self> {
        match *self {}
    }

    pub(super) fn join(&mut self, _: Self) {
        match *self {}
    }

    pub(super) fn splice(&mut self, _: usize, _: Self, _: usize) -> Option<usize> {
        match *self {}
    }

    pub(super) fn unmap(&self) {}
}
