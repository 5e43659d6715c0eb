use super::KindReport;
use super::reports::Reports;
use crate::sample::Kind;

/// Requests of one kind.
#[derive(Clone, Copy)]
pub(crate) struct KindStats {
    pub(crate) requests: u64,
    pub(crate) bytes: u64,
    missed: u64,
}

impl KindStats {
    pub(crate) const NONE: Self = Self {
        requests: 0,
        bytes: 0,
        missed: 0,
    };

    /// Counts a request; it missed if any of its bytes had never been granted before.
    pub(crate) fn count(&mut self, bytes: usize, missed: bool) {
        self.requests += 1;
        self.bytes += bytes as u64;
        self.missed += u64::from(missed);
    }

    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.bytes += other.bytes;
        self.missed += other.missed;
    }
}

/// Requests by kind.
#[derive(Clone)]
pub(crate) struct KindTable {
    kinds: [KindStats; Kind::COUNT],
    /// A bit for each kind that was requested, to add tables fast: those of short scopes are mostly
    /// empty.
    requested: u32,
    /// Sums over all kinds.
    requests: u64,
    bytes: u64,
}

const _: () = assert!(Kind::COUNT <= u32::BITS as usize);

impl KindTable {
    pub(crate) const fn new() -> Self {
        Self {
            kinds: [KindStats::NONE; Kind::COUNT],
            requested: 0,
            requests: 0,
            bytes: 0,
        }
    }

    /// Counts a request; it missed if any of its bytes had never been granted before.
    pub(crate) fn count(&mut self, kind: Kind, bytes: usize, missed: bool) {
        self.requests += 1;
        self.bytes += bytes as u64;
        self.requested |= 1 << kind.index();
        self.kinds[kind.index()].count(bytes, missed);
    }

    /// Adds requests of one kind.
    pub(crate) fn add_kind(&mut self, kind: Kind, stats: &KindStats) {
        self.add_at(kind.index(), stats);
    }

    /// Adds requests of the kind of this [index](Kind::index).
    pub(crate) fn add_at(&mut self, kind: usize, stats: &KindStats) {
        self.requests += stats.requests;
        self.bytes += stats.bytes;
        self.requested |= 1 << kind;
        self.kinds[kind].add(stats);
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.requested |= other.requested;
        self.requests += other.requests;
        self.bytes += other.bytes;
        let mut left = other.requested;
        while left != 0 {
            let index = left.trailing_zeros() as usize;
            left &= left - 1;
            self.kinds[index].add(&other.kinds[index]);
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

    pub(crate) fn report(&self) -> Reports<KindReport, { Kind::COUNT }> {
        let mut reports = Reports::new();
        self.reports().for_each(|report| reports.push(report));
        reports
    }

    /// Kinds that were requested, in order.
    pub(crate) fn reports(&self) -> impl Iterator<Item = KindReport> {
        Kind::all()
            .zip(&self.kinds)
            .filter(|(_, stats)| stats.requests > 0)
            .map(|(kind, stats)| KindReport {
                kind,
                requests: stats.requests,
                bytes: stats.bytes,
                hits: stats.requests - stats.missed,
                misses: stats.missed,
            })
    }
}
