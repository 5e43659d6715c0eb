//! The figures as a Markdown table.

use std::fmt::{self, Display};
use std::time::Duration;

use crate::decoder::Peer;
use crate::figures::{Figures, median};
use crate::image::Layout;

/// Heading of the table.
pub const HEADING: &str = "\
| file | decoder | CPU ms | over jxl-rs | M instructions | over jxl-rs | first CPU ms | faults | first faults | allocations | peak B/px, resident | peak B/px, heap | retained KiB | samples |
|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|";

/// What the columns mean.
pub const LEGEND: &str = "\
CPU: process CPU time of one decode, all threads, least of the measured decodes of all rounds.
Instructions: of one decode in steady state on one thread. Faults (minor), allocations (calls to the
global allocator): of one decode in steady state. First CPU: of the first decode, least of the
rounds. Peak: beyond what was resident, or allocated, with file and output in memory before the
first decode. Retained: bytes from the global allocator that the idle decoder keeps. Samples: the
largest difference from the first decoder, in steps of 8 bits.";

/// Processor time and instructions of one warm decode.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// CPU time.
    pub cpu: Duration,
    /// Instructions, where they were counted.
    pub instructions: Option<u64>,
}

/// Least CPU time of the measured decodes of all rounds.
pub fn least_cpu(rounds: &[Figures]) -> Duration {
    let all = rounds.iter().flat_map(|r| r.cpu.iter().copied());
    all.min().unwrap_or_default()
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Name of the file.
    pub file: &'a str,
    /// The decoder.
    pub peer: Peer,
    /// The shape of its output.
    pub layout: &'a Layout,
    /// Figures of each process that measured this decoder on this file.
    pub rounds: &'a [Figures],
    /// Costs of one warm decode.
    pub work: Work,
    /// The same of jxl-rs on this file, if it was measured.
    pub rival: Option<Work>,
    /// How its samples compare.
    pub samples: &'a str,
}

impl Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decodes: usize = self.rounds.iter().map(|r| r.cpu.len()).sum();
        let sum = |figure: fn(&Figures) -> u64| self.rounds.iter().map(figure).sum();
        let per_decode = |figure| per(sum(figure), decodes.max(1) as u64);
        let of = |figure: fn(&Figures) -> u64| {
            median(&self.rounds.iter().map(figure).collect::<Vec<_>>())
        };
        let per_pixel =
            |bytes: u64| format!("{:.2}", bytes as f64 / self.layout.frame_pixels() as f64);
        let first_cpu = self.rounds.iter().map(|r| r.first_cpu).min();
        let of_command = self.rounds.iter().any(|r| r.of_command);
        let known = |cell: String| if of_command { "-".to_owned() } else { cell };
        let over = |mine: Option<f64>, theirs: Option<f64>| match (mine, theirs) {
            (Some(mine), Some(theirs)) => format!("{:.2}", mine / theirs),
            _ => "-".to_owned(),
        };
        let seconds = |work: Work| work.cpu.as_secs_f64();
        let millions = |work: Work| work.instructions.map(|count| count as f64 / 1e6);
        let cells = [
            self.file.to_owned(),
            self.peer.name().to_owned(),
            milliseconds(self.work.cpu),
            over(Some(seconds(self.work)), self.rival.map(seconds)),
            millions(self.work).map_or("-".to_owned(), |count| format!("{count:.1}")),
            over(millions(self.work), self.rival.and_then(millions)),
            known(milliseconds(first_cpu.unwrap_or_default())),
            per_decode(|r| r.faults),
            known(of(|r| r.first_faults).to_string()),
            known(per_decode(|r| r.allocations)),
            known(per_pixel(of(|r| r.peak_resident_bytes))),
            known(per_pixel(of(|r| r.peak_heap_bytes))),
            known(format!("{:.1}", of(|r| r.retained_bytes) as f64 / 1024.0)),
            self.samples.to_owned(),
        ];
        write!(f, "| {} |", cells.join(" | "))
    }
}

/// Returns the row of a decoder that gave no samples, with the reason.
pub fn row_without_figures(name: &str, peer: Peer, message: &str) -> String {
    format!(
        "| {name} | {} {}| {message} |",
        peer.name(),
        "| ".repeat(11)
    )
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1e3)
}

/// `sum / count`, with a decimal only where it matters.
fn per(sum: u64, count: u64) -> String {
    if sum.is_multiple_of(count) {
        (sum / count).to_string()
    } else {
        format!("{:.1}", sum as f64 / count as f64)
    }
}
