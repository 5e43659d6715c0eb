//! Limits on work, and stopped decodes.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jxl_arena::{Decoder, Error, Layout, Limits, Stop, WorkLimit};

use super::support::{corpus, sample_bytes};
use super::tier::is_slow_wanted;

fn decode(decoder: &Decoder, file: &[u8]) -> Result<Vec<u8>, Error> {
    decoder.read(file)?.decode(Layout::Rgba)
}

fn of_work(work: WorkLimit) -> Limits {
    let mut limits = Limits::default();
    limits.work = work;
    limits
}

#[test]
fn pictures_of_more_work_are_refused() {
    for name in ["rgb8_e7_g1", "vardct_groups", "squeeze_g0", "one_pixel"] {
        let file = sample_bytes(name);
        let all = decode(&Decoder::default(), &file).unwrap();
        let none = WorkLimit {
            floor: 0,
            per_pixel: 0,
        };
        let limited = Decoder::default().with_limits(of_work(none));
        let refused = decode(&limited, &file);
        assert!(matches!(refused, Err(Error::TooMuchWork)), "{name}");
        assert_eq!(limited.arena().snapshot().live_bytes, 0, "{name}");
        let unlimited = limited.with_limits(of_work(WorkLimit::NONE));
        assert!(decode(&unlimited, &file).unwrap() == all, "{name}");
    }
}

/// Stops at the `n`-th call of `is_stopped`.
struct StopAt {
    asked: AtomicUsize,
    n: usize,
}

impl Stop for StopAt {
    fn is_stopped(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed) + 1 >= self.n
    }
}

#[test]
fn decodes_stop_wherever_they_are_asked_to() {
    let is_slow = is_slow_wanted("most places to stop at");
    for name in [
        "rgb8_e7_g1",
        "vardct_groups",
        "patches_lossless_alpha",
        "animation_vardct",
    ] {
        let file = sample_bytes(name);
        let decoder = Decoder::default();
        let all = decode(&decoder, &file).unwrap();
        let mut n = 1;
        loop {
            let stop = Arc::new(StopAt {
                asked: AtomicUsize::new(0),
                n,
            });
            match decode(&decoder.clone().with_stop(stop.clone()), &file) {
                Err(Error::Stopped) => {}
                Err(error) => panic!("{name}, {n}: {error}"),
                Ok(pixels) => {
                    assert!(pixels == all, "{name}");
                    break;
                }
            }
            assert_eq!(decoder.arena().snapshot().live_bytes, 0, "{name}, {n}");
            assert!(decode(&decoder, &file).unwrap() == all, "{name}, {n}");
            n += if is_slow { 1 + n / 4 } else { 1 + n };
        }
        assert!(n > 1, "{name}: the decode never asks whether to stop");
    }
}

/// Stops after a point in time.
struct StopAfter {
    end: Instant,
}

impl Stop for StopAfter {
    fn is_stopped(&self) -> bool {
        Instant::now() > self.end
    }
}

/// Small files that are made to take minutes are refused in seconds, by the limit. If the limit
/// fails, a watchdog stops the decode after a minute.
#[test]
fn files_that_would_take_minutes_are_refused() {
    let Some(folder) = corpus() else { return };
    for name in ["tree_chain_2000_on_8192", "extra_256_on_16384"] {
        let Ok(file) = fs::read(folder.join("bombs").join(name).with_extension("jxl")) else {
            eprintln!("skipped: {name} is not there");
            continue;
        };
        let stop = Arc::new(StopAfter {
            end: Instant::now() + Duration::from_secs(60),
        });
        let refused = decode(&Decoder::default().with_stop(stop), &file);
        assert!(
            matches!(refused, Err(Error::TooMuchWork)),
            "{name}: {:?}",
            refused.err()
        );
    }
}
