//! Costs of work in addition to wall time, as lines of a table.

#[path = "usage.rs"]
mod usage;

use std::time::Duration;

use crate::counting;
use usage::usage;

pub(crate) fn print_head(title: &str) {
    println!("\n{title}\n");
    println!(
        "| strategy | CPU us | minor faults | allocations | peak KiB | retained KiB |\n\
         |---|---|---|---|---|---|"
    );
}

/// Runs `work`, made by `prepare`, once to warm it and then `iterations` times, and prints the
/// costs per iteration. Peak and retained bytes are those of the global allocator in addition to
/// the bytes allocated before `prepare`.
pub(crate) fn print_line<W: FnMut()>(name: &str, iterations: u32, prepare: impl FnOnce() -> W) {
    let before = counting::live_bytes();
    let mut work = prepare();
    work();
    counting::restart_peak();
    let (cpu, faults, calls) = now();
    for _ in 0..iterations {
        work();
    }
    let (cpu, faults, calls) = {
        let (cpu_after, faults_after, calls_after) = now();
        (cpu_after - cpu, faults_after - faults, calls_after - calls)
    };
    let per = f64::from(iterations);
    println!(
        "| {name} | {:.2} | {:.1} | {:.1} | {} | {} |",
        cpu.as_secs_f64() * 1e6 / per,
        faults as f64 / per,
        calls as f64 / per,
        counting::peak_bytes().saturating_sub(before) / 1024,
        counting::live_bytes().saturating_sub(before) / 1024,
    );
}

fn now() -> (Duration, u64, u64) {
    let (cpu, faults) = usage();
    (cpu, faults, counting::calls())
}
