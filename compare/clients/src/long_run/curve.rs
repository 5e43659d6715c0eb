//! Resident and live bytes over time.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Error, Result};

use super::{LongRun, Options};
use crate::jobs::Live;
use crate::process;

/// One reading of the memory of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Pictures finished.
    pub pictures: u64,
    /// Resident bytes beyond those before the first picture.
    pub resident_bytes: u64,
    /// Most bytes that were live at once since the sample before.
    pub live_bytes: u64,
}

/// The samples of a run in their order, and what is resident after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Curve {
    /// The samples.
    pub samples: Vec<Sample>,
    /// Resident bytes when the process had been idle for some time, beyond those before the first
    /// picture.
    pub idle_bytes: u64,
}

impl Curve {
    /// Returns the most bytes that were live at once.
    pub fn need_bytes(&self) -> u64 {
        let live = self.samples.iter().map(|sample| sample.live_bytes);
        live.max().unwrap_or(0)
    }
}

/// Takes the samples while threads decode.
pub(super) struct Sampler {
    every: usize,
    before_bytes: u64,
    finished: AtomicUsize,
    pub(super) samples: Mutex<Vec<Sample>>,
}

impl Sampler {
    /// Makes room for all samples, so that taking one allocates little.
    pub(super) fn new(options: &Options, before_bytes: u64) -> Self {
        Self {
            every: options.every,
            before_bytes,
            finished: AtomicUsize::new(0),
            samples: Mutex::new(Vec::with_capacity(options.pictures / options.every + 1)),
        }
    }

    /// Counts a picture, and takes a sample if it is time for one.
    pub(super) fn finished_one(&self, live: &Live) {
        let finished = self.finished.fetch_add(1, Relaxed) + 1;
        if !finished.is_multiple_of(self.every) {
            return;
        }
        // A sample that cannot be taken is missing in the curve.
        let Ok(resident) = process::approximate_resident_bytes() else {
            return;
        };
        let mut samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        samples.push(Sample {
            pictures: finished as u64,
            resident_bytes: resident.saturating_sub(self.before_bytes),
            live_bytes: live.take_peak_bytes() as u64,
        });
    }
}

impl fmt::Display for LongRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.curve.idle_bytes)?;
        for sample in &self.curve.samples {
            let Sample {
                pictures,
                resident_bytes,
                live_bytes,
            } = sample;
            writeln!(f, "{pictures} {resident_bytes} {live_bytes}")?;
        }
        write!(f, "\n{}", self.outcome)
    }
}

impl FromStr for LongRun {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (curve, outcome) = text
            .split_once("\n\n")
            .context("no figures after the curve")?;
        let mut lines = curve.lines();
        let idle_bytes = lines.next().context("no curve")?.parse()?;
        let sample = |line: &str| {
            let numbers: Result<Vec<u64>, _> = line.split(' ').map(str::parse).collect();
            let [pictures, resident_bytes, live_bytes] = numbers?[..].try_into()?;
            Ok::<_, Error>(Sample {
                pictures,
                resident_bytes,
                live_bytes,
            })
        };
        Ok(Self {
            curve: Curve {
                samples: lines.map(sample).collect::<Result<_>>()?,
                idle_bytes,
            },
            outcome: outcome.parse()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Outcome;

    #[test]
    fn a_run_reads_back() {
        let sample = |pictures| Sample {
            pictures,
            resident_bytes: 10 * pictures,
            live_bytes: 7 * pictures,
        };
        let run = LongRun {
            curve: Curve {
                samples: vec![sample(100), sample(200)],
                idle_bytes: 9,
            },
            outcome: Outcome {
                answers: vec![Some(4)],
                ..Outcome::default()
            },
        };
        assert_eq!(run.to_string().parse::<LongRun>().unwrap(), run);
        assert_eq!(run.curve.need_bytes(), 1400);
    }
}
