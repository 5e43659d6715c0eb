//! The memory of an arena: what is not in use now, and the one count of all that is held.

mod idle;
mod reserved;

use crate::AllocError;
use crate::Retention;
use crate::epoch::{Epoch, Epochs};
use crate::figures::{ArenaSnapshot, ChargeTable, FrameFigures, KindTable, Usage};
use crate::memory::{Block, BlockClass, Chain, Run, Source};
use crate::recorder::{RecordedClass, Recorder};
use crate::scope::ScopeState;
use crate::sync::{Arc, Mutex, lock};
use idle::Idle;
pub(crate) use idle::{RunSizes, best_fit};
use reserved::Reserve;

/// Bytes that a store takes from the system for a block, by class, and the requests that blocks serve.
#[derive(Clone, Copy)]
pub(crate) struct BlockSizes {
    pub(crate) small_total_bytes: usize,
    pub(crate) large_total_bytes: usize,
    pub(crate) small_room_bytes: usize,
    pub(crate) large_room_bytes: usize,
    /// Largest request of a scratch that its block serves; others get a run.
    pub(crate) scratch_request_bytes: usize,
    /// Largest request of a frame or stage that the thread's small block serves.
    pub(crate) thread_request_bytes: usize,
    /// Largest request of a frame or stage that shares a run; others get one of their own.
    pub(crate) shared_request_bytes: usize,
    /// Room of the largest shared runs.
    pub(crate) shared_run_bytes: usize,
}

impl BlockSizes {
    pub(crate) fn total_bytes(&self, class: BlockClass) -> usize {
        match class {
            BlockClass::Small => self.small_total_bytes,
            BlockClass::Large => self.large_total_bytes,
        }
    }

    /// The runs that do for a request of `bytes` alone.
    pub(crate) fn run(&self, bytes: usize) -> Result<RunSizes, AllocError> {
        let least = run_total_bytes(bytes)?;
        Ok(RunSizes {
            request: bytes,
            least,
            wanted: least,
            most: least.saturating_mul(LARGEST_RUN_OVER_REQUEST),
        })
    }

    /// The runs that do for a request of `bytes` and others; one with room for `wanted_bytes` if it must be made.
    pub(crate) fn shared_run(
        &self,
        bytes: usize,
        wanted_bytes: usize,
    ) -> Result<RunSizes, AllocError> {
        let wanted = run_total_bytes(wanted_bytes)?;
        Ok(RunSizes {
            request: bytes,
            least: run_total_bytes(bytes)?,
            wanted,
            most: run_total_bytes(self.shared_run_bytes)?.max(wanted),
        })
    }
}

/// A run serves one request down to this fraction of its size.
const LARGEST_RUN_OVER_REQUEST: usize = 2;

/// Where the runs of a store come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RunSource {
    GlobalAllocator,
    System {
        /// Ask for huge pages behind runs that one request has to itself.
        huge_pages: bool,
    },
}

/// Memory taken from a store.
pub(crate) struct Taken<T> {
    pub(crate) memory: Box<T>,
    /// It came from the system, not from an earlier scope.
    pub(crate) made: bool,
}

impl<T> Taken<T> {
    fn reused(memory: Box<T>) -> Self {
        Self {
            memory,
            made: false,
        }
    }
}

/// The store that all scopes of an arena share.
///
/// Lock order: a scope's slot or run list, then the store. Nothing of a user runs under either.
pub(crate) struct Store {
    pub(crate) sizes: BlockSizes,
    /// Bytes handed out by all open scopes and detached planes.
    pub(crate) live: Usage,
    pub(crate) recorder: Recorder,
    limit_bytes: usize,
    retention: Retention,
    /// Where runs come from.
    runs_from: RunSource,
    /// Of a store that takes nothing from the system itself.
    reserve: Option<Reserve>,
    inner: Mutex<Inner>,
}

