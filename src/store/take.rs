use super::backing::{Admission, Backing};
use super::records::{self, Record};
use super::retained::Victims;
use super::run_table::Found;
use super::{Inner, Returned, Store};
use crate::AllocError;
use crate::epoch::Epoch;
use crate::memory::{Block, Run, Source};
use crate::recorder::MemoryClass;
use crate::sizing::{Fit, RunSize};
use crate::sync::MutexGuard;

/// Memory taken from a store.
pub(crate) struct Taken<T> {
    pub(crate) memory: Box<T>,
    /// Whether it came from the system, not from an earlier scope.
    pub(crate) is_new: bool,
}

impl<T> Taken<T> {
    pub(super) fn reused(memory: Box<T>) -> Self {
        Self {
            memory,
            is_new: false,
        }
    }
}

impl Store {
    pub(crate) fn take_block(&self) -> Result<Taken<Block>, AllocError> {
        self.take_block_as(Admission::Ask)
    }

    pub(super) fn take_block_as(&self, admission: Admission) -> Result<Taken<Block>, AllocError> {
        let admission = self.own(admission);
        let bytes = self.sizing.block_total_bytes;
        let mut inner = self.lock();
        inner.account.open(bytes, admission)?;
        if let Some(block) = inner.retained.take_block() {
            inner.account.reuse(bytes, bytes, bytes);
            inner.blocks_reused += 1;
            block.tag.reuse();
            return Ok(Taken::reused(block));
        }
        let (is_from_system, taken) = match &self.backing {
            Backing::System(_) => {
                drop(self.settle(inner));
                let block = Block::new(bytes).map(|memory| Taken {
                    memory,
                    is_new: true,
                });
                (true, block)
            }
            Backing::Reserve(reserve) => {
                let admission = self.exchange(inner, reserve, bytes);
                let taken = reserve.parent.take_block_as(admission);
                self.end_exchange(admission, bytes, taken.is_ok());
                (false, taken)
            }
            Backing::Share(share) => {
                drop(inner);
                (
                    false,
                    share.parent.take_block_as(share.admission(admission)),
                )
            }
        };
        let is_kept_here = self.keeps_memory();
        self.count_taken(bytes, admission, taken, |inner, block| {
            if is_kept_here {
                inner.retained.expect_block()?;
            }
            inner.blocks_made += u64::from(block.is_new);
            inner.blocks_reused += u64::from(!block.is_new);
            if is_from_system {
                block.memory.tag = self.recorder.made(MemoryClass::Block, bytes);
            }
            Ok(())
        })
    }

    /// Takes a run of `size.wanted_bytes`, or of `size.least_bytes` if the limit has no room for
    /// more.
    pub(crate) fn take_run(&self, size: RunSize) -> Result<Taken<Run>, AllocError> {
        self.take_run_as(size, Admission::Ask, false)
    }

