mod bump;

pub use bump::ScratchBump;

use std::cell::RefCell;
use std::marker::PhantomData;

use crate::AllocError;
use crate::figures::{KindFigures, Totals};
use crate::memory::{Block, BlockClass, Chain, Granted, Run};
use crate::recorder::ScopeTag;
use crate::request::Fill;
use crate::request::sealed::{Lent, Source};
use crate::sample::{Kind, SampleKind, Shape};
use crate::scope::Scope;
use crate::store::{Store, Taken};

/// Working memory of one task: it takes small blocks of its own and gives them back when dropped, so that a task which
/// another interrupts on the same thread keeps what it has.
///
/// A scratch stays with the thread that opened it; what was requested from it may be lent to tasks inside:
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
pub struct Scratch<'s> {
    scope: &'s Scope,
    /// Where its memory comes from and goes back to.
    store: &'s Store,
    held: RefCell<Held>,
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
    totals: Totals,
    requests: KindFigures,
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
                totals: Totals::default(),
                requests: KindFigures::NONE,
            }),
            tag: scope.tag().scratch(),
            thread: PhantomData,
        }
    }

    pub(crate) fn beyond_plan(scope: &'s Scope) -> Self {
        let mut scratch = Self::new(scope);
        scratch.store = scope.store().beyond_plan();
        scratch
    }

    pub(crate) fn with_room(scope: &'s Scope, room_bytes: usize) -> Result<Self, AllocError> {
        let mut scratch = Self::new(scope);
        let store = scratch.store;
        scratch.held.get_mut().make_room(scope, store, room_bytes)?;
        Ok(scratch)
    }

    /// A `bumpalo::Bump` with room for at least `room_bytes` in all, for collections. It does not grow beyond its block: use
    /// the `try_` methods of `bumpalo`'s collections where the room might not do.
    ///
    /// # Errors
    /// [`AllocError::BumpTooLarge`] if no block has that room, and those of a request.
    pub fn bump(&self, room_bytes: usize) -> Result<ScratchBump<'_>, AllocError> {
        ScratchBump::new(self.scope, &self.tag, room_bytes)
    }

    fn grant(&self, bytes: usize, fill: Fill) -> Result<Granted, AllocError> {
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
    fn grant(&mut self, scope: &Scope, store: &Store, bytes: usize) -> Result<Granted, AllocError> {
        let from_room = self.room.as_mut().and_then(|room| room.grant(bytes));
        let from_block = |block: &mut Box<Block>| block.grant(bytes);
        if let Some(granted) = from_room.or_else(|| self.current.as_mut().and_then(from_block)) {
            return Ok(granted);
        }
        if bytes > store.sizes.scratch_request_bytes {
            let mut run = self.take_run(scope, store, bytes)?;
            let granted = run.grant(bytes).ok_or(AllocError::System {
                asked_bytes: run.total_bytes,
            });
            self.runs.push(run);
            return granted;
        }
        let mut block = self.take_block(scope, store)?;
        let granted = block.grant(bytes).ok_or(AllocError::System {
            asked_bytes: block.total_bytes,
        });
        if let Some(full) = self.current.replace(block) {
            self.full.push(full);
        }
        granted
    }

    /// Takes what requests of `room_bytes` in all fit in.
    fn make_room(
        &mut self,
        scope: &Scope,
        store: &Store,
        room_bytes: usize,
    ) -> Result<(), AllocError> {
        if room_bytes > store.sizes.small_room_bytes {
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
        let taken = store.take_run(store.sizes.run(bytes)?)?;
        self.count(scope, taken.memory.total_bytes);
        count_made(
            &taken,
            &mut self.totals.runs_made,
            &mut self.totals.runs_reused,
        );
        Ok(taken.memory)
    }

    fn take_block(&mut self, scope: &Scope, store: &Store) -> Result<Box<Block>, AllocError> {
        let taken = store.take_block(BlockClass::Small)?;
        self.count(scope, taken.memory.total_bytes);
        count_made(
            &taken,
            &mut self.totals.blocks_made,
            &mut self.totals.blocks_reused,
        );
        Ok(taken.memory)
    }

    fn count(&mut self, scope: &Scope, taken_bytes: usize) {
        self.taken_bytes += taken_bytes;
        scope.take_scratch(taken_bytes);
    }
}

fn count_made<T>(taken: &Taken<T>, made: &mut u64, reused: &mut u64) {
    *made += u64::from(taken.made);
    *reused += u64::from(!taken.made);
}

impl Source for Scratch<'_> {
    #[allow(unsafe_code)]
    fn lend(
        &self,
        bytes: usize,
        _: SampleKind,
        _: Shape,
        fill: Fill,
    ) -> Result<Lent<'_>, AllocError> {
        let granted = self.grant(bytes, fill)?;
        let stale = granted.stale.clone();
        // SAFETY: the scratch keeps its blocks and runs as they are until it is dropped, which cannot come while the slice
        // borrows from it. A forgotten scratch keeps them for ever.
        let bytes = unsafe { granted.into_slice() };
        Ok(Lent { bytes, stale })
    }
}

impl Drop for Scratch<'_> {
    fn drop(&mut self) {
        self.tag.close();
        let held = self.held.get_mut();
        if held.taken_bytes == 0 {
            return;
        }
        let mut blocks = std::mem::replace(&mut held.full, Chain::new());
        if let Some(block) = held.current.take() {
            blocks.push(block);
        }
        blocks.for_each_mut(Block::hand_back);
        let mut runs = std::mem::replace(&mut held.runs, Chain::new());
        if let Some(room) = held.room.take() {
            runs.push(room);
        }
        runs.for_each_mut(Run::hand_back);
        let totals = Totals {
            opened: 1,
            requests: held.requests.requests,
            handed_out_bytes: held.requests.bytes,
            taken_bytes: held.taken_bytes as u64,
            wasted_bytes: held.taken_bytes as u64 - held.requests.bytes,
            ..held.totals
        };
        self.scope
            .give_scratch(held.taken_bytes, &totals, &held.requests);
        self.store.give_back(blocks, runs);
    }
}
