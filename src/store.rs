//! The memory of an arena: retained memory, and the count of all bytes that it holds.

mod account;
mod backing;
mod charges;
mod needs;
mod record_link;
mod records;
mod release;
mod reserve;
mod retained;
mod run_table;
mod take;
mod waiting;

use std::time::Instant;

use crate::AllocError;
use crate::Retention;
use crate::epoch::{Epoch, Epochs};
use crate::memory::{Block, Chain, Run, Shared};
use crate::recorder::Recorder;
use crate::scope::ScopeState;
use crate::sizing::Sizing;
use crate::stats::{ArenaSnapshot, ChargeTable, FrameStats, KindTable, LiveBytes};
use crate::sync::{Condvar, Mutex, MutexGuard, lock};
use account::Account;
pub(crate) use backing::RunSource;
use backing::{Admission, Backing, Share};
use needs::Needs;
pub(crate) use record_link::RecordLink;
pub(crate) use records::{Record, Records};
use retained::{Retained, Victims};
pub(crate) use take::Taken;
pub(crate) use waiting::Patience;
use waiting::Waiters;

/// The store that all scopes of an arena share.
///
/// Lock order: a scope's slot or run list, then the store, then the store behind it. No user code
/// runs under these locks, and no memory is released to the system under them.
pub(crate) struct Store {
    pub(crate) sizing: Sizing,
    /// Bytes granted by all open scopes and detached planes.
    pub(crate) live: LiveBytes,
    pub(crate) recorder: Recorder,
    /// Bytes held by scratch beyond plans.
    unplanned: LiveBytes,
    retention: Retention,
    started: Instant,
    backing: Backing,
    inner: Mutex<Inner>,
    /// Signaled when memory was released, or is no longer in use.
    room: Condvar,
}

struct Inner {
    account: Account,
    retained: Retained,
    charges: ChargeTable,
    /// Bytes of records that are in use.
    record_bytes: usize,
    blocks_made: u64,
    blocks_reused: u64,
    runs_made: u64,
    runs_reused: u64,
    beyond_plan_bytes: u64,
    frames: u64,
    open_frames: usize,
    epochs: Epochs,
    needs: Needs,
    kinds: KindTable,
    waiters: Waiters,
    /// Threads that wait on `room`.
    sleepers: usize,
    /// Memory outside all scopes that was returned since a frame began.
    returns_since_frame: u32,
    /// When retention by time was last applied.
    last_look: Epoch,
}

/// Memory that scopes return.
pub(crate) struct Returned {
    pub(crate) blocks: Chain<Block>,
    pub(crate) runs: Chain<Run>,
    /// The record of the scope that ends.
    pub(crate) scope: Option<Box<ScopeState>>,
    /// Other records; few returns have any.
    records: Option<Records>,
}

impl Returned {
    /// Bytes that all of this counted for.
    fn counted_bytes(&mut self) -> usize {
        let mut bytes = self.record_bytes();
        self.blocks.for_each_mut(|block| bytes += block.total_bytes);
        self.runs.for_each_mut(|run| bytes += run.total_bytes);
        bytes
    }

    pub(crate) fn new() -> Self {
        Self {
            blocks: Chain::new(),
            runs: Chain::new(),
            scope: None,
            records: None,
        }
    }

    pub(crate) fn put_record<R: Record>(&mut self, record: Box<R>) {
        let records = self.records.get_or_insert_with(Records::new);
        records.put(record, Epoch::FIRST);
    }

    fn record_bytes(&self) -> usize {
        let scope_bytes = self.scope.as_ref().map_or(0, |_| ScopeState::BYTES);
        scope_bytes + self.records.as_ref().map_or(0, Records::bytes)
    }

    pub(crate) fn run(run: Box<Run>) -> Self {
        let mut returned = Self::new();
        returned.runs.push(run);
        returned
    }
}

impl Store {
    pub(crate) fn new(
        sizing: Sizing,
        limit_bytes: usize,
        retention: Retention,
        runs_from: RunSource,
        recorder: Recorder,
    ) -> Self {
        let backing = Backing::System(runs_from);
        Self::with_backing(sizing, limit_bytes, retention, backing, recorder)
    }

    fn with_backing(
        sizing: Sizing,
        limit_bytes: usize,
        retention: Retention,
        backing: Backing,
        recorder: Recorder,
    ) -> Self {
        Self {
            sizing,
            live: LiveBytes::new(),
            recorder,
            unplanned: LiveBytes::new(),
            retention,
            started: Instant::now(),
            backing,
            inner: Mutex::new(Inner {
                account: Account::new(limit_bytes),
                retained: Retained::new(),
                charges: ChargeTable::new(),
                record_bytes: 0,
                blocks_made: 0,
                blocks_reused: 0,
                runs_made: 0,
                runs_reused: 0,
                beyond_plan_bytes: 0,
                frames: 0,
                open_frames: 0,
                epochs: Epochs::new(),
                needs: Needs::new(),
                kinds: KindTable::new(),
                waiters: Waiters::new(),
                sleepers: 0,
                returns_since_frame: 0,
                last_look: Epoch::FIRST,
            }),
            room: Condvar::new(),
        }
    }

