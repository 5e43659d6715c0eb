//! The figures as a Markdown table.

use std::time::Duration;

use crate::decoder::Peer;
use crate::figures::{Figures, median};
use crate::image::Layout;

/// Heading of the table.
pub const HEADING: &str = "\
| file | decoder | CPU ms | MP/CPU s | first CPU ms | faults | first faults | allocations | peak B/px, resident | peak B/px, heap | retained KiB | samples |
|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|";

/// What the columns mean.
pub const LEGEND: &str = "\
CPU: process CPU time of one decode, all threads, median of the measured decodes; faults (minor), allocations (calls to the
global allocator): of one decode in steady state. Peak: beyond what was resident, or allocated, with file and output in
memory before the first decode. Retained: bytes from the global allocator that the idle decoder keeps. Samples: the largest
difference from the first decoder, in steps of 8 bits.";

/// One row. `rounds` are the figures of every process that measured this decoder on this file.
pub fn row(name: &str, peer: Peer, layout: &Layout, rounds: &[Figures], samples: &str) -> String {
    let cpu: Vec<Duration> = rounds.iter().flat_map(|r| r.cpu.iter().copied()).collect();
    let decodes = cpu.len().max(1) as u64;
    let cpu = median(&cpu);
    let of = |figure: fn(&Figures) -> u64| median(&rounds.iter().map(figure).collect::<Vec<_>>());
    let per_decode = |figure: fn(&Figures) -> u64| per(rounds.iter().map(figure).sum(), decodes);
    let first_cpu = median(&rounds.iter().map(|r| r.first_cpu).collect::<Vec<_>>());
    let per_pixel = |bytes: u64| format!("{:.2}", bytes as f64 / layout.frame_pixels() as f64);
    let of_command = rounds.iter().any(|r| r.of_command);
    let known = |cell: String| if of_command { "-".to_owned() } else { cell };
    let cells = [
        name.to_owned(),
        peer.name().to_owned(),
        milliseconds(cpu),
        format!("{:.2}", layout.pixels() as f64 / 1e6 / cpu.as_secs_f64()),
        known(milliseconds(first_cpu)),
        per_decode(|r| r.faults),
        known(of(|r| r.first_faults).to_string()),
        known(per_decode(|r| r.allocations)),
        known(per_pixel(of(|r| r.peak_resident_bytes))),
        known(per_pixel(of(|r| r.peak_heap_bytes))),
        known(format!("{:.1}", of(|r| r.retained_bytes) as f64 / 1024.0)),
        samples.to_owned(),
    ];
    format!("| {} |", cells.join(" | "))
}

/// The row of a decoder that gave no samples.
pub fn row_without_figures(name: &str, peer: Peer, message: &str) -> String {
    format!("| {name} | {} {}| {message} |", peer.name(), "| ".repeat(9))
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
