use super::counts::Counts;
use crate::AllocError;
use crate::memory::{Block, Chain, Granted};
use crate::sample::Kind;
use crate::stats::FrameStats;
use crate::store::{RecordLink, Store};
use crate::sync::{Mutex, MutexGuard, get_mut, lock};

/// A thread's blocks in a scope. The slot of the first thread is part of the scope's record; those
/// of other threads are separate records.
pub(crate) struct Slot {
    pub(super) blocks: Mutex<Blocks>,
    pub(crate) link: RecordLink<Slot>,
}

pub(super) struct Blocks {
    current: Option<Box<Block>>,
    full: Chain<Block>,
    pub(super) counts: Counts,
}

impl Slot {
    pub(crate) fn new() -> Self {
        Self {
            blocks: Mutex::new(Blocks::new()),
            link: RecordLink::NEW,
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Blocks> {
        lock(&self.blocks)
    }

    pub(super) fn blocks_mut(&mut self) -> &mut Blocks {
        get_mut(&mut self.blocks)
    }
}

impl Blocks {
    pub(super) fn new() -> Self {
        Self {
            current: None,
            full: Chain::new(),
            counts: Counts::NONE,
        }
    }

    /// Grants a small request.
    #[inline]
    pub(super) fn grant(
        &mut self,
        store: &Store,
        frame: &FrameStats,
        bytes: usize,
        kind: Kind,
    ) -> Result<Granted, AllocError> {
        let granted = match self.current.as_mut().and_then(|block| block.grant(bytes)) {
            Some(granted) => granted,
            None => self.grant_from_new(store, frame, bytes)?,
        };
        self.counts.count(frame, kind, bytes, granted.fresh);
        Ok(granted)
    }

    /// Takes a block for a small request and those after it.
    #[inline(never)]
    fn grant_from_new(
        &mut self,
        store: &Store,
        frame: &FrameStats,
        bytes: usize,
    ) -> Result<Granted, AllocError> {
        let mut taken = store.take_block()?;
        let total_bytes = taken.memory.total_bytes;
        frame.taken.add(total_bytes);
        let granted = taken.memory.grant(bytes).ok_or(AllocError::System {
            requested_bytes: total_bytes,
        });
        self.counts.take(total_bytes, taken.is_new);
        if let Some(full) = self.current.replace(taken.memory) {
            self.full.push(full);
        }
        granted
    }

    /// Moves all blocks to `blocks`, those taken last first, and prepares this for another scope.
    pub(super) fn close(&mut self, blocks: &mut Chain<Block>) {
        if let Some(block) = self.current.take() {
            self.full.push(block);
        }
        let mut taken = std::mem::replace(&mut self.full, Chain::new());
        taken.for_each_mut(Block::take_back);
        for block in taken.reversed() {
            blocks.push(block);
        }
        self.counts.clear();
    }
}
