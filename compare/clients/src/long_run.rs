//! Thousands of pictures of mixed sizes on several threads, and the resident memory over time.
//!
//! It shows how an allocator copes with the plane requests of decoders in the long run: how much
//! more than the live bytes is resident, whether that grows, and whether memory of a burst of large
//! pictures is released to the system.

mod chart;
mod curve;
mod load;
mod report;
mod svg;

use std::sync::PoisonError;
use std::thread;
use std::time::Duration;

use anyhow::Result;

pub use chart::draw;
pub use curve::{Curve, Sample};
pub use report::{LEGEND, table};

use crate::figures::Outcome;
use crate::jobs::{self, Job, Live};
use crate::meter::Meter;
use crate::process;
use crate::strategy::Strategy;
use curve::Sampler;

/// Options of a measurement.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Threads, each of which decodes one picture at a time.
    pub threads: usize,
    /// Pictures that all threads decode.
    pub pictures: usize,
    /// Pictures from one sample of the curve to the next.
    pub every: usize,
}

/// Idle time before the resident bytes are read for the last time.
const IDLE: Duration = Duration::from_secs(2);

/// Result of a strategy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LongRun {
    /// Resident and live bytes over time.
    pub curve: Curve,
    /// The figures of all pictures, and the answer of each.
    pub outcome: Outcome,
}

/// Decodes the pictures in this process.
///
/// # Errors
/// If the process cannot be observed.
pub fn measure(strategy: Strategy, options: &Options) -> Result<LongRun> {
    let jobs: Vec<Job> = (0..options.pictures)
        .map(|number| load::picture(number, options.pictures))
        .collect();
    let live = Live::default();
    let mut meter = Meter::new()?;
    let before_bytes = process::resident_bytes()?;
    let sampler = Sampler::new(options, before_bytes);
    let memory = jobs::memory(strategy.kind());
    meter.start()?;
    let finished_one = || sampler.finished_one(&live);
    let answers = jobs::decode_all(&*memory, &jobs, options.threads, &live, &finished_one);
    meter.lap(options.pictures as u64)?;
    let figures = meter.stop()?;
    thread::sleep(IDLE);
    let idle_bytes = process::resident_bytes()?.saturating_sub(before_bytes);
    drop(memory);
    let samples = sampler.samples.into_inner();
    Ok(LongRun {
        curve: Curve {
            samples: samples.unwrap_or_else(PoisonError::into_inner),
            idle_bytes,
        },
        outcome: Outcome { figures, answers },
    })
}