    /// A store that uses memory of `parent` and has its own limit.
    pub(crate) fn share(parent: &Shared<Self>, limit_bytes: usize) -> Self {
        Self::sharing(parent, limit_bytes, false)
    }

    /// The same, with the whole limit admitted by `parent` in advance.
    pub(crate) fn allotted(
        parent: &Shared<Self>,
        limit_bytes: usize,
        patience: Patience,
    ) -> Result<Self, AllocError> {
        parent.promise(limit_bytes, patience)?;
        Ok(Self::sharing(parent, limit_bytes, true))
    }

    fn sharing(parent: &Shared<Self>, limit_bytes: usize, is_allotted: bool) -> Self {
        let share = Share {
            parent: parent.clone(),
            is_allotted,
        };
        Self::with_backing(
            parent.sizing,
            limit_bytes,
            Retention::KeepAll,
            Backing::Share(share),
            parent.recorder.clone(),
        )
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }

    /// Promises `bytes` of the limits of this store and of those behind it.
    fn promise(&self, bytes: usize, patience: Patience) -> Result<(), AllocError> {
        match &self.backing {
            Backing::System(_) => self.promise_here(bytes, patience),
            Backing::Reserve(_) => Ok(()),
            Backing::Share(share) => {
                self.promise_here(bytes, patience)?;
                if share.is_allotted {
                    return Ok(());
                }
                let outcome = share.parent.promise(bytes, patience);
                if outcome.is_err() {
                    self.end_promise_here(bytes);
                }
                outcome
            }
        }
    }

    /// Ends a promise of which `bytes` are left.
    fn end_promise(&self, bytes: usize) {
        match &self.backing {
            Backing::System(_) => self.end_promise_here(bytes),
            Backing::Reserve(_) => {}
            Backing::Share(share) => {
                self.end_promise_here(bytes);
                if !share.is_allotted {
                    share.parent.end_promise(bytes);
                }
            }
        }
    }

    fn end_promise_here(&self, bytes: usize) {
        let mut inner = self.lock();
        inner.account.end_promise(bytes);
        self.wake(&inner);
    }

    /// Takes the memory of a scope that ended.
    ///
    /// `returned` starts with the memory that the scope took last, which goes to the bottom of the
    /// retained lists. So the same sequence of requests finds the same blocks, with pages that it
    /// touched before.
    pub(crate) fn return_memory(&self, returned: &mut Returned) {
        self.return_memory_as(returned, Admission::Ask);
    }

    /// As [`return_memory`](Self::return_memory); bytes that were promised are promised again.
    fn return_memory_as(&self, returned: &mut Returned, admission: Admission) {
        let admission = self.own(admission);
        let mut inner = self.lock();
        inner.account.note_need();
        if let Backing::Share(share) = &self.backing {
            let bytes = returned.counted_bytes();
            inner.record_bytes -= returned.record_bytes();
            inner.account.leave(bytes, admission);
            self.wake(&inner);
            drop(inner);
            share.parent.live.sub(bytes);
            share
                .parent
                .return_memory_as(returned, share.admission(admission));
            return;
        }
        let may_release = inner.retained.runs.has_cut_runs() || self.is_enforced_on_return();
        match may_release {
            true => self.put_and_release(inner, returned, admission),
            false => self.retain(&mut inner, returned, admission),
        }
    }

    /// Takes memory that belonged to no scope.
    pub(crate) fn return_detached(&self, returned: &mut Returned) {
        self.return_memory(returned);
        self.source().note_return();
    }

    /// Adds returned memory to the retained memory.
    #[inline(always)]
    fn retain(&self, inner: &mut Inner, returned: &mut Returned, admission: Admission) {
        let now = self.now(inner);
        while let Some(block) = returned.blocks.pop() {
            block.tag.keep();
            let bytes = block.total_bytes;
            inner.account.retain(bytes, bytes, admission);
            inner.retained.put_block(block, now);
        }
        while let Some(run) = returned.runs.pop() {
            run.tag.keep();
            let (total_bytes, capacity_bytes) = inner.retained.runs.put_uncut(run, now);
            inner.account.retain(total_bytes, capacity_bytes, admission);
        }
        if let Some(scope) = returned.scope.take() {
            const BYTES: usize = ScopeState::BYTES;
            inner.retained.records.put(scope, now);
            inner.record_bytes -= BYTES;
            inner.account.retain(BYTES, BYTES, admission);
        }
        if let Some(records) = &mut returned.records {
            let bytes = inner.retained.records.put_all(records, now);
            inner.record_bytes -= bytes;
            inner.account.retain(bytes, bytes, admission);
            // They are empty, so dropping them would do nothing.
            std::mem::forget(returned.records.take());
        }
        self.wake(inner);
    }

