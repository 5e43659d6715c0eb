/// Bytes at one moment, as an arena's snapshot counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// Granted bytes: requests of frames, stages and detached planes, and the blocks and runs that
    /// scratch holds.
    pub live_bytes: usize,
    /// Blocks and runs in use.
    pub in_use_bytes: usize,
    /// Retained blocks and runs.
    pub retained_bytes: usize,
    /// Charged for memory that others allocate.
    pub charged_bytes: usize,
}

impl Level {
    /// Bytes that count against a limit: in use, retained and charged.
    pub fn held_bytes(&self) -> usize {
        self.in_use_bytes + self.retained_bytes + self.charged_bytes
    }
}
