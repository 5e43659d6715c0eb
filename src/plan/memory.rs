use crate::memory::BlockClass;
use crate::store::{BlockSizes, RunSizes, best_fit};

/// The sizes of blocks and runs as a store without any other user would take, keep and make them.
pub(crate) struct PlannedMemory {
    pub(super) sizes: BlockSizes,
    /// By class.
    blocks_made: [usize; 2],
    blocks_idle: [usize; 2],
    /// Bytes of each run.
    runs_made: Vec<usize>,
    /// Sorted by size.
    runs_idle: Vec<usize>,
    held_bytes: usize,
}

impl PlannedMemory {
    pub(super) fn new(sizes: BlockSizes) -> Self {
        Self {
            sizes,
            blocks_made: [0; 2],
            blocks_idle: [0; 2],
            runs_made: Vec::new(),
            runs_idle: Vec::new(),
            held_bytes: 0,
        }
    }

    pub(crate) fn held_bytes(&self) -> usize {
        self.held_bytes
    }

    /// How many blocks of a class are made.
    pub(crate) fn blocks_made(&self, class: BlockClass) -> usize {
        self.blocks_made[class as usize]
    }

    /// Bytes of each run that is made.
    pub(crate) fn runs_made(&self) -> &[usize] {
        &self.runs_made
    }

    /// Takes a block and returns its bytes.
    pub(super) fn take_block(&mut self, class: BlockClass) -> usize {
        let bytes = self.sizes.total_bytes(class);
        let idle = &mut self.blocks_idle[class as usize];
        if *idle > 0 {
            *idle -= 1;
        } else {
            self.blocks_made[class as usize] += 1;
            self.held_bytes = self.held_bytes.saturating_add(bytes);
        }
        bytes
    }

    pub(super) fn give_block(&mut self, class: BlockClass) {
        self.blocks_idle[class as usize] += 1;
    }

    /// Takes a run and returns its bytes.
    pub(super) fn take_run(&mut self, sizes: RunSizes) -> usize {
        let found = best_fit(&self.runs_idle, |&run| run, sizes);
        if let Some(index) = found {
            return self.runs_idle.remove(index);
        }
        let bytes = sizes.wanted;
        self.runs_made.push(bytes);
        self.held_bytes = self.held_bytes.saturating_add(bytes);
        bytes
    }

    pub(super) fn give_run(&mut self, bytes: usize) {
        let place = self.runs_idle.partition_point(|&run| run <= bytes);
        self.runs_idle.insert(place, bytes);
    }
}
