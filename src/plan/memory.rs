use crate::scope::ScopeState;
use crate::sizing::{Fit, RunSize, Sizing};
use crate::stats::FrameStats;
use crate::store::Record;

/// Simulates a store that has no other user, by the sizes of the blocks, runs and records that it
/// makes, grants and retains.
#[derive(Debug)]
pub(crate) struct PlannedMemory {
    pub(super) sizing: Sizing,
    frames: Pool,
    scopes: Pool,
    blocks: Pool,
    /// Bytes of each run.
    runs_made: Vec<usize>,
    /// Sorted by size.
    runs_retained: Vec<usize>,
    held_bytes: usize,
}

/// A run that was taken.
#[derive(Clone, Copy)]
pub(super) struct PlannedRun {
    pub(super) capacity_bytes: usize,
    /// Bytes of a new run that would grant as much.
    pub(super) sized_bytes: usize,
}

/// Memory of one size.
#[derive(Debug, Default)]
struct Pool {
    made: usize,
    retained: usize,
}

impl Pool {
    /// Takes one, and returns whether it had to be made.
    fn take(&mut self) -> bool {
        let is_made = self.retained == 0;
        if is_made {
            self.made += 1;
        } else {
            self.retained -= 1;
        }
        is_made
    }
}

impl PlannedMemory {
    pub(super) fn new(sizing: Sizing) -> Self {
        Self {
            sizing,
            frames: Pool::default(),
            scopes: Pool::default(),
            blocks: Pool::default(),
            runs_made: Vec::new(),
            runs_retained: Vec::new(),
            held_bytes: 0,
        }
    }

    pub(crate) fn held_bytes(&self) -> usize {
        self.held_bytes
    }

    pub(crate) fn frames_made(&self) -> usize {
        self.frames.made
    }

    pub(crate) fn scopes_made(&self) -> usize {
        self.scopes.made
    }

    pub(crate) fn blocks_made(&self) -> usize {
        self.blocks.made
    }

    /// Bytes of each run that is made.
    pub(crate) fn runs_made(&self) -> &[usize] {
        &self.runs_made
    }

    pub(super) fn take_frame(&mut self) {
        let is_made = self.frames.take();
        self.hold(is_made, FrameStats::BYTES);
    }

    pub(super) fn give_frame(&mut self) {
        self.frames.retained += 1;
    }

    pub(super) fn take_scope(&mut self) {
        let is_made = self.scopes.take();
        self.hold(is_made, ScopeState::BYTES);
    }

    pub(super) fn give_scope(&mut self) {
        self.scopes.retained += 1;
    }

    /// Takes a block and returns its bytes.
    pub(super) fn take_block(&mut self) -> usize {
        let bytes = self.sizing.block_total_bytes;
        let is_made = self.blocks.take();
        self.hold(is_made, bytes);
        bytes
    }

    pub(super) fn give_block(&mut self) {
        self.blocks.retained += 1;
    }

    fn hold(&mut self, is_made: bool, bytes: usize) {
        if is_made {
            self.held_bytes = self.held_bytes.saturating_add(bytes);
        }
    }

    pub(super) fn take_run(&mut self, size: RunSize) -> PlannedRun {
        let wanted = size.wanted_bytes;
        let capacity_bytes = match self.find_run(size) {
            Some(place) => self.runs_retained.remove(place),
            None => {
                self.runs_made.push(wanted);
                self.hold(true, wanted);
                wanted
            }
        };
        PlannedRun {
            capacity_bytes,
            sized_bytes: match self.sizing.fit {
                Fit::Exact => wanted,
                Fit::Whole => capacity_bytes,
            },
        }
    }

    fn find_run(&self, size: RunSize) -> Option<usize> {
        let runs = &self.runs_retained;
        if self.sizing.fit == Fit::Whole {
            let above = runs.partition_point(|&run| run <= size.wanted_bytes);
            if let Some(below) = above.checked_sub(1)
                && runs[below] >= size.least_bytes
            {
                return Some(below);
            }
        }
        let above = runs.partition_point(|&run| run < size.wanted_bytes);
        let capacity = runs.get(above)?;
        (*capacity <= size.most_bytes).then_some(above)
    }

    pub(super) fn give_run(&mut self, capacity_bytes: usize) {
        let place = self
            .runs_retained
            .partition_point(|&run| run <= capacity_bytes);
        self.runs_retained.insert(place, capacity_bytes);
    }
}
