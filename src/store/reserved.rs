use super::{Inner, RunSizes, Store, Taken};
use crate::epoch::Epoch;
use crate::memory::{Block, BlockClass, Chain, Run};
use crate::plan::PlannedMemory;
use crate::sync::{Arc, lock};
use crate::{AllocError, Retention};

/// Where the memory of a reserved store came from, and goes back to when the store is dropped.
pub(super) struct Reserve {
    parent: Arc<Store>,
    /// When the memory was taken, by the parent's count.
    begun: Epoch,
}

impl Store {
    /// A store that has all of `memory`, taken from `parent`, for which that is in use and handed out.
    pub(crate) fn reserved(
        parent: &Arc<Store>,
        memory: &PlannedMemory,
    ) -> Result<Self, AllocError> {
        parent.check_room_for(memory.held_bytes())?;
        let recorder = parent.recorder.clone();
        let mut store = Self::new(
            parent.sizes,
            parent.limit_bytes,
            Retention::KeepAll,
            parent.runs_from,
            recorder,
        );
        store.reserve = Some(Reserve {
            parent: Arc::clone(parent),
            begun: lock(&parent.inner).epochs.begin(),
        });
        for class in [BlockClass::Large, BlockClass::Small] {
            for _ in 0..memory.blocks_made(class) {
                store.keep_block(parent.take_block(class)?)?;
            }
        }
        for &total_bytes in memory.runs_made() {
            let sizes = RunSizes {
                request: total_bytes,
                least: total_bytes,
                wanted: total_bytes,
                most: total_bytes.saturating_mul(super::LARGEST_RUN_OVER_REQUEST),
            };
            store.keep_run(parent.take_run(sizes)?)?;
        }
        Ok(store)
    }

    /// Where memory comes from that no plan knows of.
    pub(crate) fn beyond_plan(&self) -> &Store {
        match &self.reserve {
            Some(reserve) => reserve.parent().beyond_plan(),
            None => self,
        }
    }

    fn check_room_for(&self, bytes: usize) -> Result<(), AllocError> {
        let inner = lock(&self.inner);
        let in_use_bytes = inner.held_bytes - inner.idle.bytes();
        if self.limit_bytes.saturating_sub(in_use_bytes) < bytes {
            return Err(AllocError::LimitExceeded {
                asked_bytes: bytes,
                in_use_bytes,
                limit_bytes: self.limit_bytes,
            });
        }
        Ok(())
    }

    fn keep_block(&self, taken: Taken<Block>) -> Result<(), AllocError> {
        let taken = self.count_block(taken)?;
        taken.memory.tag.keep();
        lock(&self.inner).idle.put_block(taken.memory);
        Ok(())
    }

    fn keep_run(&self, taken: Taken<Run>) -> Result<(), AllocError> {
        let taken = self.count_run(taken)?;
        taken.memory.tag.keep();
        lock(&self.inner).idle.put_unused_run(taken.memory)
    }

    /// Counts a block from the parent as this store's.
    pub(super) fn count_block(&self, taken: Taken<Block>) -> Result<Taken<Block>, AllocError> {
        let (class, total_bytes) = (taken.memory.class, taken.memory.total_bytes);
        let mut inner = lock(&self.inner);
        if let Err(refused) = inner.idle.expect_block(class) {
            drop(inner);
            let mut blocks = Chain::new();
            blocks.push(taken.memory);
            self.give_to_parent(blocks, Chain::new());
            return Err(refused);
        }
        inner.blocks_made += u64::from(taken.made);
        inner.blocks_reused += u64::from(!taken.made);
        inner.hold(total_bytes);
        self.lend_by_parent(total_bytes);
        Ok(taken)
    }

    /// Counts a run from the parent as this store's.
    pub(super) fn count_run(&self, taken: Taken<Run>) -> Result<Taken<Run>, AllocError> {
        let total_bytes = taken.memory.total_bytes;
        let mut inner = lock(&self.inner);
        if let Err(refused) = inner.idle.expect_run() {
            drop(inner);
            let mut runs = Chain::new();
            runs.push(taken.memory);
            self.give_to_parent(Chain::new(), runs);
            return Err(refused);
        }
        inner.runs_made += u64::from(taken.made);
        inner.runs_reused += u64::from(!taken.made);
        inner.hold(total_bytes);
        self.lend_by_parent(total_bytes);
        Ok(taken)
    }

    fn lend_by_parent(&self, bytes: usize) {
        if let Some(reserve) = &self.reserve {
            reserve.parent.live.add(bytes);
        }
    }

    fn give_to_parent(&self, blocks: Chain<Block>, runs: Chain<Run>) {
        if let Some(reserve) = &self.reserve {
            reserve.parent.give_back(blocks, runs);
        }
    }

    /// Ends a reserve: all its memory is idle in the parent, and its frames were the parent's.
    pub(super) fn give_up_reserve(&mut self) {
        let Some(Reserve { parent, begun }) = self.reserve.take() else {
            return;
        };
        let mut inner = lock(&self.inner);
        let (blocks, runs) = inner.idle.take_all();
        parent.live.sub(inner.held_bytes - inner.charged_bytes);
        parent.absorb(blocks, runs, &inner, begun);
    }

    /// Takes over what a reserve of this store had, and what its frames counted. For the decay they were one frame.
    fn absorb(&self, blocks: Chain<Block>, runs: Chain<Run>, reserve: &Inner, begun: Epoch) {
        let mut inner = lock(&self.inner);
        inner.put_back(blocks, runs, self.retention);
        inner.frames += reserve.frames;
        inner.kinds.add(&reserve.kinds);
        inner.end_use(begun, self.retention);
    }
}

impl Reserve {
    pub(super) fn parent(&self) -> &Store {
        &self.parent
    }

    /// Takes a block that was not reserved.
    pub(super) fn take_unplanned_block(
        &self,
        class: BlockClass,
    ) -> Result<Taken<Block>, AllocError> {
        debug_assert!(false, "a block that was not reserved: {class:?}");
        self.parent.take_block(class)
    }

    /// Takes a run that was not reserved.
    pub(super) fn take_unplanned_run(&self, sizes: RunSizes) -> Result<Taken<Run>, AllocError> {
        debug_assert!(false, "a run that was not reserved: {} bytes", sizes.wanted);
        self.parent.take_run(sizes)
    }
}
