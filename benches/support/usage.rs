//! The kernel's counts of the process's resources.
#![allow(unsafe_code)]

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
