use super::PlanRequest;
use crate::AllocError;
use crate::layout::block_room_bytes;
use crate::memory::{BlockClass, Run};
use crate::store::{BlockSizes, RunSizes};

/// Adds up the requests of a task: the room to open its scratch with
/// ([`Scope::scratch_with_room`](crate::Scope::scratch_with_room)).
///
/// ```
/// use frame_arena::{Arena, PlaneAlloc, PlanRequest, ScratchRoom};
///
/// let mut room = ScratchRoom::new();
/// room.planes::<i32>(3, 256, 256)?;
/// room.slice::<f32>(300)?;
///
/// let arena = Arena::new();
/// let frame = arena.frame();
/// let scratch = frame.scratch_with_room(room.room_bytes())?;
/// let planes = scratch.planes::<i32>(3, 256, 256)?;
/// let row = scratch.slice::<f32>(300)?;
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ScratchRoom {
    bytes: usize,
}

impl ScratchRoom {
    /// No room.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes of all requests so far, with the padding between them.
    pub fn room_bytes(&self) -> usize {
        self.bytes
    }
}

impl PlanRequest for ScratchRoom {
    fn bytes(&mut self, bytes: usize) -> Result<(), AllocError> {
        let padded = Run::grant_room_bytes(bytes).and_then(|padded| self.bytes.checked_add(padded));
        self.bytes = padded.ok_or(AllocError::SizeOverflow {
            count: 1,
            width: bytes,
            height: 1,
            sample_bytes: 1,
        })?;
        Ok(())
    }
}

/// Describes the scratch of a task; see [`ScopePlan::tasks`](crate::ScopePlan::tasks).
pub struct ScratchPlan {
    sizes: BlockSizes,
    /// What is left of the run that the scratch was opened with, and of its last block.
    room_bytes: usize,
    block_bytes: usize,
    certain: Needs,
    possible: Needs,
    is_possible: bool,
}

/// Blocks and runs that a task takes.
#[derive(Default)]
pub(super) struct Needs {
    small_blocks: usize,
    large_blocks: usize,
    pub(super) runs: Vec<RunSizes>,
}

impl Needs {
    pub(super) fn blocks(&self, class: BlockClass) -> usize {
        match class {
            BlockClass::Small => self.small_blocks,
            BlockClass::Large => self.large_blocks,
        }
    }

    fn add(&mut self, mut other: Self) {
        self.small_blocks += other.small_blocks;
        self.large_blocks += other.large_blocks;
        self.runs.append(&mut other.runs);
    }
}

impl ScratchPlan {
    pub(super) fn new(sizes: BlockSizes) -> Self {
        Self {
            sizes,
            room_bytes: 0,
            block_bytes: 0,
            certain: Needs::default(),
            possible: Needs::default(),
            is_possible: false,
        }
    }

    /// What is certain, and what is only possible.
    pub(super) fn needs(&self) -> [&Needs; 2] {
        [&self.certain, &self.possible]
    }

    fn current(&mut self) -> &mut Needs {
        match self.is_possible {
            true => &mut self.possible,
            false => &mut self.certain,
        }
    }

    /// Requests that the task may have, or smaller ones, or none: the plan has room for them, and does not count on that
    /// memory for anything later.
    ///
    /// # Errors
    /// What `describe` returns.
    pub fn possibly<E>(
        &mut self,
        describe: impl FnOnce(&mut ScratchPlan) -> Result<(), E>,
    ) -> Result<(), E> {
        let outer = std::mem::replace(&mut self.is_possible, true);
        let runs = self.possible.runs.len();
        let described = describe(self);
        self.is_possible = outer;
        // Smaller requests than those of runs would be served by blocks: one holds at least two of them.
        self.possible.small_blocks += (self.possible.runs.len() - runs).div_ceil(2);
        described
    }

    /// The scratch is opened with so much room; comes before its requests.
    ///
    /// # Errors
    /// [`AllocError::SizeOverflow`].
    pub fn room(&mut self, room_bytes: usize) -> Result<(), AllocError> {
        if room_bytes > self.sizes.small_room_bytes {
            let sizes = self.sizes.run(room_bytes)?;
            self.room_bytes = Run::least_room_bytes(sizes.wanted);
            self.current().runs.push(sizes);
        } else if room_bytes > 0 {
            self.next_block();
        }
        Ok(())
    }

    /// Another scratch that is open at the same time, opened inside the task.
    ///
    /// # Errors
    /// What `describe` returns.
    pub fn scratch<E>(
        &mut self,
        describe: impl FnOnce(&mut ScratchPlan) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut inner = Self::new(self.sizes);
        inner.is_possible = self.is_possible;
        describe(&mut inner)?;
        self.certain.add(inner.certain);
        self.possible.add(inner.possible);
        Ok(())
    }

    /// A [bump](crate::Scratch::bump).
    pub fn bump(&mut self, room_bytes: usize) {
        match room_bytes <= self.sizes.small_room_bytes {
            true => self.current().small_blocks += 1,
            false => self.current().large_blocks += 1,
        }
    }

    fn next_block(&mut self) {
        self.current().small_blocks += 1;
        self.block_bytes = block_room_bytes(self.sizes.small_total_bytes);
    }
}

impl PlanRequest for ScratchPlan {
    fn bytes(&mut self, bytes: usize) -> Result<(), AllocError> {
        if bytes == 0 {
            return Ok(());
        }
        let padded =
            Run::grant_room_bytes(bytes).ok_or(AllocError::System { asked_bytes: bytes })?;
        if padded <= self.room_bytes {
            self.room_bytes -= padded;
        } else if padded <= self.block_bytes {
            self.block_bytes -= padded;
        } else if bytes > self.sizes.scratch_request_bytes {
            let sizes = self.sizes.run(bytes)?;
            self.current().runs.push(sizes);
        } else {
            self.next_block();
            self.block_bytes = self.block_bytes.saturating_sub(padded);
        }
        Ok(())
    }
}
