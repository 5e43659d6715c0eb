//! Measures the decodes of one process.

use std::time::Duration;

use crate::digest::Digest;
use crate::figures::Figures;
use crate::{allocations, process};

/// Pictures of a stream after which a decoder is warm.
const WARM_PICTURES: u64 = 16;

/// Measures decodes of one stream: the first one warms up, the others are measured.
#[derive(Debug)]
pub struct Meter {
    before_kib: u64,
    is_digesting: bool,
    digest: Digest,
    /// Pictures of this decode.
    at: u64,
    /// Pictures of the measured decodes.
    pictures: u64,
    start: Option<(Duration, u64, u64)>,
    warm_from: u64,
    warm_faults: u64,
    warm_pictures: u64,
}

impl Meter {
    /// Notes what is resident before the first decode. Without digest, the samples are not read.
    pub fn new(is_digesting: bool) -> Self {
        process::restart_peak();
        Self {
            before_kib: process::resident_kib(),
            is_digesting,
            digest: Digest::default(),
            at: 0,
            pictures: 0,
            start: None,
            warm_from: 0,
            warm_faults: 0,
            warm_pictures: 0,
        }
    }

    /// Returns the digest, to add the rows of a picture to, if samples are read.
    pub fn digest(&mut self) -> Option<&mut Digest> {
        self.is_digesting.then_some(&mut self.digest)
    }

    /// Returns the pictures of this decode so far.
    pub fn pictures_of_stream(&self) -> u64 {
        self.at
    }

    /// Notes that a picture was decoded.
    pub fn picture(&mut self) {
        self.at += 1;
        if self.at == WARM_PICTURES {
            self.warm_from = process::usage().1;
        }
        if self.start.is_some() {
            self.pictures += 1;
        }
    }

    /// Notes the end of a stream. After the first one, the measurement starts.
    pub fn end_stream(&mut self) {
        let faults = process::usage().1;
        match self.start {
            Some(_) if self.at > WARM_PICTURES => {
                self.warm_faults += faults - self.warm_from;
                self.warm_pictures += self.at - WARM_PICTURES;
            }
            Some(_) => {}
            None => {
                let (cpu, faults) = process::usage();
                self.start = Some((cpu, faults, allocations::calls()));
            }
        }
        self.at = 0;
    }

    /// Returns the figures of the measured decodes. Memory that is retained must still be there;
    /// `rest` returns what a process that rests returns.
    pub fn stop(self, rest: impl FnOnce()) -> Figures {
        let calls = allocations::calls();
        let (cpu, faults) = process::usage();
        let (start_cpu, start_faults, start_calls) = self.start.unwrap_or_default();
        let per_picture = |total: u64| total as f64 / self.pictures.max(1) as f64;
        let cpu = (cpu - start_cpu).as_micros() as u64;
        let peak_kib = process::peak_resident_kib();
        let resident = || process::resident_kib().saturating_sub(self.before_kib);
        let after_kib = resident();
        rest();
        Figures {
            pictures: self.pictures,
            digest: self.digest.value(),
            cpu_micros: per_picture(cpu),
            faults: per_picture(faults - start_faults),
            warm_faults: self.warm_faults as f64 / self.warm_pictures.max(1) as f64,
            allocations: per_picture(calls - start_calls),
            peak_kib: peak_kib.saturating_sub(self.before_kib),
            after_kib,
            rested_kib: resident(),
        }
    }
}
