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
pub(crate) struct KindTable {
    kinds: [KindFigures; Kind::COUNT],
    /// A bit for each kind that was requested: tables of short scopes are mostly empty, and added often.
    requested: u32,
    /// Sums over all kinds.
    requests: u64,
    bytes: u64,
}

const _: () = assert!(Kind::COUNT <= u32::BITS as usize);

impl KindTable {
    pub(crate) const fn new() -> Self {
        let none = KindFigures {
            requests: 0,
            bytes: 0,
            missed: 0,
        };
        Self {
            kinds: [none; Kind::COUNT],
            requested: 0,
            requests: 0,
            bytes: 0,
        }
    }

    /// Counts a request; it missed if any of its bytes had never been handed out before.
    pub(crate) fn count(&mut self, kind: Kind, bytes: usize, missed: bool) {
        self.requests += 1;
        self.bytes += bytes as u64;
        self.requested |= 1 << kind.index();
        let figures = &mut self.kinds[kind.index()];
        figures.requests += 1;
        figures.bytes += bytes as u64;
        figures.missed += u64::from(missed);
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.requested |= other.requested;
        self.requests += other.requests;
        self.bytes += other.bytes;
        let mut left = other.requested;
        while left != 0 {
            let index = left.trailing_zeros() as usize;
            left &= left - 1;
            let (sum, figures) = (&mut self.kinds[index], &other.kinds[index]);
            sum.requests += figures.requests;
            sum.bytes += figures.bytes;
            sum.missed += figures.missed;
        }
    }

    pub(crate) fn clear(&mut self) {
        if self.requests > 0 {
            *self = Self::new();
        }
    }

    /// Requests and bytes over all kinds.
    pub(crate) fn totals(&self) -> (u64, u64) {
        (self.requests, self.bytes)
    }

    pub(crate) fn report(&self) -> Vec<KindReport> {
        Kind::all()
            .zip(&self.kinds)
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