    /// As [`retain`](Self::retain); then releases tails that are too old to join their runs, and
    /// memory that the retention policy does not keep.
    #[inline(never)]
    fn put_and_release(
        &self,
        mut inner: MutexGuard<'_, Inner>,
        returned: &mut Returned,
        admission: Admission,
    ) {
        let mut victims = Victims::new();
        let now = self.now(&inner);
        let oldest = self.oldest(&inner, now);
        while let Some(run) = returned.runs.pop() {
            run.tag.keep();
            let put = inner.retained.runs.put(run, now, oldest);
            let old_bytes = put.old_tail.as_ref().map_or(0, |&(_, bytes)| bytes);
            inner
                .account
                .retain(put.total_bytes, put.capacity_bytes, admission);
            inner.account.start_release(0, old_bytes);
            if let Some((tail, bytes)) = put.old_tail
                && victims.push_tail(tail, bytes).is_err()
            {
                inner.account.end_release(bytes);
            }
        }
        self.retain(&mut inner, returned, admission);
        if self.is_enforced_on_return() {
            self.enforce(&mut inner, &mut victims);
        }
        self.release_victims(inner, &mut victims);
    }

    /// Counts the opening of a frame, without taking memory.
    pub(crate) fn begin_frame(&self) -> Epoch {
        let mut inner = self.lock();
        inner.open_frames += 1;
        inner.returns_since_frame = 0;
        if let Backing::Share(share) = &self.backing {
            drop(inner);
            return share.parent.begin_frame();
        }
        inner.epochs.begin()
    }

    /// Counts the end of a frame that began in `begun`, and takes its memory and its statistics, if
    /// it has any.
    pub(crate) fn end_frame(
        &self,
        returned: &mut Returned,
        stats: Option<Box<FrameStats>>,
        begun: Epoch,
    ) {
        let Some(mut stats) = stats else {
            self.count_frame(None, begun);
            return;
        };
        let mut kinds = KindTable::new();
        stats.add_kinds_to(&mut kinds);
        stats.reset();
        returned.put_record(stats);
        self.return_memory(returned);
        self.count_frame(Some(&kinds), begun);
    }

    fn count_frame(&self, kinds: Option<&KindTable>, begun: Epoch) {
        let mut inner = self.lock();
        inner.open_frames -= 1;
        inner.frames += 1;
        if let Some(kinds) = kinds {
            inner.kinds.add(kinds);
        }
        match &self.backing {
            Backing::Share(share) => {
                drop(inner);
                share.parent.count_frame(kinds, begun);
            }
            _ => self.end_use(inner, begun),
        }
    }

    /// Counts a request that no frame counts.
    pub(crate) fn count_request(&self, kind: crate::Kind, bytes: usize, missed: bool) {
        self.lock().kinds.count(kind, bytes, missed);
        if let Backing::Share(share) = &self.backing {
            share.parent.count_request(kind, bytes, missed);
        }
    }

    /// Bytes held by scratch beyond plans, for all stores that use the same memory.
    pub(crate) fn unplanned(&self) -> &LiveBytes {
        &self.source().unplanned
    }

    /// The admission of this store itself: a reserve has no limit and no promises.
    fn own(&self, admission: Admission) -> Admission {
        match self.backing {
            Backing::Reserve(_) => Admission::Ask,
            _ => admission,
        }
    }

    /// The store that takes memory from the system.
    fn source(&self) -> &Store {
        match &self.backing {
            Backing::System(_) => self,
            Backing::Reserve(reserve) => reserve.parent.source(),
            Backing::Share(share) => share.parent.source(),
        }
    }

    pub(crate) fn snapshot(&self) -> ArenaSnapshot {
        let inner = self.lock();
        let (live_bytes, peak_bytes) = self.live.read();
        let in_use_bytes = inner.account.in_use_bytes();
        ArenaSnapshot {
            live_bytes,
            peak_bytes,
            in_use_bytes,
            record_bytes: inner.record_bytes,
            retained_bytes: inner.account.kept_bytes(),
            retained_record_bytes: inner.retained.records.bytes(),
            charged_bytes: inner.account.charged_bytes(),
            peak_held_bytes: inner.account.peak_held_bytes(),
            limit_bytes: inner.account.limit_bytes(),
            wasted_bytes: in_use_bytes.saturating_sub(live_bytes),
            blocks_made: inner.blocks_made,
            blocks_reused: inner.blocks_reused,
            runs_made: inner.runs_made,
            runs_reused: inner.runs_reused,
            beyond_plan_bytes: inner.beyond_plan_bytes,
            peak_unplanned_bytes: self.unplanned().peak(),
            open_frames: inner.open_frames,
            frames: inner.frames,
            kinds: inner.kinds.report(),
            charges: inner.charges.report(),
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        match &self.backing {
            Backing::System(_) => {}
            Backing::Reserve(_) => self.end_reserve(),
            Backing::Share(share) => {
                if share.is_allotted {
                    share.parent.end_promise(self.lock().account.limit_bytes());
                }
            }
        }
    }
}
