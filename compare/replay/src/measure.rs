use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Error, Result, bail};
use rayon::ThreadPoolBuilder;

use crate::engine::{Counts, Decoder, Turn};
use crate::loads::{Load, Loaded};
use crate::memory::Memory;
use crate::{counted, process};

/// Parameters from which a strategy is made.
pub(crate) struct Setup {
    pub(crate) threads: usize,
    /// The sizes of all requests that will be made.
    pub(crate) sizes: Vec<usize>,
    /// Most bytes that the strategy may have, if there is a ceiling.
    pub(crate) ceiling_bytes: Option<usize>,
}

type Replay = dyn Fn(&Loaded, &Plan) -> Figures;

/// A way to get memory for frames.
pub(crate) struct Strategy {
    pub(crate) name: &'static str,
    /// Whether buffers live to the end of their frame, as single ones cannot be freed.
    to_frame_end: bool,
    replay: Box<Replay>,
}

/// How often a load is replayed, and on how many threads.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) threads: usize,
    /// Rounds before the measured ones. The first and the last of all rounds check zeros, and the
    /// last is not measured.
    pub(crate) warm_up: usize,
    pub(crate) rounds: usize,
    /// Most bytes that the strategy may have from the global allocator, if there is a ceiling.
    pub(crate) ceiling_bytes: Option<usize>,
}

/// Costs of a round.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Figures {
    /// The median of the rounds.
    pub(crate) cpu_us: f64,
    pub(crate) faults: f64,
    pub(crate) calls: f64,
    /// The last round, from 1, in which the process became larger than ever.
    pub(crate) last_grown: usize,
    pub(crate) live_bytes: usize,
    /// Resident bytes over those before the first round.
    pub(crate) peak_bytes: usize,
    pub(crate) retained_bytes: usize,
    pub(crate) wrong: usize,
}

/// Returns a strategy called `name`. `make` makes its memory anew for each measurement.
pub(crate) fn strategy<M: Memory>(
    name: &'static str,
    make: impl Fn(&Setup) -> M + 'static,
) -> Strategy {
    Strategy {
        name,
        to_frame_end: false,
        replay: Box::new(move |loaded, plan| {
            let sizes = loaded.programs.iter().flat_map(|program| program.sizes());
            let setup = Setup {
                threads: plan.threads,
                sizes: sizes.collect(),
                ceiling_bytes: plan.ceiling_bytes,
            };
            replay(&make(&setup), loaded, plan)
        }),
    }
}

impl Strategy {
    /// Lets buffers that end on their own live to the end of their frame, for a strategy that
    /// cannot free a single buffer.
    pub(crate) fn kept_to_frame_end(mut self) -> Self {
        self.to_frame_end = true;
        self
    }

    /// Replays a load and returns its costs. Memory figures are right only if the process did
    /// nothing else before.
    pub(crate) fn measure(&self, load: &Load, plan: &Plan) -> Result<Figures> {
        Ok((self.replay)(&load.read(self.to_frame_end)?, plan))
    }
}

/// Bytes beyond which an increase counts as growth. The stacks of threads and the bookkeeping of
/// the engine take less.
const GROWTH_BYTES: usize = 256 << 10;

