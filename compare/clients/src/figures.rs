//! The figures of a measured process, and the lines in which it passes them to the process that
//! started it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Error, Result};

/// Costs of a strategy over a number of items: decodes, pictures or jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Number of items that the counts below cover.
    pub items: u64,
    /// CPU time of all threads per item, in the lap that took the least.
    pub cpu: Duration,
    /// The part of `cpu` that was spent in the kernel.
    pub system: Duration,
    /// Minor page faults.
    pub faults: u64,
    /// Calls to the global allocator.
    pub allocations: u64,
    /// Peak of the resident bytes, warm-up included, beyond those before the strategy requested
    /// memory.
    pub peak_bytes: u64,
    /// Resident bytes after the last item, beyond those before the strategy requested memory.
    pub after_bytes: u64,
}

/// The figures of a strategy and the results of its work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The figures.
    pub figures: Figures,
    /// A checksum per result, or `None` for work that was refused for lack of memory.
    pub answers: Vec<Option<u64>>,
}

impl Figures {
    /// Adds the counts of a lap, and keeps its CPU time if that is the least.
    pub fn add_lap(&mut self, lap: &Self) {
        self.keep_least_cpu(lap, self.items == 0);
        self.items += lap.items;
        self.faults += lap.faults;
        self.allocations += lap.allocations;
    }

    /// Joins the figures of another process that did the same: the CPU time is the least one, and
    /// every other figure is the worse one.
    pub fn join(&mut self, other: &Self) {
        self.keep_least_cpu(other, false);
        self.faults = self.faults.max(other.faults);
        self.allocations = self.allocations.max(other.allocations);
        self.peak_bytes = self.peak_bytes.max(other.peak_bytes);
        self.after_bytes = self.after_bytes.max(other.after_bytes);
    }

    fn keep_least_cpu(&mut self, other: &Self, is_first: bool) {
        if is_first || other.cpu < self.cpu {
            (self.cpu, self.system) = (other.cpu, other.system);
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figures {
            items,
            cpu,
            system,
            faults,
            allocations,
            peak_bytes,
            after_bytes,
        } = self.figures;
        let (cpu, system) = (cpu.as_nanos(), system.as_nanos());
        writeln!(
            f,
            "{items} {cpu} {system} {faults} {allocations} {peak_bytes} {after_bytes}"
        )?;
        for answer in &self.answers {
            match answer {
                Some(checksum) => write!(f, "{checksum:x} ")?,
                None => write!(f, "refused ")?,
            }
        }
        Ok(())
    }
}

impl FromStr for Outcome {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (figures, answers) = text.split_once('\n').context("no answers")?;
        let numbers: Vec<u64> = figures
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        let numbers: [u64; 7] = numbers[..].try_into().context("not seven figures")?;
        let [
            items,
            cpu,
            system,
            faults,
            allocations,
            peak_bytes,
            after_bytes,
        ] = numbers;
        let answer = |word: &str| match word {
            "refused" => Ok(None),
            checksum => u64::from_str_radix(checksum, 16).map(Some),
        };
        Ok(Self {
            figures: Figures {
                items,
                cpu: Duration::from_nanos(cpu),
                system: Duration::from_nanos(system),
                faults,
                allocations,
                peak_bytes,
                after_bytes,
            },
            answers: answers
                .split_whitespace()
                .map(answer)
                .collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(cpu: u64, faults: u64) -> Figures {
        Figures {
            items: 9,
            cpu: Duration::from_micros(cpu),
            system: Duration::from_micros(cpu / 2),
            faults,
            allocations: 1,
            peak_bytes: 100,
            after_bytes: 50,
        }
    }

    #[test]
    fn an_outcome_reads_back() {
        let outcome = Outcome {
            figures: figures(7, 3),
            answers: vec![Some(u64::MAX), None, Some(0)],
        };
        assert_eq!(outcome.to_string().parse::<Outcome>().unwrap(), outcome);
    }

    #[test]
    fn laps_are_summed_but_for_their_time() {
        let mut sum = Figures::default();
        sum.add_lap(&figures(7, 3));
        sum.add_lap(&figures(5, 4));
        assert_eq!((sum.items, sum.faults, sum.allocations), (18, 7, 2));
        assert_eq!(
            (sum.cpu, sum.system),
            (figures(5, 0).cpu, figures(5, 0).system)
        );
    }

    #[test]
    fn joined_figures_are_the_least_time_and_the_worst_of_all_else() {
        let mut joined = figures(10, 3);
        joined.join(&figures(8, 2));
        assert_eq!(joined, figures(8, 3));
        joined.join(&figures(20, 4));
        assert_eq!(joined, figures(8, 4));
    }
}