    /// As [`take_run`](Self::take_run). If `is_bounded`, the limit of a share of this store has no
    /// room for more than these bytes.
    pub(super) fn take_run_as(
        &self,
        size: RunSize,
        admission: Admission,
        is_bounded: bool,
    ) -> Result<Taken<Run>, AllocError> {
        let admission = self.own(admission);
        let mut inner = self.lock();
        let mut bytes = size.wanted_bytes;
        if let Err(refused) = inner.account.open(bytes, admission) {
            if size.least_bytes == bytes {
                return Err(refused);
            }
            bytes = size.least_bytes;
            inner.account.open(bytes, admission)?;
        }
        let is_bounded = is_bounded || inner.account.has_limit();
        let size = size.wanting(bytes);
        if let Some(Found { run, spare_bytes }) = self.find_run(&mut inner, size, is_bounded) {
            let total = run.total_bytes;
            inner.account.reuse(bytes, total, total + spare_bytes);
            inner.runs_reused += 1;
            run.tag.reuse();
            return Ok(Taken::reused(run));
        }
        let (is_from_system, taken) = match &self.backing {
            Backing::System(runs_from) => {
                let is_shared = self.sizing.is_shared(bytes);
                let source = runs_from.source(size.request_bytes, is_shared);
                let run = match Run::can_be_assembled(bytes, source) {
                    true => self.assemble_run(inner, bytes, source),
                    false => {
                        drop(self.settle(inner));
                        Run::new(bytes, source)
                    }
                };
                let taken = run.map(|mut memory| {
                    let is_new = memory.is_fresh();
                    if is_shared {
                        // Another scope may share it and use it deeper.
                        memory.touch();
                    }
                    Taken { memory, is_new }
                });
                (true, taken)
            }
            Backing::Reserve(reserve) => {
                let admission = self.exchange(inner, reserve, bytes);
                let taken = reserve.parent.take_run_as(size, admission, true);
                self.end_exchange(admission, bytes, taken.is_ok());
                (false, taken)
            }
            Backing::Share(share) => {
                drop(inner);
                let admission = share.admission(admission);
                let taken = share.parent.take_run_as(size, admission, is_bounded);
                (false, taken)
            }
        };
        let is_kept_here = self.keeps_memory();
        self.count_taken(bytes, admission, taken, |inner, run| {
            if is_kept_here {
                inner.retained.runs.register(&mut run.memory)?;
            }
            inner.runs_made += u64::from(run.is_new);
            inner.runs_reused += u64::from(!run.is_new);
            if is_from_system {
                run.memory.tag = self.recorder.made(MemoryClass::Run, bytes);
            }
            Ok(())
        })
    }

    /// A new run of `bytes`. It takes over pages of retained runs of other sizes if there is no
    /// room for both under the limit, or if the arena holds more than the last frames needed.
    fn assemble_run(
        &self,
        mut inner: MutexGuard<'_, Inner>,
        bytes: usize,
        source: Source,
    ) -> Result<Box<Run>, AllocError> {
        let in_the_way = inner.account.excess_bytes().min(bytes);
        let beyond_need = self.retained_excess_bytes(&inner);
        if in_the_way == 0 && beyond_need == 0 {
            drop(inner);
            return Run::new(bytes, source);
        }
        let mut victims = Victims::new();
        inner.take_donors(in_the_way, Epoch::NEVER, &mut victims);
        let oldest = match inner.open_frames {
            // Memory that this frame returned is no donor, so the bytes that it takes do not depend
            // on the order of its stages.
            0 | 1 => inner.epochs.now(),
            _ => Epoch::NEVER,
        };
        inner.take_donors(beyond_need, oldest, &mut victims);
        drop(inner);
        let run = Run::assembled(bytes, source, || victims.next_donor());
        self.end_victims(&mut victims);
        // New pages of the run are touched only after there is room for them.
        drop(self.settle(self.lock()));
        run
    }

    /// A retained run for `size`.
    fn find_run(&self, inner: &mut Inner, size: RunSize, is_bounded: bool) -> Option<Found> {
        let retained = &mut inner.retained;
        let Backing::Reserve(_) = self.backing else {
            let fit = match is_bounded {
                true => Fit::Exact,
                false => self.sizing.fit,
            };
            return retained.runs.take(size, fit);
        };
        // As in the plan: returned runs first, then runs that were not used yet. Other runs would
        // change the room that scopes share, and so which runs they take later.
        let own = retained.runs.take(size, self.sizing.fit);
        own.or_else(|| retained.take_unused_run(size.tight(), self.sizing.fit))
    }

    /// Takes a record of an open scope.
    pub(crate) fn take_record<R: Record>(&self) -> Result<Box<R>, AllocError> {
        self.take_record_as(Admission::Ask)
    }

