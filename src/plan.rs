//! Plans: the requests of a frame, described before it starts.

mod memory;
mod request;
mod scope;
mod scratch;

use crate::AllocError;
use crate::Arena;
use crate::stats::{FRAME_NAME, FRAME_STAGE, SCRATCH_NAME, SCRATCH_STAGE};
pub(crate) use memory::PlannedMemory;

pub use request::PlanRequest;
pub use scope::{DetachedPlan, ScopePlan};
pub use scratch::{ScratchPlan, ScratchRoom};

/// A description of the requests of a frame before it starts, which tells how much memory the frame
/// and its stages will take.
///
/// The description states the same requests, stages and tasks as the frame, in the same order.
/// Where a size is not known beforehand, it states the largest. The plan simulates a new arena that
/// serves these requests, without taking their memory.
///
/// ```
/// use frame_arena::{Arena, FramePlan, PlaneAlloc, PlanRequest};
///
/// let arena = Arena::builder().limit_bytes(16 << 20).build();
/// let threads = 2;
/// let mut plan = FramePlan::new(&arena);
/// plan.frame(|frame| {
///     frame.planes::<f32>(3, 640, 480)?;
///     frame.stage("coefficients", |stage| {
///         stage.plane::<i32>(640, 480)?;
///         stage.tasks(threads, |scratch| scratch.slice::<f32>(64 * 64))
///     })
/// })?;
/// assert!(plan.held_bytes() > 4 * 640 * 480 * 4 && plan.held_bytes() < 16 << 20);
///
/// let reserved = arena.reserve(&plan)?; // all of it, or an error
/// let frame = reserved.frame();
/// let xyb = frame.planes::<f32>(3, 640, 480)?; // takes nothing from the system
/// # drop(xyb);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// # What a plan covers
///
/// * Planes, sets, pictures and slices of frames, stages and scratch, and the records of frames and
///   stages. Requests of a scope are assumed to come from one thread, those of
///   [tasks](ScopePlan::tasks) from any.
/// * Planes that are [detached](ScopePlan::detached_planes) from a scope, until the plan drops
///   them.
///
/// A plan does not cover [charges](crate::Scope::charge), collections,
/// [`scratch_beyond_plan`](crate::Scope::scratch_beyond_plan), and the records of owned scopes and
/// of further threads of a scope. In a reserve, those come from the arena behind it, under its
/// limit.
#[derive(Debug)]
pub struct FramePlan {
    memory: PlannedMemory,
    /// The frame itself, all scratch, then stages in the order of first opening.
    stages: Vec<StagePlan>,
    live_bytes: usize,
    peak_bytes: usize,
    /// Whether the record of the frame was taken.
    has_frame_record: bool,
}

/// The memory of all stages of one name in a [`FramePlan`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StagePlan {
    /// Name of the stages; `(frame)` for planes of the frame itself, `(scratch)` for all scratch.
    pub name: &'static str,
    /// Most bytes granted at once.
    pub peak_bytes: usize,
    live_bytes: usize,
}

impl FramePlan {
    /// Makes an empty plan, for frames of `arena` and of arenas with the same options.
    pub fn new(arena: &Arena) -> Self {
        Self {
            memory: PlannedMemory::new(arena.store().sizing),
            stages: vec![StagePlan::new(FRAME_NAME), StagePlan::new(SCRATCH_NAME)],
            live_bytes: 0,
            peak_bytes: 0,
            has_frame_record: false,
        }
    }

    /// Adds a frame that runs after the frames added so far, with the memory that they return.
    ///
    /// # Errors
    /// [`AllocError::SizeOverflow`], and what `describe` returns.
    pub fn frame<E: From<AllocError>>(
        &mut self,
        describe: impl FnOnce(&mut ScopePlan<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let outcome = ScopePlan::run(self, FRAME_STAGE, describe);
        if std::mem::take(&mut self.has_frame_record) {
            self.memory.give_frame();
        }
        outcome
    }

    /// Returns the bytes of all blocks, runs and records that the frames take from the system in a
    /// new arena. [`Arena::reserve`] takes these bytes, and they count against a limit.
    pub fn held_bytes(&self) -> usize {
        self.memory.held_bytes()
    }

    /// Returns the most bytes granted at once.
    pub fn peak_bytes(&self) -> usize {
        self.peak_bytes
    }

    /// Returns the plan by stage name, in the order of first opening; the frame's own planes and
    /// all scratch come first.
    pub fn stages(&self) -> &[StagePlan] {
        &self.stages
    }

    pub(crate) fn memory(&self) -> &PlannedMemory {
        &self.memory
    }

    /// Takes the record that the first request of a frame takes.
    fn take_frame_record(&mut self) {
        if !std::mem::replace(&mut self.has_frame_record, true) {
            self.memory.take_frame();
        }
    }

    fn stage_index(&mut self, name: &'static str) -> usize {
        let known = self.stages.iter().position(|stage| stage.name == name);
        known.unwrap_or_else(|| {
            self.stages.push(StagePlan::new(name));
            self.stages.len() - 1
        })
    }

    fn grant(&mut self, stage: usize, bytes: usize) {
        let stage = &mut self.stages[stage];
        stage.live_bytes += bytes;
        stage.peak_bytes = stage.peak_bytes.max(stage.live_bytes);
        self.live_bytes += bytes;
        self.peak_bytes = self.peak_bytes.max(self.live_bytes);
    }

    fn return_bytes(&mut self, stage: usize, bytes: usize) {
        self.stages[stage].live_bytes -= bytes;
        self.live_bytes -= bytes;
    }
}

impl StagePlan {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            peak_bytes: 0,
            live_bytes: 0,
        }
    }
}
