//! What the kernel knows about this process.

use std::fs;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};

/// CPU time of all threads, and minor page faults, so far.
pub(crate) fn usage() -> (Duration, u64) {
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("a process knows its own usage");
    let time = |time: TimeVal| Duration::from_micros(time.num_microseconds().unsigned_abs());
    let cpu = time(usage.user_time()) + time(usage.system_time());
    (cpu, usage.minor_page_faults().unsigned_abs())
}

/// Exact resident bytes now. `VmRSS` would lag by what each processor has not added up yet.
pub(crate) fn resident_bytes() -> usize {
    kilobytes("/proc/self/smaps_rollup", "Rss:") << 10
}

/// Most resident bytes so far.
pub(crate) fn peak_resident_bytes() -> usize {
    kilobytes("/proc/self/status", "VmHWM:") << 10
}

/// Restarts the peak from the current resident bytes. If the kernel refuses, the peak is that of
/// the whole process, an upper bound.
pub(crate) fn restart_peak() {
    let _refused = fs::write("/proc/self/clear_refs", "5");
}

fn kilobytes(file: &str, key: &str) -> usize {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    let value = line.and_then(|line| line.split_whitespace().next());
    value.and_then(|value| value.parse().ok()).unwrap_or(0)
}
