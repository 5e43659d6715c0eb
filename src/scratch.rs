use std::cell::RefCell;
use std::marker::PhantomData;

use crate::AllocError;
use crate::grant::{Fill, Grant};
use crate::memory::{Block, Chain, Granted, OnceBox, Run};
use crate::plane_source::PlaneSource;
use crate::recorder::ScopeTag;
use crate::sample::{Kind, SampleKind, Shape};
#[cfg(any(feature = "allocator-api2-02", feature = "allocator-api2-04", test))]
use crate::scope::take_once;
use crate::scope::{HeapRecord, HeapSource, Scope};
use crate::stats::{FrameStats, KindStats, SCRATCH_STAGE, StageStats};
use crate::store::{Returned, Store, Taken};

/// Working memory of one task, returned when the scratch is dropped.
///
/// It takes its own blocks, and runs for requests of more than half a block, so a task keeps its
/// memory if another one interrupts it on the same thread. Opening a scratch takes no memory,
/// unless it is opened [with room](Scope::scratch_with_room). With a feature, collections live in
/// it too: `&Scratch` is an allocator.
///
/// A scratch stays with the thread that opened it. Slices and planes requested from it may be
/// passed to tasks inside:
///
/// ```compile_fail,E0277
/// # use frame_arena::{Arena, PlaneAlloc};
/// # let arena = Arena::new();
/// # let frame = arena.frame();
/// let scratch = frame.scratch();
/// rayon::join(
///     || scratch.slice::<f32>(64).map(|_| ()), // another task cannot use it
///     || (),
/// );
/// ```
///
/// ```compile_fail,E0277
/// # use frame_arena::{Arena, PlaneAlloc};
/// # let arena = Arena::new();
/// # let frame = arena.frame();
/// let scratch = frame.scratch();
/// std::thread::scope(|threads| {
///     threads.spawn(move || drop(scratch)); // nor can it be given to another thread
/// });
/// ```
///
/// ```compile_fail,E0597
/// # use frame_arena::{Arena, PlaneAlloc};
/// # let arena = Arena::new();
/// # let frame = arena.frame();
/// let block = {
///     let scratch = frame.scratch();
///     scratch.slice::<f32>(64)? // the slice would outlive its scratch
/// };
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// ```compile_fail,E0505
/// # use frame_arena::{Arena, PlaneAlloc};
/// # let arena = Arena::new();
/// # let frame = arena.frame();
/// let scratch = frame.scratch();
/// let plane = scratch.plane::<f32>(8, 8)?;
/// drop(scratch);
/// plane.row(0); // the plane would outlive its scratch
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// ```compile_fail,E0505
/// # use frame_arena::{Arena, PlaneAlloc};
/// # let arena = Arena::new();
/// let frame = arena.frame();
/// let scratch = frame.scratch();
/// drop(frame); // the scratch would outlive its frame
/// drop(scratch);
/// ```
#[must_use = "a scratch ends when it is dropped"]
pub struct Scratch<'s> {
    scope: &'s Scope,
    /// The source of its memory.
    store: &'s Store,
    held: RefCell<Held>,
    /// Taken by the first collection.
    heap: OnceBox<HeapRecord>,
    tag: ScopeTag,
    /// Neither `Send` nor `Sync`.
    thread: PhantomData<*const ()>,
}

struct Held {
    /// Taken when the scratch was opened, for the first requests.
    room: Option<Box<Run>>,
    current: Option<Box<Block>>,
    full: Chain<Block>,
    runs: Chain<Run>,
    taken_bytes: usize,
    is_planned: bool,
    block_counts: Counted,
    run_counts: Counted,
    requests: KindStats,
}

/// Blocks or runs that a scratch took.
#[derive(Clone, Copy, Default)]
struct Counted {
    made: u32,
    reused: u32,
}

impl Counted {
    #[inline]
    fn add_to(self, made: &mut u64, reused: &mut u64) {
        *made += u64::from(self.made);
        *reused += u64::from(self.reused);
    }

