//! Jobs under the limit of one arena.
//!
//! Each job is allotted all bytes that it will request in advance, and waits until the limit has
//! room for them.

use std::time::Duration;

use frame_arena::Arena;

use crate::jobs::{Failure, Job, Live, Memory, Worker, decode_in_arena, plan_in_arena};

/// Longest wait of a job. All jobs together take less, so a longer wait is a fault.
const PATIENCE: Duration = Duration::from_secs(600);

/// An arena with a limit.
pub(super) struct LimitedArena(Arena);

impl LimitedArena {
    /// Makes an arena with this limit.
    pub(super) fn new(limit_bytes: usize) -> Self {
        Self(Arena::builder().limit_bytes(limit_bytes).build())
    }
}

impl Memory for LimitedArena {
    fn worker(&self) -> Box<dyn Worker + '_> {
        Box::new(self)
    }
}

impl Worker for &LimitedArena {
    fn decode(&mut self, job: &Job, live: &Live) -> Result<u64, Failure> {
        let bytes = plan_in_arena(&self.0, job)?.held_bytes();
        let allotted = self.0.allot_timeout(bytes, PATIENCE)?;
        decode_in_arena(&allotted, job, live)
    }
}
