//! What the kernel knows about this process: CPU time, page faults, resident bytes, threads.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};
use nix::time::{ClockId, clock_gettime};

/// User and system time of all threads of this process, including ended ones.
pub fn cpu_time() -> Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
}

/// Minor page faults of this process so far.
pub fn minor_faults() -> Result<u64> {
    let faults = getrusage(UsageWho::RUSAGE_SELF)?.minor_page_faults();
    Ok(u64::try_from(faults)?)
}

/// CPU time and minor page faults of all processes that this one started and waited for.
pub fn children() -> Result<(Duration, u64)> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let time = |time: TimeVal| Duration::from_micros(time.num_microseconds().unsigned_abs());
    let faults = u64::try_from(usage.minor_page_faults())?;
    Ok((time(usage.user_time()) + time(usage.system_time()), faults))
}

/// Resident bytes now.
pub fn resident_bytes() -> Result<u64> {
    Ok(status_number("VmRSS")? * 1024)
}

/// Largest resident bytes of this program image. (`ru_maxrss` is no substitute: it survives `exec`,
/// so a child starts from the resident size of the process that started it.)
pub fn peak_resident_bytes() -> Result<u64> {
    Ok(status_number("VmHWM")? * 1024)
}

/// Restarts [`peak_resident_bytes`] from the current resident bytes. If the kernel refuses, the
/// peak is that of the whole process, an upper bound.
pub fn restart_peak() {
    let _refused = fs::write("/proc/self/clear_refs", "5");
}

/// Threads of this process.
pub fn threads() -> Result<u64> {
    status_number("Threads")
}

fn status_number(key: &str) -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("/proc/self/status")?;
    status
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))
        .and_then(|value| value.split_whitespace().next())
        .with_context(|| format!("no {key} in /proc/self/status"))?
        .parse()
        .with_context(|| format!("{key} in /proc/self/status"))
}
