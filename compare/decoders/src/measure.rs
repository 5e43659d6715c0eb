//! Measures one decoder on one file in this process. The process should do nothing else, so that
//! faults, peak and retained bytes are those of the decoder.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::counting;
use crate::decoder::{Decode, Peer};
use crate::figures::Figures;
use crate::image::{Buffer, Layout};
use crate::part::Part;
use crate::process;

/// A measurement of one decoder on one file.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    /// The decoder.
    pub peer: Peer,
    /// The file.
    pub file: &'a Path,
    /// What is decoded.
    pub part: Part,
    /// The shape of its output.
    pub layout: Layout,
    /// Threads the decoder may use.
    pub threads: usize,
    /// Decodes before the measured ones, the first included; at least 1.
    pub warm_up: usize,
    /// Measured decodes; at least 1.
    pub repeat: usize,
}

impl Task<'_> {
    /// Returns the command that makes `program`, the program of this package, measure the task and
    /// write figures and samples to standard output. With `only_decode`, it decodes as many times
    /// and writes nothing.
    pub fn command(&self, program: &Path, only_decode: Option<usize>) -> Command {
        let mut command = Command::new(program);
        command
            .args(only_decode.map(|count| format!("--only-decode={count}")))
            .arg(format!("--measure={}", self.layout))
            .arg(format!("--part={}", self.part))
            .arg(format!("--decoders={}", self.peer.name()))
            .arg(format!("--threads={}", self.threads))
            .arg(format!("--warm-up={}", self.warm_up))
            .arg(format!("--repeat={}", self.repeat))
            .arg("--")
            .arg(self.file);
        command
    }
}

struct Spent {
    cpu: Duration,
    faults: u64,
    allocations: u64,
}

/// Decodes `warm_up + repeat` times and returns the figures and the samples.
/// Fails if the decodes differ, or if more threads than allowed were started.
pub fn measure(task: &Task<'_>) -> Result<(Figures, Buffer)> {
    let file = fs::read(task.file)?;
    let mut output = Buffer::new(&task.layout);
    process::restart_peak();
    counting::restart_peak();
    let resident_before = process::resident_bytes()?;
    let live_before = counting::live_bytes();

    let mut decoder = task.peer.open(task.threads)?;
    let first = one_decode(&mut *decoder, &file, task, &mut output)?;
    let digest = output.digest();
    for _ in 1..task.warm_up {
        one_decode(&mut *decoder, &file, task, &mut output)?;
    }
    let mut figures = Figures {
        first_cpu: first.cpu,
        first_faults: first.faults,
        cpu: Vec::with_capacity(task.repeat),
        digest,
        ..Figures::default()
    };
    for _ in 0..task.repeat {
        let spent = one_decode(&mut *decoder, &file, task, &mut output)?;
        figures.cpu.push(spent.cpu);
        figures.faults += spent.faults;
        figures.allocations += spent.allocations;
        ensure!(output.digest() == digest, "two decodes of one file differ");
    }
    figures.peak_resident_bytes = process::peak_resident_bytes()?.saturating_sub(resident_before);
    figures.peak_heap_bytes = counting::peak_bytes().saturating_sub(live_before) as u64;
    figures.retained_bytes = counting::live_bytes().saturating_sub(live_before) as u64;
    let threads = process::threads()?;
    ensure!(
        task.threads > 1 || threads == 1,
        "{threads} threads run, one was allowed"
    );
    Ok((figures, output))
}

/// Decodes `count` times and does nothing else. Without a decode, the decoder is not made.
pub fn decode(task: &Task<'_>, count: usize) -> Result<()> {
    let file = fs::read(task.file)?;
    let mut output = Buffer::new(&task.layout);
    let mut decoder = None;
    for _ in 0..count {
        if decoder.is_none() {
            decoder = Some(task.peer.open(task.threads)?);
        }
        if let Some(decoder) = &mut decoder {
            decoder.decode(&file, task.part, &task.layout, output.bytes_mut())?;
        }
    }
    Ok(())
}

fn one_decode(
    decoder: &mut dyn Decode,
    file: &[u8],
    task: &Task<'_>,
    output: &mut Buffer,
) -> Result<Spent> {
    output.spoil();
    let faults = process::minor_faults()?;
    let allocations = counting::calls();
    let cpu = process::cpu_time()?;
    decoder.decode(file, task.part, &task.layout, output.bytes_mut())?;
    Ok(Spent {
        cpu: process::cpu_time()?.saturating_sub(cpu),
        allocations: (counting::calls() - allocations) as u64,
        faults: process::minor_faults()? - faults,
    })
}
