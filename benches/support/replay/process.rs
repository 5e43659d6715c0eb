//! What the kernel knows about this process.
#![allow(unsafe_code)]

use std::fs;
use std::mem::MaybeUninit;
use std::time::Duration;

/// CPU time of all threads, and pages mapped, so far.
pub(crate) fn usage() -> (Duration, u64) {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the call writes the structure that it is given; zeros are valid in it too.
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

/// Resident bytes now, exactly: `VmRSS` lags by what each processor has not added up yet.
pub(crate) fn resident_bytes() -> usize {
    kilobytes("/proc/self/smaps_rollup", "Rss:") << 10
}

/// Most resident bytes so far.
pub(crate) fn peak_resident_bytes() -> usize {
    kilobytes("/proc/self/status", "VmHWM:") << 10
}

/// Lets the peak start again from now. A kernel that refuses leaves the peak of the whole process: an upper bound.
pub(crate) fn restart_peak() {
    let _refused = fs::write("/proc/self/clear_refs", "5");
}

fn kilobytes(file: &str, key: &str) -> usize {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    let value = line.and_then(|line| line.split_whitespace().next());
    value.and_then(|value| value.parse().ok()).unwrap_or(0)
}
