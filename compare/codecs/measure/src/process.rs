//! What the kernel keeps about this process.

#![allow(unsafe_code, reason = "getrusage is a C function")]

use std::fs;
use std::mem::MaybeUninit;
use std::time::Duration;

/// Returns the CPU time and the page faults of all threads so far.
pub fn usage() -> (Duration, u64) {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the call writes the struct, in which zeros are valid too.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
        usage.assume_init()
    };
    let time = |time: libc::timeval| {
        Duration::from_secs(time.tv_sec as u64) + Duration::from_micros(time.tv_usec as u64)
    };
    let cpu = time(usage.ru_utime) + time(usage.ru_stime);
    (cpu, usage.ru_minflt as u64)
}

/// Returns the resident KiB.
pub fn resident_kib() -> u64 {
    kib("/proc/self/smaps_rollup", "Rss:")
}

/// Returns the most resident KiB since [`restart_peak`].
pub fn peak_resident_kib() -> u64 {
    kib("/proc/self/status", "VmHWM:")
}

/// Restarts the peak from what is resident now. If the kernel refuses, the peak stays that of the
/// whole process.
pub fn restart_peak() {
    let _refused = fs::write("/proc/self/clear_refs", "5");
}

fn kib(file: &str, key: &str) -> u64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    let value = line.and_then(|line| line.split_whitespace().next());
    value.and_then(|value| value.parse().ok()).unwrap_or(0)
}
