use super::counts::{Counts, ScopeCounts};
use super::runs::Runs;
use crate::AllocError;
use crate::figures::KindTable;
use crate::memory::{Block, BlockClass, Chain, Granted, Run};
use crate::sample::Kind;
use crate::store::Store;
use crate::sync::{AtomicU32, Mutex, MutexGuard, Ordering, get_mut, lock, thread_index};

/// Threads that bump in blocks of their own; further ones share.
const SLOTS: usize = 32;

/// Blocks and runs of one open scope.
///
/// A thread bumps in the slot of its index. Should another thread be there at that moment (indices are taken modulo the
/// number of slots), it moves on to a free one. No user code runs under a slot's lock.
pub(crate) struct ScopeState {
    slots: [Slot; SLOTS],
    touched: AtomicU32,
    runs: Mutex<Runs>,
}

/// On cache lines of its own: each is written by another thread.
#[repr(align(128))]
struct Slot(Mutex<Blocks>);

struct Blocks {
    current: Option<Box<Block>>,
    full: Chain<Block>,
    counts: Counts,
}

impl ScopeState {
    pub(crate) fn new() -> Self {
        Self {
            slots: std::array::from_fn(|_| Slot(Mutex::new(Blocks::new()))),
            touched: AtomicU32::new(0),
            runs: Mutex::new(Runs::new()),
        }
    }

    /// Grants `bytes` from a block of the calling thread's slot. Returns the bytes of a block taken for it, if one was.
    pub(super) fn grant_from_block(
        &self,
        store: &Store,
        bytes: usize,
        kind: Kind,
    ) -> Result<(Granted, usize), AllocError> {
        let (mut blocks, index) = self.lock_slot();
        let bit = 1 << index;
        if self.touched.load(Ordering::Relaxed) & bit == 0 {
            self.touched.fetch_or(bit, Ordering::Relaxed);
        }
        blocks.grant(store, bytes, kind)
    }

    fn lock_slot(&self) -> (MutexGuard<'_, Blocks>, usize) {
        let home = thread_index();
        for probe in 0..SLOTS {
            let index = (home + probe) % SLOTS;
            if let Ok(blocks) = self.slots[index].0.try_lock() {
                return (blocks, index);
            }
        }
        (lock(&self.slots[home % SLOTS].0), home % SLOTS)
    }

    /// Grants `bytes` from a run that requests of medium size share. Returns the bytes of a run taken for it, if one was.
    pub(super) fn grant_shared(
        &self,
        store: &Store,
        bytes: usize,
        kind: Kind,
    ) -> Result<(Granted, usize), AllocError> {
        lock(&self.runs).grant(store, thread_index(), bytes, kind)
    }

    /// Grants `bytes` from a run of its own, of which the size is returned too.
    pub(super) fn grant_run(
        &self,
        store: &Store,
        bytes: usize,
        kind: Kind,
    ) -> Result<(Granted, usize), AllocError> {
        let mut taken = store.take_run(store.sizes.run(bytes)?)?;
        let total_bytes = taken.memory.total_bytes;
        let granted = taken.memory.grant(bytes);
        let mut runs = lock(&self.runs);
        runs.hold(taken.memory, taken.made);
        let granted = granted.ok_or(AllocError::System {
            asked_bytes: total_bytes,
        })?;
        runs.counts.kinds.count(kind, bytes, granted.fresh);
        Ok((granted, total_bytes))
    }

    /// Removes the run whose only grant starts at `start`, if this scope holds one, and counts it as detached.
    pub(super) fn detach_run(&self, start: *const u8) -> Option<Box<Run>> {
        lock(&self.runs).detach(start)
    }

    /// What was counted so far; requests by kind are added to `kinds`.
    pub(super) fn counts(&self, kinds: &mut KindTable) -> ScopeCounts {
        let mut sum = ScopeCounts::new();
        let mut add = |counts: &Counts, blocks| {
            sum.add(counts, blocks);
            kinds.add(&counts.kinds);
        };
        for slot in self.touched_slots() {
            add(&lock(&slot.0).counts, true);
        }
        add(&lock(&self.runs).counts, false);
        sum
    }

    /// Hands all blocks and runs back, those taken last first, and makes the state ready for another scope. Returns what was
    /// counted; requests by kind are added to `kinds`.
    pub(super) fn close(
        &mut self,
        kinds: &mut KindTable,
    ) -> (ScopeCounts, Chain<Block>, Chain<Run>) {
        let mut sum = ScopeCounts::new();
        let mut blocks = Chain::new();
        let mut touched = self.touched.swap(0, Ordering::Relaxed);
        while touched != 0 {
            let slot = get_mut(&mut self.slots[touched.trailing_zeros() as usize].0);
            touched &= touched - 1;
            if let Some(block) = slot.current.take() {
                slot.full.push(block);
            }
            let mut taken = std::mem::replace(&mut slot.full, Chain::new());
            taken.for_each_mut(Block::hand_back);
            for block in taken.reversed() {
                blocks.push(block);
            }
            sum.add(&slot.counts, true);
            kinds.add(&slot.counts.kinds);
            slot.counts.clear();
        }
        let runs = get_mut(&mut self.runs);
        sum.add(&runs.counts, false);
        kinds.add(&runs.counts.kinds);
        (sum, blocks, runs.close())
    }

    fn touched_slots(&self) -> impl Iterator<Item = &Slot> {
        let mut touched = self.touched.load(Ordering::Relaxed);
        std::iter::from_fn(move || {
            let index = touched.trailing_zeros() as usize;
            touched &= touched.checked_sub(1)?;
            Some(&self.slots[index])
        })
    }
}

impl Blocks {
    fn new() -> Self {
        Self {
            current: None,
            full: Chain::new(),
            counts: Counts::NONE,
        }
    }

    fn grant(
        &mut self,
        store: &Store,
        bytes: usize,
        kind: Kind,
    ) -> Result<(Granted, usize), AllocError> {
        if let Some(granted) = self.current.as_mut().and_then(|block| block.grant(bytes)) {
            self.counts.kinds.count(kind, bytes, granted.fresh);
            return Ok((granted, 0));
        }
        let mut taken = store.take_block(BlockClass::Small)?;
        let total_bytes = taken.memory.total_bytes;
        let granted = taken.memory.grant(bytes).ok_or(AllocError::System {
            asked_bytes: total_bytes,
        });
        self.counts.take(total_bytes, taken.made);
        if let Some(full) = self.current.replace(taken.memory) {
            self.full.push(full);
        }
        let granted = granted?;
        self.counts.kinds.count(kind, bytes, granted.fresh);
        Ok((granted, total_bytes))
    }
}
