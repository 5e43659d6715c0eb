use super::backing::{Admission, Backing, Reserve};
use super::{Inner, Patience, Returned, Store, Taken};
use crate::epoch::Epoch;
use crate::memory::{Block, Run, Shared};
use crate::plan::PlannedMemory;
use crate::scope::ScopeState;
use crate::sizing::RunSize;
use crate::stats::FrameStats;
use crate::sync::MutexGuard;
use crate::{AllocError, Retention};

impl Store {
    /// A store with all of `memory`, taken from `parent`, which counts it as in use and granted.
    ///
    /// The parent admits the sum in one step, before anything is taken.
    pub(crate) fn reserved(
        parent: &Shared<Store>,
        memory: &PlannedMemory,
        patience: Patience,
    ) -> Result<Self, AllocError> {
        parent.promise(memory.held_bytes(), patience)?;
        let begun = parent.source().lock().epochs.begin();
        let reserve = Reserve {
            parent: parent.clone(),
            begun,
        };
        let store = Self::with_backing(
            parent.sizing,
            usize::MAX,
            Retention::KeepAll,
            Backing::Reserve(reserve),
            parent.recorder.clone(),
        );
        let mut promised_bytes = memory.held_bytes();
        let outcome = store.fill(parent, memory, &mut promised_bytes);
        parent.end_promise(promised_bytes);
        outcome.map(|()| store)
    }

    /// Takes all of `memory` from `parent`, which promised it, and subtracts it from
    /// `promised_bytes`.
    fn fill(
        &self,
        parent: &Store,
        memory: &PlannedMemory,
        promised_bytes: &mut usize,
    ) -> Result<(), AllocError> {
        const PROMISED: Admission = Admission::Promised;
        for _ in 0..memory.frames_made() {
            let record = parent.take_record_as::<FrameStats>(PROMISED)?;
            *promised_bytes -= <FrameStats as super::Record>::BYTES;
            self.keep_record(record);
        }
        for _ in 0..memory.scopes_made() {
            let record = parent.take_record_as::<ScopeState>(PROMISED)?;
            *promised_bytes -= <ScopeState as super::Record>::BYTES;
            self.keep_record(record);
        }
        for _ in 0..memory.blocks_made() {
            let block = parent.take_block_as(PROMISED)?;
            *promised_bytes -= self.sizing.block_total_bytes;
            self.keep_block(block)?;
        }
        for &total_bytes in memory.runs_made() {
            let run = parent.take_run_as(RunSize::exact(total_bytes), PROMISED, false)?;
            *promised_bytes -= total_bytes;
            self.keep_run(run)?;
        }
        Ok(())
    }

    /// Makes the parent of a reserve promise `bytes` for a size of which the reserve has no memory
    /// left, in exchange for retained memory of other sizes. If that is less than `bytes`, the rest
    /// is beyond the plan, and the parent must admit it.
    pub(super) fn exchange<'s>(
        &'s self,
        mut inner: MutexGuard<'s, Inner>,
        reserve: &Reserve,
        bytes: usize,
    ) -> Admission {
        loop {
            let missing_bytes = bytes.saturating_sub(inner.account.promised_bytes());
            if missing_bytes == 0 {
                inner.account.end_promise(bytes);
                return Admission::Promised;
            }
            let surplus_bytes = inner.account.retained_bytes() - inner.retained.records.bytes();
            if surplus_bytes < missing_bytes {
                inner.beyond_plan_bytes += bytes as u64;
                return Admission::Ask;
            }
            let mut surplus = Returned::new();
            inner.retained.take_surplus(missing_bytes, &mut surplus);
            let surplus_bytes = surplus.counted_bytes();
            inner.account.unhold(surplus_bytes);
            drop(inner);
            reserve.parent.live.sub(surplus_bytes);
            reserve
                .parent
                .return_memory_as(&mut surplus, Admission::Promised);
            inner = self.lock();
            inner.account.add_promise(surplus_bytes);
        }
    }

    /// Counts the promise of an exchange again if the parent could not keep it.
    pub(super) fn end_exchange(&self, admission: Admission, bytes: usize, is_taken: bool) {
        if admission == Admission::Promised && !is_taken {
            self.lock().account.add_promise(bytes);
        }
    }

    /// The store that grants memory beyond the plan.
    pub(crate) fn beyond_plan(&self) -> &Store {
        match &self.backing {
            Backing::Reserve(reserve) => reserve.parent.beyond_plan(),
            _ => self,
        }
    }

    fn keep_record<R: super::Record>(&self, record: Box<R>) {
        let mut inner = self.lock();
        inner.account.hold(R::BYTES);
        inner.retained.records.put(record, Epoch::FIRST);
        drop(inner);
        self.note_granted(R::BYTES);
    }

    fn keep_block(&self, taken: Taken<Block>) -> Result<(), AllocError> {
        let bytes = taken.memory.total_bytes;
        let mut inner = self.lock();
        if let Err(refused) = inner.retained.expect_block() {
            drop(inner);
            self.send_back(taken.memory);
            return Err(refused);
        }
        inner.blocks_made += u64::from(taken.is_new);
        inner.blocks_reused += u64::from(!taken.is_new);
        inner.account.hold(bytes);
        taken.memory.tag.keep();
        inner.retained.put_block(taken.memory, Epoch::FIRST);
        drop(inner);
        self.note_granted(bytes);
        Ok(())
    }

    fn keep_run(&self, mut taken: Taken<Run>) -> Result<(), AllocError> {
        let bytes = taken.memory.total_bytes;
        let mut inner = self.lock();
        let room = inner.retained.expect_unused_run(&mut taken.memory);
        if let Err(refused) = room {
            drop(inner);
            self.send_back(taken.memory);
            return Err(refused);
        }
        taken.memory.tag.keep();
        inner.retained.put_unused_run(taken.memory);
        inner.runs_made += u64::from(taken.is_new);
        inner.runs_reused += u64::from(!taken.is_new);
        inner.account.hold(bytes);
        drop(inner);
        self.note_granted(bytes);
        Ok(())
    }

    /// Ends a reserve: the store behind it retains all its memory and counts its frames. For the
    /// decay they are one frame.
    pub(super) fn end_reserve(&mut self) {
        let Backing::Reserve(Reserve { parent, begun }) = &self.backing else {
            return;
        };
        let mut inner = self.lock();
        let held_bytes = inner.account.in_use_bytes() + inner.account.kept_bytes();
        let (blocks, runs) = inner.retained.take_all();
        let records = std::mem::replace(&mut inner.retained.records, super::Records::new());
        let mut returned = Returned {
            blocks,
            runs,
            scope: None,
            records: Some(records),
        };
        parent.live.sub(held_bytes);
        parent.end_promise(inner.account.promised_bytes());
        parent.return_memory(&mut returned);
        parent.absorb(&inner);
        let source = parent.source();
        source.end_use(source.lock(), *begun);
    }

    /// Adds the statistics of a reserve that ends.
    fn absorb(&self, reserve: &Inner) {
        let mut inner = self.lock();
        inner.frames += reserve.frames;
        inner.kinds.add(&reserve.kinds);
        inner.beyond_plan_bytes += reserve.beyond_plan_bytes;
        if let Backing::Share(share) = &self.backing {
            drop(inner);
            share.parent.absorb(reserve);
        }
    }
}
