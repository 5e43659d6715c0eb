//! What work costs the process besides time on the clock, as lines of a table.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::time::Duration;

use crate::counting;

/// CPU time of all threads and pages mapped, of the process so far.
fn usage() -> (Duration, u64) {
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

pub(crate) fn print_head(title: &str) {
    println!("\n{title}\n");
    println!(
        "| strategy | CPU us | minor faults | allocations | peak KiB | retained KiB |\n\
         |---|---|---|---|---|---|"
    );
}

/// Runs `work`, made by `prepare`, once to warm it and then `iterations` times, and prints the costs per iteration. Peak and
/// retained bytes are those of the global allocator over what was allocated before `prepare`.
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
