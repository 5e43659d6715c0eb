use super::{FramePlan, PlanRequest, SCRATCH_STAGE, ScratchPlan};
use crate::layout::{self, block_room_bytes};
use crate::memory::Run;
use crate::sizing::{OPEN_RUNS, RunSize, shared_room_bytes};
use crate::{AllocError, Sample};

/// Describes a frame or a stage to a plan: its requests, stages and tasks, in their order.
#[derive(Debug)]
pub struct ScopePlan<'p> {
    plan: &'p mut FramePlan,
    stage: usize,
    /// Runs taken, in bytes.
    runs: Vec<usize>,
    /// Bytes left in the runs that may serve further requests.
    rooms: [usize; OPEN_RUNS],
    held_bytes: usize,
    blocks: usize,
    /// Bytes left in the last block.
    block_bytes: usize,
    live_bytes: usize,
    /// Whether the record of the scope was taken.
    has_record: bool,
}

/// Stands for detached planes of a plan, until it is [dropped](FramePlan::drop_detached).
#[derive(Debug)]
#[must_use = "a plan drops detached planes where the decode does"]
pub struct DetachedPlan {
    /// Bytes of the run, and those granted; `None` for planes without samples.
    run: Option<(usize, usize)>,
}

/// Memory of tasks that are open at the same time.
struct OpenTasks {
    taken_bytes: usize,
    /// Runs and blocks that are unused when the tasks end.
    idle_runs: Vec<usize>,
    idle_blocks: usize,
}

impl FramePlan {
    /// Drops detached planes: later requests of the plan may use their memory.
    pub fn drop_detached(&mut self, planes: DetachedPlan) {
        if let Some((run, bytes)) = planes.run {
            self.memory.give_run(run);
            self.live_bytes -= bytes;
        }
    }
}

