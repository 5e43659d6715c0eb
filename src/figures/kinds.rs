use super::KindReport;
use crate::sample::Kind;

#[derive(Clone, Copy, Default)]
struct KindFigures {
    requests: u64,
    bytes: u64,
    missed: u64,
}

/// Requests by kind.
#[derive(Clone)]
pub(crate) struct KindTable([KindFigures; Kind::COUNT]);

impl KindTable {
    pub(crate) const fn new() -> Self {
        let none = KindFigures {
            requests: 0,
            bytes: 0,
            missed: 0,
        };
        Self([none; Kind::COUNT])
    }

    /// Counts a request; it missed if any of its bytes had never been handed out before.
    pub(crate) fn count(&mut self, kind: Kind, bytes: usize, missed: bool) {
        let figures = &mut self.0[kind.index()];
        figures.requests += 1;
        figures.bytes += bytes as u64;
        figures.missed += u64::from(missed);
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (sum, figures) in self.0.iter_mut().zip(&other.0) {
            sum.requests += figures.requests;
            sum.bytes += figures.bytes;
            sum.missed += figures.missed;
        }
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::new();
    }

    /// Requests and bytes over all kinds.
    pub(crate) fn totals(&self) -> (u64, u64) {
        self.0.iter().fold((0, 0), |(requests, bytes), figures| {
            (requests + figures.requests, bytes + figures.bytes)
        })
    }

    pub(crate) fn report(&self) -> Vec<KindReport> {
        Kind::all()
            .zip(&self.0)
            .filter(|(_, figures)| figures.requests > 0)
            .map(|(kind, figures)| KindReport {
                kind,
                requests: figures.requests,
                bytes: figures.bytes,
                hits: figures.requests - figures.missed,
                misses: figures.missed,
            })
            .collect()
    }
}