fn replay<M: Memory>(memory: &M, loaded: &Loaded, plan: &Plan) -> Figures {
    let pool = ThreadPoolBuilder::new().num_threads(plan.threads).build();
    let pool = pool.expect("threads");
    pool.broadcast(|_| std::hint::black_box([1u8; 64 << 10]));
    let decoders: Vec<_> = (0..loaded.decoders).map(|_| Decoder::new(memory)).collect();
    let counts = Counts::default();
    if let Some(bytes) = plan.ceiling_bytes {
        counted::set_ceiling(bytes);
    }
    process::restart_peak();
    let resident = process::resident_bytes();
    let mut largest = resident;
    let mut figures = Figures::default();
    let mut before = (0, 0);
    let mut cpu = Vec::new();
    let all = plan.warm_up + plan.rounds;
    for round in 0..all {
        if round == plan.warm_up {
            before = (process::usage().1, counted::calls());
        }
        let check_zeros = round == 0 || round + 1 == all;
        if round + 1 == all {
            figures.set_costs(before, std::mem::take(&mut cpu));
        }
        let (cpu_before, _) = process::usage();
        pool.in_place_scope(|scope| {
            for (number, decoder) in decoders.iter().enumerate() {
                let turn = Turn {
                    counts: &counts,
                    decoder: number,
                    round,
                    check_zeros,
                };
                scope.spawn(move |_| {
                    for program in &loaded.programs {
                        decoder.replay(turn, program);
                    }
                });
            }
        });
        if round >= plan.warm_up {
            cpu.push(process::usage().0 - cpu_before);
        }
        let peak = process::peak_resident_bytes();
        if peak > largest + GROWTH_BYTES {
            largest = peak;
            figures.last_grown = round + 1;
        }
    }
    figures.live_bytes = counts.peak_bytes();
    figures.peak_bytes = process::peak_resident_bytes().saturating_sub(resident);
    figures.retained_bytes = process::resident_bytes().saturating_sub(resident);
    figures.wrong = counts.wrong();
    figures
}

impl Figures {
    /// Joins the figures of another process: the least CPU, and the worst of all else.
    pub(crate) fn join(&mut self, other: &Self, is_first: bool) {
        if is_first {
            *self = *other;
            return;
        }
        let over_live = |figures: &Self| figures.peak_bytes as f64 / figures.live_bytes as f64;
        let worst = match over_live(other) > over_live(self) {
            true => *other,
            false => *self,
        };
        *self = Self {
            cpu_us: self.cpu_us.min(other.cpu_us),
            faults: self.faults.max(other.faults),
            calls: self.calls.max(other.calls),
            last_grown: self.last_grown.max(other.last_grown),
            live_bytes: worst.live_bytes,
            peak_bytes: worst.peak_bytes,
            retained_bytes: worst.retained_bytes,
            wrong: self.wrong + other.wrong,
        };
    }

    /// Sets the costs of the rounds that took `cpu`: page faults and calls since `before`.
    fn set_costs(&mut self, before: (u64, u64), mut cpu: Vec<Duration>) {
        let (faults_before, calls_before) = before;
        let ((_, faults), calls) = (process::usage(), counted::calls());
        let per = cpu.len().max(1) as f64;
        cpu.sort_unstable();
        let median = cpu.get(cpu.len() / 2).copied().unwrap_or_default();
        self.cpu_us = median.as_secs_f64() * 1e6;
        self.faults = (faults - faults_before) as f64 / per;
        self.calls = (calls - calls_before) as f64 / per;
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            cpu_us,
            faults,
            calls,
            last_grown,
            live_bytes,
            peak_bytes,
            retained_bytes,
            wrong,
        } = self;
        write!(
            f,
            "{cpu_us} {faults} {calls} {last_grown} {live_bytes} {peak_bytes} {retained_bytes} {wrong}"
        )
    }
}

impl FromStr for Figures {
    type Err = Error;

    fn from_str(line: &str) -> Result<Self> {
        let numbers: Result<Vec<f64>, _> = line.split_whitespace().map(str::parse).collect();
        let Ok(
            [
                cpu_us,
                faults,
                calls,
                last_grown,
                live,
                peak,
                retained,
                wrong,
            ],
        ) = numbers.as_deref()
        else {
            bail!("{line:?} are no figures");
        };
        Ok(Self {
            cpu_us: *cpu_us,
            faults: *faults,
            calls: *calls,
            last_grown: *last_grown as usize,
            live_bytes: *live as usize,
            peak_bytes: *peak as usize,
            retained_bytes: *retained as usize,
            wrong: *wrong as usize,
        })
    }
}
