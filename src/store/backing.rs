use super::Store;
use crate::epoch::Epoch;
use crate::memory::{Shared, Source};

/// The source of a store's memory.
pub(super) enum Backing {
    System(RunSource),
    Reserve(Reserve),
    Share(Share),
}

/// The source of new runs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RunSource {
    GlobalAllocator,
    System {
        /// Whether to request huge pages for runs of one large request.
        huge_pages: bool,
    },
}

/// Memory of another store, planned and taken in advance.
pub(super) struct Reserve {
    pub(super) parent: Shared<Store>,
    /// When the memory was taken, by the parent's count.
    pub(super) begun: Epoch,
}

/// Memory of another store, with a separate limit.
pub(super) struct Share {
    pub(super) parent: Shared<Store>,
    /// Whether the parent admitted the whole limit in advance.
    pub(super) is_allotted: bool,
}

/// Whether the limit has already admitted the bytes of a request.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Admission {
    /// Not yet.
    Ask,
    /// Yes, by a promise.
    Promised,
}

impl Share {
    /// The admission by the parent of bytes that this share admits by `admission`.
    pub(super) fn admission(&self, admission: Admission) -> Admission {
        match self.is_allotted {
            true => Admission::Promised,
            false => admission,
        }
    }
}

impl RunSource {
    /// The source of a run for a request of `request_bytes`, which shares the run or not.
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