    pub(super) fn take_record_as<R: Record>(
        &self,
        admission: Admission,
    ) -> Result<Box<R>, AllocError> {
        let admission = self.own(admission);
        let mut inner = self.lock();
        inner.account.open(R::BYTES, admission)?;
        if let Some(record) = inner.retained.records.take() {
            inner.account.reuse(R::BYTES, R::BYTES, R::BYTES);
            inner.record_bytes += R::BYTES;
            return Ok(record);
        }
        let taken = match &self.backing {
            Backing::System(_) => {
                drop(self.settle(inner));
                records::make()
            }
            Backing::Reserve(reserve) => {
                drop(inner);
                reserve.parent.take_record()
            }
            Backing::Share(share) => {
                drop(inner);
                share.parent.take_record_as(share.admission(admission))
            }
        };
        let mut inner = self.lock();
        match taken {
            Ok(record) => {
                inner.account.make(R::BYTES, R::BYTES);
                inner.record_bytes += R::BYTES;
                drop(inner);
                self.note_granted(R::BYTES);
                Ok(record)
            }
            Err(refused) => {
                inner.account.give_up(R::BYTES, admission);
                self.wake(&inner);
                Err(refused)
            }
        }
    }

    /// Whether this store retains returned memory.
    fn keeps_memory(&self) -> bool {
        !matches!(self.backing, Backing::Share(_))
    }

    /// Counts memory that was admitted and just taken, or ends its admission if it was refused.
    fn count_taken<T: Counted>(
        &self,
        admitted_bytes: usize,
        admission: Admission,
        taken: Result<Taken<T>, AllocError>,
        count: impl FnOnce(&mut Inner, &mut Taken<T>) -> Result<(), AllocError>,
    ) -> Result<Taken<T>, AllocError> {
        let mut inner = self.lock();
        let refused = match taken {
            Ok(mut taken) => match count(&mut inner, &mut taken) {
                Ok(()) => {
                    inner
                        .account
                        .make(admitted_bytes, taken.memory.counted_bytes());
                    drop(inner);
                    self.note_granted(taken.memory.counted_bytes());
                    return Ok(taken);
                }
                Err(refused) => {
                    drop(inner);
                    self.send_back(taken.memory);
                    inner = self.lock();
                    refused
                }
            },
            Err(refused) => refused,
        };
        inner.account.give_up(admitted_bytes, admission);
        self.wake(&inner);
        Err(refused)
    }

    /// Counts memory that the store behind this one granted.
    pub(super) fn note_granted(&self, bytes: usize) {
        match &self.backing {
            Backing::System(_) => {}
            Backing::Reserve(reserve) => reserve.parent.live.add(bytes),
            Backing::Share(share) => share.parent.live.add(bytes),
        }
    }

    /// Returns memory that could not be counted to its source.
    pub(super) fn send_back<T: Counted>(&self, memory: Box<T>) {
        match &self.backing {
            Backing::System(_) => drop(memory),
            Backing::Reserve(reserve) => reserve.parent.return_memory(&mut T::returned(memory)),
            Backing::Share(share) => share.parent.return_memory(&mut T::returned(memory)),
        }
    }

    /// Releases retained memory until all pending bytes may be taken from the system.
    pub(super) fn settle<'s>(&'s self, mut inner: MutexGuard<'s, Inner>) -> MutexGuard<'s, Inner> {
        loop {
            let excess = inner.account.excess_bytes();
            if excess == 0 {
                return inner;
            }
            let mut victims = Victims::new();
            inner.release_bytes(excess, &mut victims);
            if victims.bytes() > 0 {
                self.release_victims(inner, &mut victims);
                inner = self.lock();
            } else {
                inner = self.wait_for_release(inner);
            }
        }
    }
}

/// Memory that counts against a limit.
pub(super) trait Counted: Sized {
    fn counted_bytes(&self) -> usize;

    fn returned(memory: Box<Self>) -> Returned;
}

impl Counted for Block {
    fn counted_bytes(&self) -> usize {
        self.total_bytes
    }

    fn returned(memory: Box<Self>) -> Returned {
        let mut returned = Returned::new();
        returned.blocks.push(memory);
        returned
    }
}

impl Counted for Run {
    fn counted_bytes(&self) -> usize {
        self.total_bytes
    }

    fn returned(memory: Box<Self>) -> Returned {
        Returned::run(memory)
    }
}