    fn count<T>(&mut self, taken: &Taken<T>) {
        self.made += u32::from(taken.is_new);
        self.reused += u32::from(!taken.is_new);
    }
}

impl<'s> Scratch<'s> {
    pub(crate) fn new(scope: &'s Scope) -> Self {
        Self {
            scope,
            store: scope.store(),
            held: RefCell::new(Held {
                room: None,
                current: None,
                full: Chain::new(),
                runs: Chain::new(),
                taken_bytes: 0,
                is_planned: true,
                block_counts: Counted::default(),
                run_counts: Counted::default(),
                requests: KindStats::NONE,
            }),
            heap: OnceBox::new(),
            tag: scope.tag().scratch(),
            thread: PhantomData,
        }
    }

    pub(crate) fn beyond_plan(scope: &'s Scope) -> Self {
        let mut scratch = Self::new(scope);
        scratch.store = scope.store().beyond_plan();
        scratch.held.get_mut().is_planned = false;
        scratch
    }

    pub(crate) fn with_room(scope: &'s Scope, room_bytes: usize) -> Result<Self, AllocError> {
        let mut scratch = Self::new(scope);
        let store = scratch.store;
        scratch.held.get_mut().make_room(scope, store, room_bytes)?;
        Ok(scratch)
    }

    #[cfg(any(feature = "allocator-api2-02", feature = "allocator-api2-04", test))]
    /// The heap of the scratch's collections, and where its memory comes from.
    pub(crate) fn heap(&self) -> Result<(&HeapRecord, HeapSource<'_>), AllocError> {
        let stats = self.scope.root().stats_or_take()?;
        let heap = match self.heap.get() {
            Some(heap) => heap,
            None => take_once(
                &self.heap,
                self.scope.root(),
                self.store,
                |heap: &mut HeapRecord| {
                    heap.prepare(&self.store.sizing);
                },
            )?,
        };
        Ok((heap, self.heap_source(stats)))
    }

    fn heap_source<'h>(&'h self, stats: &'h FrameStats) -> HeapSource<'h> {
        HeapSource {
            store: self.scope.store(),
            stats,
            stage: SCRATCH_STAGE,
            tag: &self.tag,
            kind: Kind::Scratch,
        }
    }

    /// Ends the heap, if there is one.
    fn close_heap(&mut self) {
        let Some(mut heap) = self.heap.take() else {
            return;
        };
        if let Some(stats) = self.scope.root().stats() {
            heap.close(self.heap_source(stats));
        }
        let mut returned = Returned::new();
        returned.put_record(heap);
        self.store.return_memory(&mut returned);
    }

    fn grant_bytes(&self, bytes: usize, fill: Fill) -> Result<Granted, AllocError> {
        if bytes == 0 {
            return Ok(Granted::empty());
        }
        let mut held = self.held.borrow_mut();
        let granted = held.grant(self.scope, self.store, bytes)?;
        held.requests.count(bytes, granted.fresh);
        self.tag.request(granted.place, bytes, Kind::Scratch, fill);
        Ok(granted)
    }
}

impl Held {
    /// Counts the scratch as one opening.
    #[inline]
    fn add_to(&self, totals: &mut StageStats) {
        let taken_bytes = self.taken_bytes as u64;
        totals.opened += 1;
        totals.requests += self.requests.requests;
        totals.requested_bytes += self.requests.bytes;
        totals.taken_bytes += taken_bytes;
        totals.wasted_bytes = totals.wasted_bytes.max(taken_bytes - self.requests.bytes);
        self.block_counts
            .add_to(&mut totals.blocks_made, &mut totals.blocks_reused);
        self.run_counts
            .add_to(&mut totals.runs_made, &mut totals.runs_reused);
    }

