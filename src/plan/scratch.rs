use super::PlanRequest;
use crate::AllocError;
use crate::layout::block_room_bytes;
use crate::memory::Run;
use crate::sizing::{RunSize, Sizing};

/// Adds up the requests of a task, to open its scratch with enough room
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
    /// Makes an empty sum.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the bytes of all requests so far, with the padding between them.
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
#[derive(Debug)]
pub struct ScratchPlan {
    sizing: Sizing,
    /// Bytes left in the run that the scratch was opened with, and in its last block.
    room_bytes: usize,
    block_bytes: usize,
    certain: Needs,
    possible: Needs,
    is_possible: bool,
}

/// Blocks and runs that a task takes.
#[derive(Debug, Default)]
pub(super) struct Needs {
    pub(super) blocks: usize,
    pub(super) runs: Vec<RunSize>,
}

impl Needs {
    fn add(&mut self, mut other: Self) {
        self.blocks += other.blocks;
        self.runs.append(&mut other.runs);
    }
}

impl ScratchPlan {
    pub(super) fn new(sizing: Sizing) -> Self {
        Self {
            sizing,
            room_bytes: 0,
            block_bytes: 0,
            certain: Needs::default(),
            possible: Needs::default(),
            is_possible: false,
        }
    }

    /// The certain needs, and the possible ones.
    pub(super) fn needs(&self) -> [&Needs; 2] {
        [&self.certain, &self.possible]
    }

    /// Whether the task takes any block or run.
    pub(super) fn takes_memory(&self) -> bool {
        let needs = [&self.certain, &self.possible];
        needs
            .iter()
            .any(|needs| needs.blocks > 0 || !needs.runs.is_empty())
    }

    fn current(&mut self) -> &mut Needs {
        match self.is_possible {
            true => &mut self.possible,
            false => &mut self.certain,
        }
    }

    /// Describes requests that the task may make, make smaller, or leave out. The plan has room for
    /// them, and does not count on that memory for later requests.
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
        // If such a request is smaller, a block may serve it instead of a run. A block holds at
        // least two of these requests.
        self.possible.blocks += (self.possible.runs.len() - runs).div_ceil(2);
        described
    }

    /// Describes that the scratch is opened with room for `room_bytes`; call it before the
    /// requests.
    ///
    /// # Errors
    /// [`AllocError::SizeOverflow`].
    pub fn room(&mut self, room_bytes: usize) -> Result<(), AllocError> {
        if room_bytes > self.sizing.block_room_bytes {
            let size = self.sizing.run(room_bytes)?;
            self.room_bytes = Run::least_room_bytes(size.wanted_bytes);
            self.current().runs.push(size);
        } else if room_bytes > 0 {
            self.next_block();
        }
        Ok(())
    }

    /// Describes another scratch that the task opens inside, open at the same time.
    ///
    /// # Errors
    /// What `describe` returns.
    pub fn scratch<E>(
        &mut self,
        describe: impl FnOnce(&mut ScratchPlan) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut inner = Self::new(self.sizing);
        inner.is_possible = self.is_possible;
        describe(&mut inner)?;
        self.certain.add(inner.certain);
        self.possible.add(inner.possible);
        Ok(())
    }

    fn next_block(&mut self) {
        self.current().blocks += 1;
        self.block_bytes = block_room_bytes(self.sizing.block_total_bytes);
    }
}

impl PlanRequest for ScratchPlan {
    fn bytes(&mut self, bytes: usize) -> Result<(), AllocError> {
        if bytes == 0 {
            return Ok(());
        }
        let padded = Run::grant_room_bytes(bytes).ok_or(AllocError::System {
            requested_bytes: bytes,
        })?;
        if padded <= self.room_bytes {
            self.room_bytes -= padded;
        } else if padded <= self.block_bytes {
            self.block_bytes -= padded;
        } else if bytes > self.sizing.scratch_request_bytes {
            let size = self.sizing.run(bytes)?;
            self.current().runs.push(size);
        } else {
            self.next_block();
            self.block_bytes = self.block_bytes.saturating_sub(padded);
        }
        Ok(())
    }
}
