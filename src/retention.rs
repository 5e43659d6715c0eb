use std::time::Duration;

/// How much memory an arena retains for the next frames.
///
/// Under every variant, retained memory makes room under the limit where a request needs it. On
/// Linux, a run of 64 KiB or more is then made with the pages of the runs that are in its way,
/// which are not faulted in again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retention {
    /// Everything that was ever needed at once stays until [`Arena::trim`](crate::Arena::trim).
    KeepAll,
    /// Up to this many bytes are retained; those unused for longest are released first.
    UpTo {
        /// Most bytes retained.
        bytes: usize,
    },
    /// When a frame ends, memory that the last `frames` frames did not use is released: the arena
    /// decays to what these frames needed, and a burst is not retained for ever.
    ///
    /// Frames that are open at once count together: the count advances when all frames that were
    /// open at its last step have ended, and one that began since. So several decoders on one arena
    /// retain what each would retain alone, up to what all needed at once: where more would be held
    /// than these frames needed at any moment (1.03 times that, and 4 MiB), a new run on Linux is
    /// made with the pages of those that were unused for longest. A frame that stays open while 256
    /// others end, such as one that was forgotten, is no longer waited for.
    ///
    /// A video decoder that only has detached planes ends no frames. So where memory outside all
    /// scopes was returned 64 times since a frame was last opened, and none is open, each further
    /// such return counts as the end of a frame.
    Decay {
        /// Frames for which memory may stay unused.
        frames: u32,
    },
    /// Memory that was not used for `after` is released, however many frames there were.
    ///
    /// The arena looks at this when memory is returned, at most eight times in that span, and in
    /// [`Arena::decay_now`](crate::Arena::decay_now). In an arena where nothing happens, nothing is
    /// released: a server that falls idle calls `decay_now` from a timer of its own, or has
    /// [`Arena::decay_every`](crate::Arena::decay_every) do so.
    Idle {
        /// Time for which memory may stay unused.
        after: Duration,
    },
}

impl Default for Retention {
    /// Decay over 16 frames.
    fn default() -> Self {
        Self::Decay { frames: 16 }
    }
}
