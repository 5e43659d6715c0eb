use super::counts::{Counts, ScopeCounts};
use super::runs::Runs;
use super::slots::{Blocks, Slot};
use crate::AllocError;
use crate::memory::{Granted, OnceBox, Run};
use crate::sample::Kind;
use crate::stats::{ClosedScopes, FRAME_STAGE, FrameStats, KindTable, StageIndex, StageStats};
use crate::store::{RecordLink, Returned, Store};
use crate::sync::{
    AtomicBool, AtomicUsize, Mutex, MutexGuard, Ordering, get_mut, lock, thread_index,
};

/// Number of threads after the first that have their own blocks; further threads share these.
const OTHER_THREADS: usize = 15;

/// The index of no thread.
const NO_THREAD: usize = usize::MAX;

/// Blocks and runs of one open scope.
///
/// The first thread that makes a small request uses the slot in the record itself, so a scope of
/// one thread stays small. Other threads have separate slots, by thread index modulo the number of
/// slots. A thread whose slot is busy uses a free one. No user code runs under a lock.
pub(crate) struct ScopeState {
    /// Index of the scope's stage in the statistics of the frame.
    pub(super) stage: StageIndex,
    first_thread: AtomicUsize,
    own: Mutex<Blocks>,
    /// Whether there may be a slot.
    has_slots: AtomicBool,
    slots: [OnceBox<Slot>; OTHER_THREADS],
    runs: Mutex<Runs>,
    pub(crate) link: RecordLink<ScopeState>,
}

impl ScopeState {
    pub(crate) fn new() -> Self {
        Self {
            stage: FRAME_STAGE,
            first_thread: AtomicUsize::new(NO_THREAD),
            own: Mutex::new(Blocks::new()),
            has_slots: AtomicBool::new(false),
            slots: [const { OnceBox::new() }; OTHER_THREADS],
            runs: Mutex::new(Runs::new()),
            link: RecordLink::NEW,
        }
    }

    /// Grants `bytes` from a block of the calling thread.
    #[inline]
    pub(super) fn grant_from_block(
        &self,
        store: &Store,
        frame: &FrameStats,
        bytes: usize,
        kind: Kind,
    ) -> Result<Granted, AllocError> {
        self.lock_blocks(store).grant(store, frame, bytes, kind)
    }

    #[inline]
    fn lock_blocks(&self, store: &Store) -> MutexGuard<'_, Blocks> {
        let thread = thread_index();
        match self.first_thread.load(Ordering::Relaxed) == thread {
            true => lock(&self.own),
            false => self.lock_other_blocks(store, thread),
        }
    }

    #[inline(never)]
    fn lock_other_blocks(&self, store: &Store, thread: usize) -> MutexGuard<'_, Blocks> {
        let mut first = self.first_thread.load(Ordering::Relaxed);
        if first == NO_THREAD {
            let (order, none) = (Ordering::Relaxed, NO_THREAD);
            let claimed = self
                .first_thread
                .compare_exchange(none, thread, order, order);
            first = claimed.err().unwrap_or(thread);
        }
        if first != thread {
            self.has_slots.store(true, Ordering::Relaxed);
            for probe in 0..OTHER_THREADS {
                let slot = &self.slots[(thread + probe) % OTHER_THREADS];
                let Some(slot) = take_slot(slot, store) else {
                    break;
                };
                if let Ok(blocks) = slot.blocks.try_lock() {
                    return blocks;
                }
            }
        }
        lock(&self.own)
    }

    /// Grants `bytes` from a run that medium requests share.
    #[inline]
    pub(super) fn grant_shared(
        &self,
        store: &Store,
        frame: &FrameStats,
        bytes: usize,
        kind: Kind,
    ) -> Result<Granted, AllocError> {
        lock(&self.runs).grant(store, frame, bytes, kind)
    }

    /// Grants `bytes` from a run for this request alone.
    pub(super) fn grant_run(
        &self,
        store: &Store,
        frame: &FrameStats,
        bytes: usize,
        kind: Kind,
    ) -> Result<Granted, AllocError> {
        let mut taken = store.take_run(store.sizing.run(bytes)?)?;
        let total_bytes = taken.memory.total_bytes;
        frame.taken.add(total_bytes);
        let granted = taken.memory.grant(bytes);
        let mut runs = lock(&self.runs);
        runs.hold(taken.memory, taken.is_new);
        let granted = granted.ok_or(AllocError::System {
            requested_bytes: total_bytes,
        })?;
        runs.counts.count(frame, kind, bytes, granted.fresh);
        Ok(granted)
    }

    /// Removes the run whose only grant starts at `start`, if this scope holds one, and counts it
    /// as detached.
    pub(super) fn detach_run(&self, start: *const u8) -> Option<Box<Run>> {
        lock(&self.runs).detach(start)
    }

    /// Adds the counts so far to `totals`, and requests by kind to `kinds`.
    pub(super) fn add_counts_to(&self, totals: &mut StageStats, kinds: &mut KindTable) {
        let mut sum = ScopeCounts::new(totals);
        let mut add = |counts: &Counts, blocks| sum.add(counts, blocks, kinds);
        add(&lock(&self.own).counts, true);
        for slot in self.slots.iter().filter_map(OnceBox::get) {
            add(&slot.lock().counts, true);
        }
        add(&lock(&self.runs).counts, false);
        sum.finish();
    }

    /// Moves all blocks and runs to `returned`, those taken last first, and makes the state ready
    /// for another scope. Adds its statistics to `closed` and returns them.
    #[inline]
    pub(super) fn close<'s>(
        &mut self,
        closed: &'s mut ClosedScopes,
        returned: &mut Returned,
    ) -> ScopeCounts<'s> {
        let (totals, kinds) = closed.of_stage(self.stage);
        let mut sum = ScopeCounts::new(totals);
        let own = get_mut(&mut self.own);
        if own.counts.taken() > 0 {
            sum.add(&own.counts, true, kinds);
            own.close(&mut returned.blocks);
        }
        let has_slots = std::mem::replace(&mut self.has_slots, AtomicBool::new(false));
        let slots = match has_slots.into_inner() {
            true => &mut self.slots[..],
            false => &mut [],
        };
        for mut slot in slots.iter_mut().filter_map(OnceBox::take) {
            let blocks = slot.blocks_mut();
            sum.add(&blocks.counts, true, kinds);
            blocks.close(&mut returned.blocks);
            returned.put_record(slot);
        }
        let runs = get_mut(&mut self.runs);
        if runs.counts.taken() > 0 {
            sum.add(&runs.counts, false, kinds);
            returned.runs = runs.close();
        }
        self.first_thread = AtomicUsize::new(NO_THREAD);
        sum.finish()
    }
}

/// The slot, taken from the store if there is none yet. `None` if that is refused; the caller can
/// do without, as a slot only makes threads faster.
fn take_slot<'s>(slot: &'s OnceBox<Slot>, store: &Store) -> Option<&'s Slot> {
    if slot.get().is_none() {
        let new = store.take_record::<Slot>().ok()?;
        if let Err(new) = slot.set(new) {
            let mut returned = Returned::new();
            returned.put_record(new);
            store.return_memory(&mut returned);
        }
    }
    slot.get()
}

// A scope that one thread uses takes at most a kilobyte. Shuttle's primitives are larger.
#[cfg(not(frame_arena_shuttle))]
const _: () = assert!(
    <ScopeState as crate::store::Record>::BYTES <= 1024
        && <Slot as crate::store::Record>::BYTES <= 384
);
