/// How much memory an arena keeps for the next frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retention {
    /// Everything that was ever needed at once stays until [`Arena::trim`](crate::Arena::trim).
    KeepAll,
    /// Memory not in use is kept up to this many bytes; the longest unused goes first.
    UpTo {
        /// Most bytes kept while not in use.
        bytes: usize,
    },
    /// A block or run that the last `frames` frames did not use goes back to the system when a frame ends: the arena
    /// decays to what these frames needed, and a burst is not kept for ever.
    ///
    /// Frames that are open at once count together: the count goes on when each frame that was open when it last did has
    /// ended, and one that began since. So several decoders that share an arena keep what each would keep alone. A frame
    /// that stays open while 256 others end, as one that is forgotten, is waited for no longer.
    Decay {
        /// Frames that memory may stay unused.
        frames: u32,
    },
}

impl Default for Retention {
    /// Decay over 16 frames.
    fn default() -> Self {
        Self::Decay { frames: 16 }
    }
}
