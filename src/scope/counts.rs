use crate::figures::{KindTable, Totals};

/// What was handed out of a slot's blocks, or of runs, and taken for it.
pub(super) struct Counts {
    pub(super) kinds: KindTable,
    made: u64,
    reused: u64,
    taken_bytes: usize,
    /// Bytes of these that went to detached planes.
    pub(super) detached_bytes: usize,
    pub(super) detached_taken_bytes: usize,
}

/// Sums of a scope's counts.
pub(crate) struct ScopeCounts {
    pub(crate) totals: Totals,
    /// Bytes handed out and not detached.
    pub(crate) live_bytes: usize,
    /// Bytes of blocks and runs taken and not detached.
    pub(crate) taken_bytes: usize,
}

impl Counts {
    pub(super) const NONE: Self = Self {
        kinds: KindTable::new(),
        made: 0,
        reused: 0,
        taken_bytes: 0,
        detached_bytes: 0,
        detached_taken_bytes: 0,
    };

    pub(super) fn clear(&mut self) {
        self.kinds.clear();
        self.made = 0;
        self.reused = 0;
        self.taken_bytes = 0;
        self.detached_bytes = 0;
        self.detached_taken_bytes = 0;
    }

    /// Blocks or runs taken so far.
    pub(super) fn taken(&self) -> u64 {
        self.made + self.reused
    }

    pub(super) fn take(&mut self, bytes: usize, made: bool) {
        self.taken_bytes += bytes;
        self.made += u64::from(made);
        self.reused += u64::from(!made);
    }
}

impl ScopeCounts {
    pub(super) fn new() -> Self {
        let totals = Totals {
            opened: 1,
            ..Totals::default()
        };
        Self {
            totals,
            live_bytes: 0,
            taken_bytes: 0,
        }
    }

    pub(super) fn add(&mut self, counts: &Counts, blocks: bool) {
        let (made, reused) = if blocks {
            (&mut self.totals.blocks_made, &mut self.totals.blocks_reused)
        } else {
            (&mut self.totals.runs_made, &mut self.totals.runs_reused)
        };
        *made += counts.made;
        *reused += counts.reused;
        let (requests, bytes) = counts.kinds.totals();
        self.live_bytes += bytes as usize - counts.detached_bytes;
        self.taken_bytes += counts.taken_bytes - counts.detached_taken_bytes;
        self.totals.requests += requests;
        self.totals.handed_out_bytes += bytes;
        self.totals.taken_bytes += counts.taken_bytes as u64;
        self.totals.wasted_bytes += counts.taken_bytes as u64 - bytes;
    }
}
