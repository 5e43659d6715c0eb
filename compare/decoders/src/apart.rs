use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use compare_decoders::figures::Figures;
use compare_decoders::measure::Task;
use compare_decoders::table::{Work, least_cpu};

/// Exit code of a measured process whose decoder does not support the file.
pub(crate) const REFUSED: u8 = 3;

/// Result of measuring one decoder on one file.
pub(crate) enum Outcome {
    Measured(Measured),
    Refused(String),
    Failed(String),
}

pub(crate) struct Measured {
    /// One entry per process.
    pub(crate) rounds: Vec<Figures>,
    pub(crate) samples: Vec<u8>,
    /// Instructions of one warm decode, where they were counted.
    pub(crate) instructions: Option<u64>,
}

impl Measured {
    pub(crate) fn work(&self) -> Work {
        Work {
            cpu: least_cpu(&self.rounds),
            instructions: self.instructions,
        }
    }
}

impl Outcome {
    /// Adds the outcome of a further round. The first round that was not measured replaces the
    /// outcome for good.
    pub(crate) fn add(&mut self, other: Outcome) {
        match (&mut *self, other) {
            (Outcome::Measured(all), Outcome::Measured(one)) if all.samples == one.samples => {
                all.rounds.extend(one.rounds);
            }
            (Outcome::Measured(_), Outcome::Measured(_)) => {
                *self = Outcome::Failed("two processes gave different samples".to_owned());
            }
            (Outcome::Measured(_), other) => *self = other,
            _ => {}
        }
    }
}

/// Measures in another process of this program.
pub(crate) fn measure_apart(task: &Task<'_>) -> Result<Outcome> {
    let output = task
        .command(&std::env::current_exe()?, None)
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr).replace(['\n', '|'], " ");
        let message = errors.trim().to_owned();
        return Ok(match output.status.code() {
            Some(code) if code == i32::from(REFUSED) => Outcome::Refused(message),
            _ => Outcome::Failed(format!("{}: {message}", output.status)),
        });
    }
    let line_end = output.stdout.iter().position(|&byte| byte == b'\n');
    let (line, samples) = output.stdout.split_at(line_end.context("no figures")? + 1);
    ensure!(
        samples.len() == task.layout.output_bytes(),
        "the process wrote {} bytes of samples, not those of the layout",
        samples.len()
    );
    Ok(Outcome::Measured(Measured {
        rounds: vec![str::from_utf8(line)?.parse()?],
        samples: samples.to_vec(),
        instructions: None,
    }))
}
