//! The count of frames by which memory decays.

use std::time::Duration;

/// A moment: an index in the count of frames or, if memory decays by time, nanoseconds since the
/// arena was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Epoch(u64);

impl Epoch {
    pub(crate) const FIRST: Self = Self(0);
    /// After all others.
    pub(crate) const NEVER: Self = Self(u64::MAX);

    /// The moment `span` after the first.
    pub(crate) fn of_span(span: Duration) -> Self {
        Self(u64::try_from(span.as_nanos()).unwrap_or(u64::MAX))
    }

    pub(crate) fn before(self, span: Self) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    pub(crate) fn after(self, span: Self) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

/// Most frames that end in one epoch. A frame that is still open then is stuck or forgotten.
const FRAMES_IN_EPOCH: u32 = 256;

/// The count of frames. Frames that are open at the same time count together.
///
/// An epoch ends when all frames that were open at its start have ended, and also one that began in
/// it. If every end of a frame counted, memory that one of several decoders uses once per frame
/// would seem unused while the others end their frames. Frames that follow one another are an epoch
/// each.
pub(crate) struct Epochs {
    now: Epoch,
    /// Open frames that began in this epoch.
    begun: usize,
    /// Open frames that began in the epoch before, for which this one waits.
    awaited: usize,
    /// Frames that ended in this epoch.
    ended: u32,
    /// Whether a frame that began in this epoch ended in it.
    is_whole: bool,
}

impl Epochs {
    pub(crate) fn new() -> Self {
        Self::starting(Epoch::FIRST, 0)
    }

    fn starting(now: Epoch, awaited: usize) -> Self {
        Self {
            now,
            begun: 0,
            awaited,
            ended: 0,
            is_whole: false,
        }
    }

    pub(crate) fn now(&self) -> Epoch {
        self.now
    }

    /// The epoch `count` before this one.
    pub(crate) fn before(&self, count: u32) -> Epoch {
        Epoch(self.now.0.saturating_sub(u64::from(count)))
    }

    /// Counts the beginning of a frame.
    pub(crate) fn begin(&mut self) -> Epoch {
        self.begun += 1;
        self.now
    }

    /// Counts the end of a frame that began in `begun`. Returns whether the epoch ends with it.
    pub(crate) fn end(&mut self, begun: Epoch) -> bool {
        if begun == self.now {
            self.begun -= 1;
            self.is_whole = true;
        } else if begun == self.before(1) {
            self.awaited -= 1;
        }
        self.ended += 1;
        let is_over = (self.awaited == 0 && self.is_whole) || self.ended == FRAMES_IN_EPOCH;
        if is_over {
            *self = Self::starting(Epoch(self.now.0 + 1), self.begun);
        }
        is_over
    }
}
