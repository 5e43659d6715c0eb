use super::Store;
use crate::epoch::Epoch;
use crate::memory::{Shared, Source};

/// Where the memory of a store comes from.
pub(super) enum Backing {
    System(RunSource),
    Reserve(Reserve),
    Share(Share),
}

/// Where runs that are taken from the system come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RunSource {
    GlobalAllocator,
    System {
        /// Request huge pages behind runs that one request has to itself.
        huge_pages: bool,
    },
}

/// Memory of another store that was planned and taken beforehand.
pub(super) struct Reserve {
    pub(super) parent: Shared<Store>,
    /// When the memory was taken, by the parent's count.
    pub(super) begun: Epoch,
}

/// Memory of another store under a limit of its own.
pub(super) struct Share {
    pub(super) parent: Shared<Store>,
    /// The parent admitted all of the limit beforehand.
    pub(super) is_allotted: bool,
}

/// Whether the limit admitted bytes that are taken.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Admission {
    /// Not yet.
    Ask,
    /// They were promised before.
    Promised,
}

impl Share {
    /// How the parent admits what this share admitted by `admission`.
    pub(super) fn admission(&self, admission: Admission) -> Admission {
        match self.is_allotted {
            true => Admission::Promised,
            false => admission,
        }
    }
}

impl RunSource {
    /// Where to take a run from for a request of `request_bytes` that has it to itself or shares
    /// it.
    pub(super) fn source(self, request_bytes: usize, is_shared: bool) -> Source {
        match self {
            Self::GlobalAllocator => Source::GlobalAllocator,
            Self::System { huge_pages } => Source::System {
                huge_bytes: match huge_pages && !is_shared {
                    true => request_bytes,
                    false => 0,
                },
            },
        }
    }
}
