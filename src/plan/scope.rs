use super::{FramePlan, PlanRequest, SCRATCH_STAGE, ScratchPlan};
use crate::AllocError;
use crate::layout::block_room_bytes;
use crate::memory::{BlockClass, Run};
use crate::scope::{OPEN_RUNS, shared_room_bytes};

/// Describes a frame or a stage: its requests, the stages and the tasks inside, in their order.
pub struct ScopePlan<'p> {
    plan: &'p mut FramePlan,
    stage: usize,
    /// Runs taken, in bytes.
    runs: Vec<usize>,
    /// Bytes that runs which may serve further requests can still grant.
    rooms: [usize; OPEN_RUNS],
    held_bytes: usize,
    blocks: usize,
    /// What is left of the last block.
    block_bytes: usize,
    live_bytes: usize,
}

impl<'p> ScopePlan<'p> {
    pub(super) fn run(
        plan: &'p mut FramePlan,
        stage: usize,
        describe: impl FnOnce(&mut ScopePlan<'_>) -> Result<(), AllocError>,
    ) -> Result<(), AllocError> {
        let mut scope = ScopePlan {
            plan,
            stage,
            runs: Vec::new(),
            rooms: [0; OPEN_RUNS],
            held_bytes: 0,
            blocks: 0,
            block_bytes: 0,
            live_bytes: 0,
        };
        describe(&mut scope)?;
        scope.close();
        Ok(())
    }

    /// A stage inside, which ends before what is described next.
    ///
    /// # Errors
    /// [`AllocError::SizeOverflow`], and what `describe` returns.
    pub fn stage(
        &mut self,
        name: &'static str,
        describe: impl FnOnce(&mut ScopePlan<'_>) -> Result<(), AllocError>,
    ) -> Result<(), AllocError> {
        let stage = self.plan.stage_index(name);
        ScopePlan::run(self.plan, stage, describe)
    }

    /// Tasks with a scratch each, of which at most `at_once` are open at the same time: the number of threads, or of tasks if
    /// that is less. `describe` is for the task that needs most.
    ///
    /// # Errors
    /// [`AllocError::SizeOverflow`], and what `describe` returns.
    pub fn tasks(
        &mut self,
        at_once: usize,
        describe: impl FnOnce(&mut ScratchPlan) -> Result<(), AllocError>,
    ) -> Result<(), AllocError> {
        let memory = &mut self.plan.memory;
        let mut task = ScratchPlan::new(memory.sizes);
        describe(&mut task)?;
        let classes = [BlockClass::Small, BlockClass::Large];
        let mut taken_bytes = 0;
        let mut runs = Vec::new();
        for _ in 0..at_once {
            for &sizes in &task.runs {
                runs.push(memory.take_run(sizes));
            }
            for class in classes {
                taken_bytes += (0..task.blocks(class))
                    .map(|_| memory.take_block(class))
                    .sum::<usize>();
            }
        }
        taken_bytes += runs.iter().sum::<usize>();
        runs.into_iter().for_each(|run| memory.give_run(run));
        for class in classes {
            (0..at_once * task.blocks(class)).for_each(|_| memory.give_block(class));
        }
        self.plan.hand_out(SCRATCH_STAGE, taken_bytes);
        self.plan.hand_back(SCRATCH_STAGE, taken_bytes);
        Ok(())
    }

    /// Bytes of a request that shares a run.
    fn share_run(&mut self, bytes: usize, padded: usize) -> Result<(), AllocError> {
        let rooms = self.rooms.iter_mut();
        let fits = rooms.filter(|room| **room >= bytes);
        if let Some(room) = fits.min_by_key(|room| **room) {
            *room = room.saturating_sub(padded);
            return Ok(());
        }
        let sizes = self.plan.memory.sizes;
        let wanted = shared_room_bytes(bytes, sizes.shared_run_bytes, self.held_bytes);
        let run = self.take_run(sizes.shared_run(bytes, wanted)?);
        let left = Run::least_room_bytes(run).saturating_sub(padded);
        let least = self.rooms.iter_mut().min_by_key(|room| **room);
        if let Some(least) = least.filter(|least| **least < left) {
            *least = left;
        }
        Ok(())
    }

    fn take_run(&mut self, sizes: crate::store::RunSizes) -> usize {
        let run = self.plan.memory.take_run(sizes);
        self.held_bytes += run;
        self.runs.push(run);
        run
    }

    fn close(self) {
        for run in self.runs.iter().rev() {
            self.plan.memory.give_run(*run);
        }
        for _ in 0..self.blocks {
            self.plan.memory.give_block(BlockClass::Small);
        }
        self.plan.hand_back(self.stage, self.live_bytes);
    }
}

impl PlanRequest for ScopePlan<'_> {
    fn bytes(&mut self, bytes: usize) -> Result<(), AllocError> {
        if bytes == 0 {
            return Ok(());
        }
        let sizes = self.plan.memory.sizes;
        let padded =
            Run::grant_room_bytes(bytes).ok_or(AllocError::System { asked_bytes: bytes })?;
        if bytes <= sizes.thread_request_bytes {
            if padded > self.block_bytes {
                self.plan.memory.take_block(BlockClass::Small);
                self.blocks += 1;
                self.block_bytes = block_room_bytes(sizes.small_total_bytes);
            }
            self.block_bytes -= padded;
        } else if bytes <= sizes.shared_request_bytes {
            self.share_run(bytes, padded)?;
        } else {
            self.take_run(sizes.run(bytes)?);
        }
        self.live_bytes += bytes;
        self.plan.hand_out(self.stage, bytes);
        Ok(())
    }
}
