//! Plans: what a frame will take, described before it starts.

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

/// The requests of a frame, described before the frame starts: how much memory it takes at most,
/// and by which stages.
///
/// A description repeats what the frame will do: the same requests, stages and tasks in the same
/// order, and the largest size where it is not known beforehand. The plan serves them as an arena
/// does that holds nothing yet, without taking memory.
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
/// * Planes that are [detached](ScopePlan::detached_planes) from a scope, for as long as the plan
///   says.
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
    /// The record of the frame that is described was taken.
    has_frame_record: bool,
}

/// What a [`FramePlan`] says of the stages of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StagePlan {
    /// The name; `(frame)` for planes of the frame itself, `(scratch)` for all scratch scopes.
    pub name: &'static str,
    /// Most bytes granted at once.
    pub peak_bytes: usize,
    live_bytes: usize,
}

impl FramePlan {
    /// Makes a plan of nothing, for frames of `arena` and of arenas with the same options.
    pub fn new(arena: &Arena) -> Self {
        Self {
            memory: PlannedMemory::new(arena.store().sizing),
            stages: vec![StagePlan::new(FRAME_NAME), StagePlan::new(SCRATCH_NAME)],
            live_bytes: 0,
            peak_bytes: 0,
            has_frame_record: false,
        }
    }

    /// Adds a frame, after those that were added before: memory that they returned serves it.
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

    /// Returns the bytes of all blocks, runs and records that the frames take from the system, in
    /// an arena that holds nothing: what [`Arena::reserve`] takes, and what counts against a limit.
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