struct Inner {
    idle: Idle,
    /// Blocks, runs and charges, in use or not.
    held_bytes: usize,
    /// Bytes of these that the system was asked for and has not granted yet.
    pending_bytes: usize,
    peak_held_bytes: usize,
    charged_bytes: usize,
    charges: ChargeTable,
    blocks_made: u64,
    blocks_reused: u64,
    runs_made: u64,
    runs_reused: u64,
    frames: u64,
    open_frames: usize,
    epochs: Epochs,
    kinds: KindTable,
}

impl Store {
    pub(crate) fn new(
        sizes: BlockSizes,
        limit_bytes: usize,
        retention: Retention,
        runs_from: RunSource,
        recorder: Recorder,
    ) -> Self {
        Self {
            sizes,
            live: Usage::new(),
            recorder,
            limit_bytes,
            retention,
            runs_from,
            reserve: None,
            inner: Mutex::new(Inner {
                idle: Idle::new(),
                held_bytes: 0,
                pending_bytes: 0,
                peak_held_bytes: 0,
                charged_bytes: 0,
                charges: ChargeTable::new(),
                blocks_made: 0,
                blocks_reused: 0,
                runs_made: 0,
                runs_reused: 0,
                frames: 0,
                open_frames: 0,
                epochs: Epochs::new(),
                kinds: KindTable::new(),
            }),
        }
    }

    pub(crate) fn take_block(&self, class: BlockClass) -> Result<Taken<Block>, AllocError> {
        let total_bytes = self.sizes.total_bytes(class);
        let mut inner = lock(&self.inner);
        if let Some(memory) = inner.idle.take_block(class) {
            inner.blocks_reused += 1;
            memory.tag.reuse();
            return Ok(Taken::reused(memory));
        }
        if let Some(reserve) = &self.reserve {
            drop(inner);
            let taken = reserve.take_unplanned_block(class)?;
            return self.count_block(taken);
        }
        inner.admit(total_bytes, self.limit_bytes)?;
        inner.pending_bytes += total_bytes;
        drop(inner);
        let recorded = match class {
            BlockClass::Small => RecordedClass::Block,
            BlockClass::Large => RecordedClass::LargeBlock,
        };
        let memory = Block::new(class, total_bytes);
        self.make(total_bytes, memory, |inner, block| {
            inner.idle.expect_block(class)?;
            inner.blocks_made += 1;
            block.tag = self.recorder.made(recorded, total_bytes);
            Ok(())
        })
    }

    /// Takes a run of one of `sizes`, of the least one only where the limit does not allow the wanted.
    pub(crate) fn take_run(&self, sizes: RunSizes) -> Result<Taken<Run>, AllocError> {
        let mut inner = lock(&self.inner);
        let mut found = inner.idle.take_run(sizes);
        if found.is_none() && self.reserve.is_some() {
            // There is no more: what is far too large does, too.
            found = inner.idle.take_run(RunSizes {
                most: usize::MAX,
                ..sizes
            });
        }
        if let Some(memory) = found {
            inner.runs_reused += 1;
            memory.tag.reuse();
            return Ok(Taken::reused(memory));
        }
        if let Some(reserve) = &self.reserve {
            drop(inner);
            let taken = reserve.take_unplanned_run(sizes)?;
            return self.count_run(taken);
        }
        let largest_shared = run_total_bytes(self.sizes.shared_run_bytes)?;
        let mut total_bytes = sizes.wanted;
        if inner.admit(total_bytes, self.limit_bytes).is_err() {
            total_bytes = sizes.least;
            inner.admit(total_bytes, self.limit_bytes)?;
        }
        inner.pending_bytes += total_bytes;
        drop(inner);
        let is_shared = total_bytes <= largest_shared;
        let source = match self.runs_from {
            RunSource::GlobalAllocator => Source::GlobalAllocator,
            RunSource::System { huge_pages } => Source::System {
                huge_bytes: if huge_pages && !is_shared {
                    sizes.request
                } else {
                    0
                },
            },
        };
        let mut memory = Run::new(total_bytes, source);
        if is_shared {
            // Another scope may share it and use it deeper.
            memory.iter_mut().for_each(|run| run.touch());
        }
        self.make(total_bytes, memory, |inner, run| {
            inner.idle.expect_run()?;
            inner.runs_made += 1;
            run.tag = self.recorder.made(RecordedClass::Run, total_bytes);
            Ok(())
        })
    }

