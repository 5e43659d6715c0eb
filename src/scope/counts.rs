use crate::sample::Kind;
use crate::stats::{FrameStats, KindStats, KindTable, StageStats};

/// Number of kinds of requests that a slot counts itself; requests of further kinds are counted in
/// the frame's stats.
const KINDS: usize = 6;

/// The index of no kind.
const NO_KIND: u8 = u8::MAX;

/// Counts of requests granted from a slot's blocks or from runs, and of the memory taken for them.
pub(super) struct Counts {
    /// Indices of the kinds that were requested; `NO_KIND` in unused places.
    known: [u8; KINDS],
    kinds: [KindStats; KINDS],
    /// Requests of further kinds.
    others: KindStats,
    made: u64,
    reused: u64,
    taken_bytes: usize,
    /// Bytes of these that went to detached planes.
    pub(super) detached_bytes: usize,
    pub(super) detached_taken_bytes: usize,
}

/// The sums of one scope's counts, added to the totals of its stage.
pub(crate) struct ScopeCounts<'t> {
    totals: &'t mut StageStats,
    pub(crate) requested_bytes: u64,
    pub(crate) taken_bytes: u64,
    wasted_bytes: u64,
    /// Bytes of these that were not detached.
    pub(crate) live_bytes: usize,
    pub(crate) live_taken_bytes: usize,
}

impl Counts {
    pub(super) const NONE: Self = Self {
        known: [NO_KIND; KINDS],
        kinds: [KindStats::NONE; KINDS],
        others: KindStats::NONE,
        made: 0,
        reused: 0,
        taken_bytes: 0,
        detached_bytes: 0,
        detached_taken_bytes: 0,
    };

    #[inline]
    pub(super) fn clear(&mut self) {
        for (known, stats) in self.known.iter_mut().zip(&mut self.kinds) {
            if *known == NO_KIND {
                break;
            }
            (*known, *stats) = (NO_KIND, KindStats::NONE);
        }
        self.others = KindStats::NONE;
        (self.made, self.reused, self.taken_bytes) = (0, 0, 0);
        (self.detached_bytes, self.detached_taken_bytes) = (0, 0);
    }

    /// Counts a request; it missed if any of its bytes had never been granted before.
    #[inline]
    pub(super) fn count(&mut self, frame: &FrameStats, kind: Kind, bytes: usize, missed: bool) {
        let index = kind.index() as u8;
        if self.known[0] == NO_KIND {
            self.known[0] = index;
        }
        if self.known[0] == index {
            self.kinds[0].count(bytes, missed);
            return;
        }
        self.count_further(frame, kind, bytes, missed);
    }

    #[inline(never)]
    fn count_further(&mut self, frame: &FrameStats, kind: Kind, bytes: usize, missed: bool) {
        let index = kind.index() as u8;
        for (known, stats) in self.known.iter_mut().zip(&mut self.kinds).skip(1) {
            if *known == NO_KIND {
                *known = index;
            }
            if *known == index {
                stats.count(bytes, missed);
                return;
            }
        }
        self.others.count(bytes, missed);
        frame.closed().kinds.count(kind, bytes, missed);
    }

    /// Blocks or runs taken so far.
    pub(super) fn taken(&self) -> u64 {
        self.made + self.reused
    }

    pub(super) fn take(&mut self, bytes: usize, is_new: bool) {
        self.taken_bytes += bytes;
        self.made += u64::from(is_new);
        self.reused += u64::from(!is_new);
    }

    /// Adds the requests by kind to `table`. Returns their number and bytes.
    #[inline]
    fn add_kinds_to(&self, table: &mut KindTable) -> (u64, u64) {
        let (mut requests, mut bytes) = (self.others.requests, self.others.bytes);
        for (&known, stats) in self.known.iter().zip(&self.kinds) {
            if known == NO_KIND {
                break;
            }
            table.add_at(known.into(), stats);
            requests += stats.requests;
            bytes += stats.bytes;
        }
        (requests, bytes)
    }
}

impl<'t> ScopeCounts<'t> {
    #[inline]
    pub(super) fn new(totals: &'t mut StageStats) -> Self {
        Self {
            totals,
            requested_bytes: 0,
            taken_bytes: 0,
            wasted_bytes: 0,
            live_bytes: 0,
            live_taken_bytes: 0,
        }
    }

    /// Adds `counts`, and their requests by kind to `table`.
    pub(super) fn add(&mut self, counts: &Counts, blocks: bool, table: &mut KindTable) {
        let (requests, bytes) = counts.add_kinds_to(table);
        let totals = &mut *self.totals;
        let (made, reused) = if blocks {
            (&mut totals.blocks_made, &mut totals.blocks_reused)
        } else {
            (&mut totals.runs_made, &mut totals.runs_reused)
        };
        *made += counts.made;
        *reused += counts.reused;
        let taken_bytes = counts.taken_bytes as u64;
        totals.requests += requests;
        totals.requested_bytes += bytes;
        totals.taken_bytes += taken_bytes;
        self.requested_bytes += bytes;
        self.taken_bytes += taken_bytes;
        self.wasted_bytes += taken_bytes.saturating_sub(bytes);
        self.live_bytes += bytes as usize - counts.detached_bytes;
        self.live_taken_bytes += counts.taken_bytes - counts.detached_taken_bytes;
    }

    /// Counts the scope as one opening of its stage.
    #[inline]
    pub(super) fn finish(self) -> Self {
        self.totals.opened += 1;
        self.totals.wasted_bytes = self.totals.wasted_bytes.max(self.wasted_bytes);
        self
    }
}
