//! What the kernel knows about this process: CPU time, page faults, resident bytes.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};

/// CPU time and page faults of all threads of this process since it began.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Time in the process's own code.
    pub user: Duration,
    /// Time in the kernel. The kernel takes samples to tell it from user time; the sum of both is
    /// exact.
    pub system: Duration,
    /// Minor page faults.
    pub faults: u64,
}

/// Reads the usage of this process.
pub fn usage() -> Result<Usage> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let time = |time: TimeVal| Duration::from_micros(time.num_microseconds().unsigned_abs());
    Ok(Usage {
        user: time(usage.user_time()),
        system: time(usage.system_time()),
        faults: u64::try_from(usage.minor_page_faults())?,
    })
}

/// Reads the resident bytes by walking the page tables, which is exact and takes some milliseconds.
pub fn resident_bytes() -> Result<u64> {
    kilobytes("/proc/self/smaps_rollup", "Rss:").map(|kilobytes| kilobytes << 10)
}

/// Reads the resident bytes as the kernel sums them up at the moment, which may lag by some pages
/// per processor.
pub fn approximate_resident_bytes() -> Result<u64> {
    const PAGE_BYTES: u64 = 4096;
    let text = fs::read_to_string("/proc/self/statm")?;
    let pages = text.split_whitespace().nth(1);
    let pages: u64 = pages.context("no pages in /proc/self/statm")?.parse()?;
    Ok(pages * PAGE_BYTES)
}

/// Reads the largest resident bytes since [`restart_peak`].
pub fn peak_resident_bytes() -> Result<u64> {
    kilobytes("/proc/self/status", "VmHWM:").map(|kilobytes| kilobytes << 10)
}

/// Restarts the peak from the current resident bytes. If the kernel refuses, the peak is that of
/// the whole process, an upper bound.
pub fn restart_peak() {
    let _refused = fs::write("/proc/self/clear_refs", "5");
}

fn kilobytes(file: &str, key: &str) -> Result<u64> {
    let text = fs::read_to_string(file).with_context(|| file.to_owned())?;
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    let value = line.and_then(|line| line.split_whitespace().next());
    let value = value.with_context(|| format!("no {key} in {file}"))?;
    value.parse().with_context(|| format!("{key} in {file}"))
}
