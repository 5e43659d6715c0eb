use crate::AllocError;
use crate::figures::{KindTable, Totals};
use crate::memory::{Block, BlockClass, Chain, Granted, Run};
use crate::sample::Kind;
use crate::store::Store;
use crate::sync::{AtomicU32, Mutex, MutexGuard, Ordering, lock};

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
    /// Of the blocks that were current, the one with most room left.
    spare: Option<Box<Block>>,
    full: Chain<Block>,
    counts: Counts,
}

struct Runs {
    held: Chain<Run>,
    counts: Counts,
}

/// What was handed out of a slot's blocks, or of runs, and taken for it.
#[derive(Clone)]
struct Counts {
    kinds: KindTable,
    made: u64,
    reused: u64,
    taken_bytes: usize,
    /// Bytes of these that went to detached planes.
    detached_bytes: usize,
    detached_taken_bytes: usize,
}

/// Sums of a scope's counts.
pub(crate) struct ScopeCounts {
    pub(crate) totals: Totals,
    pub(crate) kinds: KindTable,
    /// Bytes handed out and not detached.
    pub(crate) live_bytes: usize,
    /// Bytes of blocks and runs taken and not detached.
    pub(crate) taken_bytes: usize,
}

impl ScopeState {
    pub(crate) fn new() -> Self {
        Self {
            slots: std::array::from_fn(|_| Slot(Mutex::new(Blocks::new()))),
            touched: AtomicU32::new(0),
            runs: Mutex::new(Runs {
                held: Chain::new(),
                counts: Counts::NONE,
            }),
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

    /// Grants `bytes` from a run of its own, of which the size is returned too.
    pub(super) fn grant_run(
        &self,
        store: &Store,
        bytes: usize,
        kind: Kind,
    ) -> Result<(Granted, usize), AllocError> {
        let mut taken = store.take_run(bytes)?;
        let granted = taken.memory.grant(bytes);
        let total_bytes = taken.memory.total_bytes;
        let mut runs = lock(&self.runs);
        runs.counts.take(total_bytes, taken.made);
        runs.counts.kinds.count(kind, bytes, granted.fresh);
        runs.held.push(taken.memory);
        Ok((granted, total_bytes))
    }

    /// Removes the run whose grant starts at `start`, if this scope holds one, and counts it as detached.
    pub(super) fn detach_run(&self, start: *const u8) -> Option<Box<Run>> {
        let mut runs = lock(&self.runs);
        let run = runs.held.remove(|run| run.starts_at(start))?;
        runs.counts.detached_bytes += run.granted_bytes();
        runs.counts.detached_taken_bytes += run.total_bytes;
        Some(run)
    }

    /// What was counted so far.
    pub(super) fn counts(&self) -> ScopeCounts {
        let mut sum = ScopeCounts::new();
        for slot in self.touched_slots() {
            sum.add(&lock(&slot.0).counts, true);
        }
        sum.add(&lock(&self.runs).counts, false);
        sum.finish()
    }

    /// Hands all blocks and runs back, those taken last first, and makes the state ready for another scope.
    pub(super) fn close(&mut self) -> (Chain<Block>, Chain<Run>) {
        let mut blocks = Chain::new();
        for slot in self.touched_slots() {
            let mut slot = lock(&slot.0);
            let slot = &mut *slot;
            let full = std::mem::replace(&mut slot.full, Chain::new()).reversed();
            let mut taken = Chain::new();
            for mut block in full.chain(slot.spare.take()).chain(slot.current.take()) {
                block.hand_back();
                let order = block.order;
                taken.insert(block, |other: &Block| other.order > order);
            }
            for block in taken.reversed() {
                blocks.push(block);
            }
            slot.counts = Counts::NONE;
        }
        self.touched.store(0, Ordering::Relaxed);
        let mut held = lock(&self.runs);
        let mut runs = std::mem::replace(&mut held.held, Chain::new());
        runs.for_each_mut(Run::hand_back);
        held.counts = Counts::NONE;
        (blocks, runs)
    }

    fn touched_slots(&self) -> impl Iterator<Item = &Slot> {
        let touched = self.touched.load(Ordering::Relaxed);
        (0..SLOTS)
            .filter(move |index| touched >> index & 1 == 1)
            .map(|index| &self.slots[index])
    }
}

impl Blocks {
    fn new() -> Self {
        Self {
            current: None,
            spare: None,
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
        for block in self.current.iter_mut().chain(&mut self.spare) {
            if let Some(granted) = block.grant(bytes) {
                self.counts.kinds.count(kind, bytes, granted.fresh);
                return Ok((granted, 0));
            }
        }
        let first = self.current.is_none();
        let class = if first && bytes <= store.sizes.small_request_bytes {
            BlockClass::Small
        } else {
            BlockClass::Large
        };
        let mut taken = store.take_block(class)?;
        let total_bytes = taken.memory.total_bytes;
        let granted = taken.memory.grant(bytes).ok_or(AllocError::System {
            asked_bytes: total_bytes,
        });
        taken.memory.order = self.counts.made + self.counts.reused;
        self.counts.take(total_bytes, taken.made);
        if let Some(retired) = self.current.replace(taken.memory) {
            self.retire(retired);
        }
        let granted = granted?;
        self.counts.kinds.count(kind, bytes, granted.fresh);
        Ok((granted, total_bytes))
    }

    fn retire(&mut self, block: Box<Block>) {
        let room = |block: &Option<Box<Block>>| block.as_ref().map_or(0, |b| b.remaining_bytes());
        let mut retired = Some(block);
        if room(&retired) > room(&self.spare) {
            std::mem::swap(&mut retired, &mut self.spare);
        }
        if let Some(block) = retired {
            self.full.push(block);
        }
    }
}

impl Counts {
    const NONE: Self = Self {
        kinds: KindTable::new(),
        made: 0,
        reused: 0,
        taken_bytes: 0,
        detached_bytes: 0,
        detached_taken_bytes: 0,
    };

    fn take(&mut self, bytes: usize, made: bool) {
        self.taken_bytes += bytes;
        self.made += u64::from(made);
        self.reused += u64::from(!made);
    }
}

impl ScopeCounts {
    fn new() -> Self {
        Self {
            totals: Totals::default(),
            kinds: KindTable::new(),
            live_bytes: 0,
            taken_bytes: 0,
        }
    }

    fn add(&mut self, counts: &Counts, blocks: bool) {
        self.kinds.add(&counts.kinds);
        let (made, reused) = if blocks {
            (&mut self.totals.blocks_made, &mut self.totals.blocks_reused)
        } else {
            (&mut self.totals.runs_made, &mut self.totals.runs_reused)
        };
        *made += counts.made;
        *reused += counts.reused;
        let (_, bytes) = counts.kinds.totals();
        self.live_bytes += bytes as usize - counts.detached_bytes;
        self.taken_bytes += counts.taken_bytes - counts.detached_taken_bytes;
        self.totals.taken_bytes += counts.taken_bytes as u64;
    }

    fn finish(mut self) -> Self {
        let (requests, bytes) = self.kinds.totals();
        self.totals.opened = 1;
        self.totals.requests = requests;
        self.totals.handed_out_bytes = bytes;
        self.totals.wasted_bytes = self.totals.taken_bytes - bytes;
        self
    }
}

/// A number of the calling thread, consecutive over the threads of the process that used a scope.
fn thread_index() -> usize {
    use std::sync::atomic::AtomicUsize;
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static INDEX: usize = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
    INDEX.with(|&index| index)
}