    /// Counts memory that the system was just asked for, already admitted, or gives up what was admitted for it.
    fn make<T>(
        &self,
        admitted_bytes: usize,
        memory: Result<Box<T>, AllocError>,
        count: impl FnOnce(&mut Inner, &mut T) -> Result<(), AllocError>,
    ) -> Result<Taken<T>, AllocError> {
        let mut inner = lock(&self.inner);
        inner.pending_bytes -= admitted_bytes;
        let made = memory.and_then(|mut memory| count(&mut inner, &mut memory).map(|()| memory));
        match made {
            Ok(memory) => {
                inner.note_peak();
                Ok(Taken { memory, made: true })
            }
            Err(refused) => {
                inner.held_bytes -= admitted_bytes;
                Err(refused)
            }
        }
    }

    /// Takes back memory that no scope uses any more; it was [handed back](Block::hand_back) to its blocks and runs.
    ///
    /// What a scope took last comes first and goes undermost: the same sequence of requests finds the same blocks, so
    /// the pages that it touches were touched before.
    pub(crate) fn give_back(&self, blocks: Chain<Block>, runs: Chain<Run>) {
        lock(&self.inner).put_back(blocks, runs, self.retention);
    }

    /// Takes back a scope and [what it held](Self::give_back).
    pub(crate) fn end_scope(&self, blocks: Chain<Block>, runs: Chain<Run>, state: Box<ScopeState>) {
        let mut inner = lock(&self.inner);
        inner.put_back(blocks, runs, self.retention);
        inner.idle.put_scope(state);
    }

    #[allow(clippy::boxed_local)]
    /// Gives a block that cannot be used again to the system.
    pub(crate) fn discard(&self, block: Box<Block>) {
        let mut inner = lock(&self.inner);
        inner.held_bytes -= block.total_bytes;
        inner.idle.expect_no_more(block.class);
        if let Some(reserve) = &self.reserve {
            reserve.parent().live.sub(block.total_bytes);
            reserve.parent().discard(block);
        }
    }

    /// Counts `bytes` that others allocate for `origin` against the limit.
    pub(crate) fn charge(&self, origin: &'static str, bytes: usize) -> Result<(), AllocError> {
        if let Some(reserve) = &self.reserve {
            reserve.parent().charge(origin, bytes)?;
            let mut inner = lock(&self.inner);
            inner.hold(bytes);
            inner.charged_bytes += bytes;
            inner.charges.add(origin, bytes);
            return Ok(());
        }
        let mut inner = lock(&self.inner);
        inner.admit(bytes, self.limit_bytes)?;
        inner.charged_bytes += bytes;
        inner.charges.add(origin, bytes);
        inner.note_peak();
        Ok(())
    }

    pub(crate) fn discharge(&self, origin: &'static str, bytes: usize) {
        let mut inner = lock(&self.inner);
        inner.charged_bytes -= bytes;
        inner.charges.sub(origin, bytes);
        inner.held_bytes -= bytes;
        if let Some(reserve) = &self.reserve {
            reserve.parent().discharge(origin, bytes);
        }
    }

    pub(crate) fn begin_frame(&self) -> (Arc<FrameFigures>, Epoch) {
        let mut inner = lock(&self.inner);
        inner.open_frames += 1;
        (inner.idle.take_figures(), inner.epochs.begin())
    }

    pub(crate) fn end_frame(&self, figures: Arc<FrameFigures>, begun: Epoch) {
        let mut inner = lock(&self.inner);
        let inner = &mut *inner;
        inner.open_frames -= 1;
        inner.frames += 1;
        figures.add_kinds_to(&mut inner.kinds);
        inner.idle.put_figures(figures);
        inner.end_use(begun, self.retention);
    }

