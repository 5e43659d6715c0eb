use crate::Kind;

/// What an arena recorded. Its events are consistent: each comes after those that it depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    names: Vec<&'static str>,
    events: Vec<Event>,
}

impl Recording {
    #[cfg(feature = "recorder")]
    pub(super) fn new(names: Vec<&'static str>, events: Vec<Event>) -> Self {
        Self { names, events }
    }

    /// Returns all events; their index is the order.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Returns the stage names, by their number in [`Action::OpenStage`].
    pub fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// Returns the stage names and the events.
    pub fn into_parts(self) -> (Vec<&'static str>, Vec<Event>) {
        (self.names, self.events)
    }
}

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Nanoseconds since the arena was built. Never less than in the event before.
    pub time_ns: u64,
    /// Number of the thread that did it, from 0 in the order of their first events.
    pub thread: usize,
    /// What it did.
    pub action: Action,
}

/// What happened. Scopes, memory and charges have numbers, each from 0 in order.
///
/// The enum is exhaustive: sums over events are right only if all events are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A frame was opened. Its scope has the next number.
    OpenFrame,
    /// A stage was opened. Its scope has the next number.
    OpenStage {
        /// The scope that it was opened in.
        parent: usize,
        /// Index of its name in [`Recording::names`].
        name: usize,
    },
    /// A scratch was opened, or a run was taken for collections, which counts as a scratch. Its
    /// scope has the next number.
    OpenScratch {
        /// The scope that it was opened in.
        parent: usize,
    },
    /// A scope ended, and with it all that was requested from it and not detached. Its memory is
    /// kept or released next.
    Close {
        /// The scope.
        scope: usize,
    },
    /// A request was served. Requests of no bytes and refused ones are not recorded.
    Request {
        /// The scope; none for a plane that was requested detached.
        scope: Option<usize>,
        /// The kind.
        kind: Kind,
        /// Whether it was cleared.
        fill: Fill,
        /// Bytes requested.
        bytes: usize,
        /// The block or run that serves it.
        memory: usize,
        /// Bytes from the beginning of that.
        offset: usize,
    },
    /// The only plane in a run left its scope: it lives until the run is kept or released.
    Detach {
        /// The run.
        memory: usize,
    },
    /// A block or run was taken from the system for the next request in it. It has the next number.
    Make {
        /// What it is.
        class: MemoryClass,
        /// Bytes taken.
        bytes: usize,
    },
    /// A block or run that was kept was taken for the next request in it.
    Reuse {
        /// Which.
        memory: usize,
    },
    /// A block or run came back and is kept.
    Keep {
        /// Which.
        memory: usize,
    },
    /// A block or run went back to the system.
    Release {
        /// Which.
        memory: usize,
    },
    /// Memory of others was counted against the limit. The charge has the next number.
    Charge {
        /// The scope through which it was charged.
        scope: usize,
        /// How much.
        bytes: usize,
    },
    /// A charge was dropped.
    Discharge {
        /// Which.
        charge: usize,
    },
}

/// What is in requested memory at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// Zeros.
    Zeroed,
    /// Whatever was there, to be overwritten: also what is filled by a copy or a function.
    Stale,
}

/// What a piece of memory taken from the system is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryClass {
    /// A block for the small requests of a thread in a scope, or of a scratch.
    Block,
    /// A run for one large request, or for several medium ones.
    Run,
}
