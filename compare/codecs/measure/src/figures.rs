//! The figures of one measurement, which a process writes for its parent.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Error, Result};

/// Figures of decoding one stream several times.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Pictures decoded.
    pub pictures: u64,
    /// Digest of all samples.
    pub digest: u64,
    /// CPU microseconds per picture.
    pub cpu_micros: f64,
    /// Page faults per picture.
    pub faults: f64,
    /// Page faults per picture after the first 16 pictures of a stream.
    pub warm_faults: f64,
    /// Calls to the C allocator per picture.
    pub allocations: f64,
    /// Most resident KiB beyond those before the first decode.
    pub peak_kib: u64,
    /// Resident KiB beyond those before the first decode, after the last one.
    pub after_kib: u64,
    /// The same when the process has rested.
    pub rested_kib: u64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "figures {} {} {} {} {} {} {} {} {}",
            self.pictures,
            self.digest,
            self.cpu_micros,
            self.faults,
            self.warm_faults,
            self.allocations,
            self.peak_kib,
            self.after_kib,
            self.rested_kib
        )
    }
}

impl FromStr for Figures {
    type Err = Error;

    fn from_str(line: &str) -> Result<Self> {
        let mut fields = line.split(' ').skip(1);
        let mut field = || fields.next().context("too few figures");
        Ok(Self {
            pictures: field()?.parse()?,
            digest: field()?.parse()?,
            cpu_micros: field()?.parse()?,
            faults: field()?.parse()?,
            warm_faults: field()?.parse()?,
            allocations: field()?.parse()?,
            peak_kib: field()?.parse()?,
            after_kib: field()?.parse()?,
            rested_kib: field()?.parse()?,
        })
    }
}