    pub(crate) fn take_scope(&self) -> Box<ScopeState> {
        lock(&self.inner).idle.take_scope()
    }

    /// Counts a request that no frame counts.
    pub(crate) fn count_request(&self, kind: crate::Kind, bytes: usize, missed: bool) {
        lock(&self.inner).kinds.count(kind, bytes, missed);
    }

    /// Releases all memory that is neither in use nor reserved.
    pub(crate) fn trim(&self) {
        if self.reserve.is_some() {
            return;
        }
        let mut inner = lock(&self.inner);
        inner.held_bytes -= inner.idle.release_all();
    }

    pub(crate) fn snapshot(&self) -> ArenaSnapshot {
        let inner = lock(&self.inner);
        let in_use_bytes = inner.granted_bytes() - inner.idle.bytes() - inner.charged_bytes;
        let (live_bytes, peak_bytes) = self.live.read();
        ArenaSnapshot {
            live_bytes,
            peak_bytes,
            in_use_bytes,
            retained_bytes: inner.idle.bytes(),
            charged_bytes: inner.charged_bytes,
            peak_held_bytes: inner.peak_held_bytes,
            limit_bytes: self.limit_bytes,
            wasted_bytes: in_use_bytes.saturating_sub(live_bytes),
            blocks_made: inner.blocks_made,
            blocks_reused: inner.blocks_reused,
            runs_made: inner.runs_made,
            runs_reused: inner.runs_reused,
            open_frames: inner.open_frames,
            frames: inner.frames,
            kinds: inner.kinds.report(),
            charges: inner.charges.report(),
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.give_up_reserve();
    }
}

fn run_total_bytes(bytes: usize) -> Result<usize, AllocError> {
    Run::total_bytes_for(bytes).ok_or(AllocError::System { asked_bytes: bytes })
}

impl Inner {
    fn put_back(&mut self, blocks: Chain<Block>, runs: Chain<Run>, retention: Retention) {
        let now = self.epochs.now();
        for mut block in blocks {
            block.last_used = now;
            block.tag.keep();
            self.idle.put_block(block);
        }
        for mut run in runs {
            run.last_used = now;
            run.tag.keep();
            self.idle.put_run(run);
        }
        if let Retention::UpTo { bytes } = retention {
            while self.idle.bytes() > bytes {
                self.held_bytes -= self.idle.release_oldest();
            }
        }
    }

    /// Counts `bytes` as held if the limit allows, giving memory that is not in use back to the system where needed.
    fn admit(&mut self, bytes: usize, limit_bytes: usize) -> Result<(), AllocError> {
        let in_use_bytes = self.held_bytes - self.idle.bytes();
        if in_use_bytes > limit_bytes || limit_bytes - in_use_bytes < bytes {
            return Err(AllocError::LimitExceeded {
                asked_bytes: bytes,
                in_use_bytes,
                limit_bytes,
            });
        }
        while limit_bytes - self.held_bytes < bytes {
            self.held_bytes -= self.idle.release_oldest();
        }
        self.held_bytes += bytes;
        Ok(())
    }

    /// Counts bytes as held that another store admitted.
    fn hold(&mut self, bytes: usize) {
        self.held_bytes += bytes;
        self.note_peak();
    }

    /// Counts the end of a frame or reserve that began in `begun`, and releases what the last frames did not use.
    fn end_use(&mut self, begun: Epoch, retention: Retention) {
        let is_next = self.epochs.end(begun);
        if let (true, Retention::Decay { frames }) = (is_next, retention) {
            let oldest = self.epochs.before(frames);
            self.held_bytes -= self.idle.release_unused_since(oldest);
        }
    }

    /// Bytes held that the system granted.
    fn granted_bytes(&self) -> usize {
        self.held_bytes - self.pending_bytes
    }

    fn note_peak(&mut self) {
        self.peak_held_bytes = self.peak_held_bytes.max(self.granted_bytes());
    }
}
