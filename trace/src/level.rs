/// Bytes at one moment, as an arena's snapshot counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// Granted: what was requested from frames, stages and detached, and the blocks and runs
    /// that scratch holds.
    pub live_bytes: usize,
    /// Blocks and runs in use.
    pub in_use_bytes: usize,
    /// Blocks and runs kept and not in use.
    pub retained_bytes: usize,
    /// Charged for memory of others.
    pub charged_bytes: usize,
}

impl Level {
    /// All that counts against a limit: in use, retained and charged.
    pub fn held_bytes(&self) -> usize {
        self.in_use_bytes + self.retained_bytes + self.charged_bytes
    }
}