impl<'p> ScopePlan<'p> {
    pub(super) fn run<E>(
        plan: &'p mut FramePlan,
        stage: usize,
        describe: impl FnOnce(&mut ScopePlan<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut scope = ScopePlan {
            plan,
            stage,
            runs: Vec::new(),
            rooms: [0; OPEN_RUNS],
            held_bytes: 0,
            blocks: 0,
            block_bytes: 0,
            live_bytes: 0,
            has_record: false,
        };
        describe(&mut scope)?;
        scope.close();
        Ok(())
    }

    /// Returns the bytes that the whole plan holds so far; see [`FramePlan::held_bytes`].
    pub fn held_bytes(&self) -> usize {
        self.plan.memory.held_bytes()
    }

    /// Describes a stage inside, which ends before anything described after this call.
    ///
    /// # Errors
    /// [`AllocError::SizeOverflow`], and what `describe` returns.
    pub fn stage<E: From<AllocError>>(
        &mut self,
        name: &'static str,
        describe: impl FnOnce(&mut ScopePlan<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let stage = self.plan.stage_index(name);
        ScopePlan::run(self.plan, stage, describe)
    }

    /// Describes tasks with a scratch each, of which at most `at_once` are open at the same time:
    /// the number of threads, or of tasks if that is less. `describe` describes the task that needs
    /// the most.
    ///
    /// # Errors
    /// [`AllocError::SizeOverflow`], and what `describe` returns.
    pub fn tasks<E: From<AllocError>>(
        &mut self,
        at_once: usize,
        describe: impl FnOnce(&mut ScratchPlan) -> Result<(), E>,
    ) -> Result<(), E> {
        let task = self.task(describe)?;
        self.tasks_of_kinds(at_once, &[(at_once, task)]);
        Ok(())
    }

    /// Describes a task for [`tasks_of_kinds`](Self::tasks_of_kinds).
    ///
    /// # Errors
    /// What `describe` returns.
    pub fn task<E>(
        &self,
        describe: impl FnOnce(&mut ScratchPlan) -> Result<(), E>,
    ) -> Result<ScratchPlan, E> {
        let mut task = ScratchPlan::new(self.plan.memory.sizing);
        describe(&mut task)?;
        Ok(task)
    }

    /// Describes tasks of several kinds that run in any order, at most `at_once` of them at the
    /// same time. `kinds` has the number of tasks of each kind. Kinds that need the most come
    /// first: the plan assumes that these are open together.
    pub fn tasks_of_kinds(&mut self, at_once: usize, kinds: &[(usize, ScratchPlan)]) {
        let mut left = at_once;
        let first = kinds.iter().map(|(count, task)| {
            let open = left.min(*count);
            left -= open;
            (open, task)
        });
        let first: Vec<_> = first.collect();
        self.open_tasks(&first);
        for ((count, task), (opened, _)) in kinds.iter().zip(&first) {
            let most = at_once.min(*count);
            if most > *opened {
                self.open_tasks(&[(most, task)]);
            }
        }
    }

    /// Describes a scratch that is open during everything that `inside` describes.
    ///
    /// # Errors
    /// What `inside` returns.
    pub fn scratch_around<E>(
        &mut self,
        scratch: &ScratchPlan,
        inside: impl FnOnce(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        let opened = self.take_tasks(&[(1, scratch)]);
        inside(self)?;
        self.give_tasks(opened);
        Ok(())
    }

    /// Tasks that are open at the same time.
    fn open_tasks(&mut self, tasks: &[(usize, &ScratchPlan)]) {
        let opened = self.take_tasks(tasks);
        self.give_tasks(opened);
    }

    fn take_tasks(&mut self, tasks: &[(usize, &ScratchPlan)]) -> OpenTasks {
        if tasks
            .iter()
            .any(|&(count, task)| count > 0 && task.takes_memory())
        {
            self.plan.take_frame_record();
        }
        let memory = &mut self.plan.memory;
        let (mut taken_bytes, mut idle_runs) = (0, Vec::new());
        let mut idle_blocks = 0;
        for &(count, task) in tasks {
            let [certain, possible] = task.needs();
            for (needs, is_certain) in [(certain, true), (possible, false)] {
                for &sizes in needs.runs.iter().cycle().take(count * needs.runs.len()) {
                    let made = memory.runs_made().len();
                    let run = memory.take_run(sizes);
                    taken_bytes += run.sized_bytes;
                    if is_certain || memory.runs_made().len() == made {
                        idle_runs.push(run.capacity_bytes);
                    }
                }
            }
            // All blocks have one size, so only their number matters.
            let blocks = count * (certain.blocks + possible.blocks);
            taken_bytes += (0..blocks).map(|_| memory.take_block()).sum::<usize>();
            idle_blocks += blocks;
        }
        self.plan.grant(SCRATCH_STAGE, taken_bytes);
        OpenTasks {
            taken_bytes,
            idle_runs,
            idle_blocks,
        }
    }

    fn give_tasks(&mut self, opened: OpenTasks) {
        let memory = &mut self.plan.memory;
        opened
            .idle_runs
            .into_iter()
            .for_each(|run| memory.give_run(run));
        (0..opened.idle_blocks).for_each(|_| memory.give_block());
        self.plan.return_bytes(SCRATCH_STAGE, opened.taken_bytes);
    }

    /// Describes a set of planes of the scope that is [detached](crate::Scope::detach_planes) from
    /// it and lives until it is [dropped](FramePlan::drop_detached).
    ///
    /// # Errors
    /// [`AllocError::SizeOverflow`].
    pub fn detached_planes<T: Sample>(
        &mut self,
        count: usize,
        width: usize,
        height: usize,
    ) -> Result<DetachedPlan, AllocError> {
        let bytes = layout::planes(count, width, height, size_of::<T>())?.bytes;
        if bytes == 0 {
            return Ok(DetachedPlan { run: None });
        }
        let sizing = self.plan.memory.sizing;
        if bytes <= sizing.shared_request_bytes {
            // It is copied.
            self.bytes(bytes)?;
        }
        self.take_records();
        let run = self.plan.memory.take_run(sizing.run(bytes)?);
        self.plan.live_bytes += bytes;
        self.plan.peak_bytes = self.plan.peak_bytes.max(self.plan.live_bytes);
        Ok(DetachedPlan {
            run: Some((run.capacity_bytes, bytes)),
        })
    }

    /// Bytes of a request that shares a run.
    fn share_run(&mut self, bytes: usize, padded: usize) -> Result<(), AllocError> {
        let rooms = self.rooms.iter_mut();
        let fits = rooms.filter(|room| **room >= bytes);
        if let Some(room) = fits.min_by_key(|room| **room) {
            *room = room.saturating_sub(padded);
            return Ok(());
        }
        let sizing = self.plan.memory.sizing;
        let room = shared_room_bytes(bytes, sizing.shared_run_bytes, self.held_bytes);
        let size = sizing.shared_run(bytes, room)?;
        let sized_bytes = self.take_run(size);
        let left = Run::least_room_bytes(sized_bytes).saturating_sub(padded);
        let least = self.rooms.iter_mut().min_by_key(|room| **room);
        if let Some(least) = least.filter(|least| **least < left) {
            *least = left;
        }
        Ok(())
    }

    /// Takes a run and returns the bytes of a new one that would grant as much.
    fn take_run(&mut self, size: RunSize) -> usize {
        let run = self.plan.memory.take_run(size);
        self.held_bytes += run.sized_bytes;
        self.runs.push(run.capacity_bytes);
        run.sized_bytes
    }

    /// Takes the records that the first request of a scope takes.
    fn take_records(&mut self) {
        self.plan.take_frame_record();
        if !std::mem::replace(&mut self.has_record, true) {
            self.plan.memory.take_scope();
        }
    }

    fn close(self) {
        for run in self.runs.iter().rev() {
            self.plan.memory.give_run(*run);
        }
        for _ in 0..self.blocks {
            self.plan.memory.give_block();
        }
        if self.has_record {
            self.plan.memory.give_scope();
        }
        self.plan.return_bytes(self.stage, self.live_bytes);
    }
}

impl PlanRequest for ScopePlan<'_> {
    fn bytes(&mut self, bytes: usize) -> Result<(), AllocError> {
        if bytes == 0 {
            return Ok(());
        }
        let sizing = self.plan.memory.sizing;
        self.take_records();
        let padded = Run::grant_room_bytes(bytes).ok_or(AllocError::System {
            requested_bytes: bytes,
        })?;
        if bytes <= sizing.thread_request_bytes {
            if padded > self.block_bytes {
                self.plan.memory.take_block();
                self.blocks += 1;
                self.block_bytes = block_room_bytes(sizing.block_total_bytes);
            }
            self.block_bytes -= padded;
        } else if bytes <= sizing.shared_request_bytes {
            self.share_run(bytes, padded)?;
        } else {
            self.take_run(sizing.run(bytes)?);
        }
        self.live_bytes += bytes;
        self.plan.grant(self.stage, bytes);
        Ok(())
    }
}
