//! The figures of one measured process, and the line in which it passes them to the process that
//! started it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Error, Result};

/// What one decoder spent on one file in one process.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Process CPU time of the first decode.
    pub first_cpu: Duration,
    /// Minor faults of the first decode.
    pub first_faults: u64,
    /// Process CPU time of each decode after the warm-up.
    pub cpu: Vec<Duration>,
    /// Minor faults of all decodes after the warm-up.
    pub faults: u64,
    /// Calls to the global allocator of all decodes after the warm-up.
    pub allocations: u64,
    /// Whether another program decodes, so that only CPU time, faults and samples are known.
    pub of_command: bool,
    /// Peak resident bytes beyond what was resident, input and output included, before the first
    /// decode.
    pub peak_resident_bytes: u64,
    /// The same by the allocator's count: no page rounding, no thread stacks, no code pages.
    pub peak_heap_bytes: u64,
    /// Bytes from the global allocator that the idle decoder keeps after the last decode.
    pub retained_bytes: u64,
    /// Digest of the samples.
    pub digest: u64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cpu: Vec<String> = self.cpu.iter().map(|c| c.as_nanos().to_string()).collect();
        write!(
            f,
            "{} {} {} {} {} {} {} {} {} {}",
            self.first_cpu.as_nanos(),
            self.first_faults,
            cpu.join(","),
            self.faults,
            self.allocations,
            u8::from(self.of_command),
            self.peak_resident_bytes,
            self.peak_heap_bytes,
            self.retained_bytes,
            self.digest
        )
    }
}

impl FromStr for Figures {
    type Err = Error;

    fn from_str(line: &str) -> Result<Self> {
        let mut words = line.split_whitespace();
        let mut word = || words.next().context("a figure is missing");
        let nanos = |text: &str| Ok::<_, Error>(Duration::from_nanos(text.parse()?));
        Ok(Figures {
            first_cpu: nanos(word()?)?,
            first_faults: word()?.parse()?,
            cpu: word()?.split(',').map(nanos).collect::<Result<_>>()?,
            faults: word()?.parse()?,
            allocations: word()?.parse()?,
            of_command: word()? == "1",
            peak_resident_bytes: word()?.parse()?,
            peak_heap_bytes: word()?.parse()?,
            retained_bytes: word()?.parse()?,
            digest: word()?.parse()?,
        })
    }
}

/// Returns the middle value, the upper one of two, or zero if there is none.
pub fn median<T: Copy + Ord + Default>(values: &[T]) -> T {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_figures_reads_back() {
        let figures = Figures {
            first_cpu: Duration::from_nanos(17),
            first_faults: 2,
            cpu: vec![Duration::from_nanos(5), Duration::from_micros(9)],
            faults: 3,
            allocations: 4,
            of_command: true,
            peak_resident_bytes: 50,
            peak_heap_bytes: 49,
            retained_bytes: 6,
            digest: u64::MAX,
        };
        assert_eq!(figures.to_string().parse::<Figures>().unwrap(), figures);
    }

    #[test]
    fn median_of_odd_even_and_none() {
        assert_eq!(median(&[3, 1, 2]), 2);
        assert_eq!(median(&[4, 1, 2, 3]), 3);
        assert_eq!(median::<u64>(&[]), 0);
    }
}
