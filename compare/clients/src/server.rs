//! A server whose workers decode pictures of mixed sizes under one byte limit.
//!
//! The arena enforces the limit itself. For the other strategies, a budget outside of the allocator
//! admits a job when the bytes that it will request fit. The budget does not see bytes that the
//! allocator or pool holds beyond those.

mod arena;
mod budget;

use anyhow::{Result, ensure};

use crate::figures::Outcome;
use crate::jobs::{self, Job, Live, Memory};
use crate::meter::Meter;
use crate::random::Random;
use crate::strategy::{Kind, Strategy};
use arena::LimitedArena;
use budget::Budgeted;

/// Options of a measurement.
#[derive(Clone, Debug)]
pub struct Options {
    /// Workers.
    pub workers: usize,
    /// Jobs of a lap. The first lap warms up.
    pub jobs: usize,
    /// Measured laps.
    pub laps: u32,
    /// Pixels of the shortest and of the longest sides.
    pub sides: [usize; 2],
    /// Bytes that all jobs may have at once.
    pub limit_bytes: usize,
}

/// Decodes the jobs in this process.
///
/// # Errors
/// If a job would not fit the limit alone.
pub fn measure(strategy: Strategy, options: &Options) -> Result<Outcome> {
    let jobs: Vec<Job> = (0..options.jobs as u64)
        .map(|number| job(number, options.sides))
        .collect();
    for job in &jobs {
        ensure!(
            job.need_bytes() < options.limit_bytes / 100 * 98,
            "a job of {} x {} pixels alone needs 98 % of the limit or more",
            job.width,
            job.height
        );
    }
    let live = Live::default();
    let mut meter = Meter::new()?;
    let memory = memory(strategy, options.limit_bytes);
    let decode = |jobs: &[Job]| jobs::decode_all(&*memory, jobs, options.workers, &live, &|| {});
    decode(&jobs);
    meter.start()?;
    let mut answers = Vec::new();
    for _ in 0..options.laps {
        answers.extend(decode(&jobs));
        meter.lap(jobs.len() as u64)?;
    }
    let figures = meter.stop()?;
    drop(memory);
    Ok(Outcome { figures, answers })
}

fn job(number: u64, [shortest, longest]: [usize; 2]) -> Job {
    let mut random = Random::new(number);
    let mut side = || shortest + random.below((longest - shortest) as u64 + 1) as usize;
    Job::new(number, side(), side())
}

fn memory(strategy: Strategy, limit_bytes: usize) -> Box<dyn Memory> {
    match strategy.kind() {
        Kind::Arena => Box::new(LimitedArena::new(limit_bytes)),
        kind if strategy == Strategy::VecUnchecked => jobs::memory(kind),
        kind => Box::new(Budgeted::new(jobs::memory(kind), limit_bytes)),
    }
}