    fn grant(&mut self, scope: &Scope, store: &Store, bytes: usize) -> Result<Granted, AllocError> {
        let from_room = self.room.as_mut().and_then(|room| room.grant(bytes));
        let from_block = |block: &mut Box<Block>| block.grant(bytes);
        if let Some(granted) = from_room.or_else(|| self.current.as_mut().and_then(from_block)) {
            return Ok(granted);
        }
        if bytes > store.sizing.scratch_request_bytes {
            let mut run = self.take_run(scope, store, bytes)?;
            let granted = run.grant(bytes).ok_or(AllocError::System {
                requested_bytes: run.total_bytes,
            });
            self.runs.push(run);
            return granted;
        }
        let mut block = self.take_block(scope, store)?;
        let granted = block.grant(bytes).ok_or(AllocError::System {
            requested_bytes: block.total_bytes,
        });
        if let Some(full) = self.current.replace(block) {
            self.full.push(full);
        }
        granted
    }

    /// Takes memory in which requests of `room_bytes` in total fit.
    fn make_room(
        &mut self,
        scope: &Scope,
        store: &Store,
        room_bytes: usize,
    ) -> Result<(), AllocError> {
        if room_bytes > store.sizing.block_room_bytes {
            self.room = Some(self.take_run(scope, store, room_bytes)?);
        } else if room_bytes > 0 {
            self.current = Some(self.take_block(scope, store)?);
        }
        Ok(())
    }

    fn take_run(
        &mut self,
        scope: &Scope,
        store: &Store,
        bytes: usize,
    ) -> Result<Box<Run>, AllocError> {
        let stats = scope.root().stats_or_take()?;
        let taken = store.take_run(store.sizing.run(bytes)?)?;
        self.count(scope, store, stats, taken.memory.total_bytes);
        self.run_counts.count(&taken);
        Ok(taken.memory)
    }

    fn take_block(&mut self, scope: &Scope, store: &Store) -> Result<Box<Block>, AllocError> {
        let stats = scope.root().stats_or_take()?;
        let taken = store.take_block()?;
        self.count(scope, store, stats, taken.memory.total_bytes);
        self.block_counts.count(&taken);
        Ok(taken.memory)
    }

    fn count(&mut self, scope: &Scope, store: &Store, stats: &FrameStats, taken_bytes: usize) {
        self.taken_bytes += taken_bytes;
        if !self.is_planned {
            store.unplanned().add(taken_bytes);
        }
        scope.take_scratch(stats, taken_bytes);
    }
}

impl PlaneSource for Scratch<'_> {
    #[allow(unsafe_code)]
    fn grant(
        &self,
        bytes: usize,
        _: SampleKind,
        _: Shape,
        fill: Fill,
    ) -> Result<Grant<'_>, AllocError> {
        let granted = self.grant_bytes(bytes, fill)?;
        let stale = granted.stale.clone();
        // SAFETY: the scratch keeps its blocks and runs as they are until it is dropped, which
        // cannot happen while the slice borrows from it. A forgotten scratch keeps them for ever.
        let bytes = unsafe { granted.into_slice() };
        Ok(Grant { bytes, stale })
    }
}

impl Drop for Scratch<'_> {
    fn drop(&mut self) {
        self.close_heap();
        self.tag.close();
        let held = self.held.get_mut();
        if held.taken_bytes == 0 {
            return;
        }
        if !held.is_planned {
            self.store.unplanned().sub(held.taken_bytes);
        }
        let mut blocks = std::mem::replace(&mut held.full, Chain::new());
        if let Some(block) = held.current.take() {
            blocks.push(block);
        }
        blocks.for_each_mut(Block::take_back);
        let mut runs = std::mem::replace(&mut held.runs, Chain::new());
        if let Some(room) = held.room.take() {
            runs.push(room);
        }
        runs.for_each_mut(Run::take_back);
        self.scope
            .give_scratch(held.taken_bytes, &held.requests, |totals| {
                held.add_to(totals)
            });
        let mut returned = Returned::new();
        returned.blocks = blocks;
        returned.runs = runs;
        self.store.return_memory(&mut returned);
    }
}

impl std::fmt::Debug for Scratch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let taken_bytes = self.held.borrow().taken_bytes;
        f.debug_struct("Scratch")
            .field("taken_bytes", &taken_bytes)
            .finish_non_exhaustive()
    }
}
