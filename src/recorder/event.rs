use crate::Kind;

/// The events that an arena recorded. Each comes after those that it depends on.
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

    /// Returns all events in order.
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

/// An event of an arena, with its time and thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Nanoseconds since the arena was built. Never less than in the event before.
    pub time_ns: u64,
    /// Number of the thread, from 0 in the order of first events.
    pub thread: usize,
    /// The action.
    pub action: Action,
}

/// The action of an event. Scopes, memory and charges have numbers, each from 0 in order.
///
/// The enum is exhaustive, because sums over events are right only if all actions are known.
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
    /// A scope ended, and with it all its requests that were not detached. The next events keep or
    /// release its memory.
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
        /// The initial contents.
        fill: Fill,
        /// Bytes requested.
        bytes: usize,
        /// The block or run that serves it.
        memory: usize,
        /// Offset in it, in bytes.
        offset: usize,
    },
    /// The only plane in a run left its scope: it lives until the run is kept or released.
    Detach {
        /// The run.
        memory: usize,
    },
    /// A block or run was taken from the system for the next request in it. It has the next number.
    Make {
        /// Block or run.
        class: MemoryClass,
        /// Bytes taken.
        bytes: usize,
    },
    /// A retained block or run was taken for the next request in it.
    Reuse {
        /// Which.
        memory: usize,
    },
    /// A block or run was returned and is retained.
    Keep {
        /// Which.
        memory: usize,
    },
    /// A block or run was released to the system.
    Release {
        /// Which.
        memory: usize,
    },
    /// Memory that others allocate was counted against the limit. The charge has the next number.
    Charge {
        /// The scope through which it was charged.
        scope: usize,
        /// Bytes charged.
        bytes: usize,
    },
    /// A charge was dropped.
    Discharge {
        /// Which.
        charge: usize,
    },
}

/// The initial contents of requested memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// Zeros.
    Zeroed,
    /// Old samples, to be overwritten. Memory filled by a copy or a function counts as this too.
    Stale,
}

/// The kinds of memory taken from the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryClass {
    /// A block for the small requests of a thread in a scope, or of a scratch.
    Block,
    /// A run for one large request, or for several medium ones.
    Run,
}
