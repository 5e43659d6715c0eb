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
    pub(super) small_blocks: usize,
    pub(super) large_blocks: usize,
    pub(super) runs: Vec<RunSizes>,
}

impl ScratchPlan {
    pub(super) fn new(sizes: BlockSizes) -> Self {
        Self {
            sizes,
            room_bytes: 0,
            block_bytes: 0,
            small_blocks: 0,
            large_blocks: 0,
            runs: Vec::new(),
        }
    }

    /// The scratch is opened with so much room; comes before its requests.
    ///
    /// # Errors
    /// [`AllocError::SizeOverflow`].
    pub fn room(&mut self, room_bytes: usize) -> Result<(), AllocError> {
        if room_bytes > self.sizes.small_room_bytes {
            let sizes = self.sizes.run(room_bytes)?;
            self.room_bytes = Run::least_room_bytes(sizes.wanted);
            self.runs.push(sizes);
        } else if room_bytes > 0 {
            self.next_block();
        }
        Ok(())
    }

    /// Another scratch that is open at the same time, opened inside the task.
    ///
    /// # Errors
    /// What `describe` returns.
    pub fn scratch(
        &mut self,
        describe: impl FnOnce(&mut ScratchPlan) -> Result<(), AllocError>,
    ) -> Result<(), AllocError> {
        let mut inner = Self::new(self.sizes);
        describe(&mut inner)?;
        self.small_blocks += inner.small_blocks;
        self.large_blocks += inner.large_blocks;
        self.runs.append(&mut inner.runs);
        Ok(())
    }

    /// A [bump](crate::Scratch::bump).
    pub fn bump(&mut self, room_bytes: usize) {
        match room_bytes <= self.sizes.small_room_bytes {
            true => self.small_blocks += 1,
            false => self.large_blocks += 1,
        }
    }

    fn next_block(&mut self) {
        self.small_blocks += 1;
        self.block_bytes = block_room_bytes(self.sizes.small_total_bytes);
    }

    pub(super) fn blocks(&self, class: BlockClass) -> usize {
        match class {
            BlockClass::Small => self.small_blocks,
            BlockClass::Large => self.large_blocks,
        }
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
            self.runs.push(self.sizes.run(bytes)?);
        } else {
            self.next_block();
            self.block_bytes = self.block_bytes.saturating_sub(padded);
        }
        Ok(())
    }
}
