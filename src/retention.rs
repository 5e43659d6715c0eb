use std::time::Duration;

/// The policy for how much memory an arena retains for the next frames.
///
/// With every variant, retained memory is released if a request needs its room under the limit. On
/// Linux, a new run of 64 KiB or more takes over the pages of such memory, so these are not faulted
/// in again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retention {
    /// Memory stays until [`Arena::trim`](crate::Arena::trim), up to the most that was ever needed
    /// at once.
    KeepAll,
    /// Up to this many bytes are retained; those unused for longest are released first.
    UpTo {
        /// Most bytes retained.
        bytes: usize,
    },
    /// When a frame ends, memory that the last `frames` frames did not use is released. So the
    /// arena decays to the need of these frames, and does not retain a burst for ever.
    ///
    /// Frames that are open at the same time count together: the count advances when all frames
    /// that were open at its last step have ended, and also one that began since. So several
    /// decoders on one arena retain what each would retain alone. On Linux, there is a second
    /// bound: if the arena would hold more than these frames needed at any moment (1.03 times that,
    /// and 4 MiB), new runs take over the pages of the runs that were unused for longest. A frame
    /// that stays open while 256 others end, such as a forgotten one, no longer stops the count.
    ///
    /// A video decoder that uses only detached planes ends no frames. So if detached memory was
    /// returned 64 times since a frame was last opened, and no frame is open, each further such
    /// return counts as the end of a frame.
    Decay {
        /// Frames for which memory may stay unused.
        frames: u32,
    },
    /// Memory that was not used for `after` is released, regardless of the number of frames.
    ///
    /// The arena applies this when memory is returned, at most eight times in that span, and in
    /// [`Arena::decay_now`](crate::Arena::decay_now). So an idle arena releases nothing by itself:
    /// a server that falls idle calls `decay_now` from a timer, or lets
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
