use super::MemoryClass;
use crate::Kind;
use crate::grant::Fill;

#[derive(Clone)]
pub(crate) struct Recorder;
pub(crate) struct ScopeTag;
pub(crate) struct MemoryTag;
pub(crate) struct ChargeTag;
#[derive(Clone, Copy)]
pub(crate) struct Place;

impl Recorder {
    pub(crate) fn new(_: bool) -> Self {
        Self
    }

    pub(crate) fn frame(&self) -> ScopeTag {
        ScopeTag
    }

    pub(crate) fn made(&self, _: MemoryClass, _: usize) -> MemoryTag {
        MemoryTag
    }

    pub(crate) fn detached(&self, _: Place, _: usize, _: Kind, _: Fill) {}
}

impl ScopeTag {
    pub(crate) fn stage(&self, _: &'static str) -> Self {
        Self
    }

    pub(crate) fn scratch(&self) -> Self {
        Self
    }

    pub(crate) fn request(&self, _: Place, _: usize, _: Kind, _: Fill) {}

    pub(crate) fn charge(&self, _: usize) -> ChargeTag {
        ChargeTag
    }

    pub(crate) fn close(&self) {}
}

impl MemoryTag {
    pub(crate) const NONE: Self = Self;

    pub(crate) fn place(&self, _: usize) -> Place {
        Place
    }

    pub(crate) fn reuse(&self) {}

    pub(crate) fn keep(&self) {}

    pub(crate) fn detach(&self) {}
}

impl ChargeTag {
    pub(crate) fn end(&self) {}
}

impl Place {
    pub(crate) const NONE: Self = Self;
}
