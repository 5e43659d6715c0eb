use super::report::STAGES;
use super::reports::Reports;
use super::{FrameReport, KindTable, LiveBytes, StageReport};
use crate::store::RecordLink;
use crate::sync::{Mutex, MutexGuard, get_mut, lock};

/// Place of a stage name among the frame's stats.
pub(crate) type StageIndex = usize;

pub(crate) const FRAME_STAGE: StageIndex = 0;
pub(crate) const SCRATCH_STAGE: StageIndex = 1;
const OTHERS: StageIndex = STAGES - 1;

/// Name for requests of a frame itself.
pub(crate) const FRAME_NAME: &str = "(frame)";
/// Name for requests of all scratch of a frame.
pub(crate) const SCRATCH_NAME: &str = "(scratch)";

/// Sums over the openings of a stage, or the summands of one opening.
#[derive(Clone, Copy, Default)]
pub(crate) struct StageStats {
    pub(crate) opened: u64,
    pub(crate) requests: u64,
    pub(crate) requested_bytes: u64,
    pub(crate) blocks_made: u64,
    pub(crate) blocks_reused: u64,
    pub(crate) runs_made: u64,
    pub(crate) runs_reused: u64,
    /// Bytes of blocks and runs taken.
    pub(crate) taken_bytes: u64,
    /// Most bytes that one opening took and did not grant.
    pub(crate) wasted_bytes: u64,
}

impl StageStats {
    pub(crate) fn add(&mut self, other: &Self) {
        self.opened += other.opened;
        self.requests += other.requests;
        self.requested_bytes += other.requested_bytes;
        self.blocks_made += other.blocks_made;
        self.blocks_reused += other.blocks_reused;
        self.runs_made += other.runs_made;
        self.runs_reused += other.runs_reused;
        self.taken_bytes += other.taken_bytes;
        self.wasted_bytes = self.wasted_bytes.max(other.wasted_bytes);
    }
}

struct Names {
    names: [&'static str; STAGES],
    len: usize,
    /// Index of the name that was looked up last.
    last: usize,
}

impl Names {
    fn find(&mut self, name: &'static str) -> usize {
        let mut known = self.names[..self.len].iter();
        if let Some(index) = known.position(|&known| known == name) {
            return index;
        }
        if self.len == OTHERS {
            return OTHERS;
        }
        let index = self.len;
        self.names[index] = name;
        self.len += 1;
        index
    }
}

const NO_NAMES: Names = {
    let mut names = ["(others)"; STAGES];
    names[FRAME_STAGE] = FRAME_NAME;
    names[SCRATCH_STAGE] = SCRATCH_NAME;
    Names {
        names,
        len: 2,
        last: 0,
    }
};

/// Statistics of one open frame, shared by its scopes on all threads.
pub(crate) struct FrameStats {
    /// Bytes granted, over all scopes of the frame.
    pub(crate) live: LiveBytes,
    /// Bytes of blocks and runs taken for them.
    pub(crate) taken: LiveBytes,
    /// Bytes granted by stage.
    stages: [LiveBytes; STAGES],
    closed: Mutex<ClosedScopes>,
    pub(crate) link: RecordLink<FrameStats>,
}

/// Sums over scopes that ended.
pub(crate) struct ClosedScopes {
    names: Names,
    totals: [StageStats; STAGES],
    pub(crate) kinds: KindTable,
}

impl FrameStats {
    pub(crate) fn new() -> Self {
        Self {
            live: LiveBytes::new(),
            taken: LiveBytes::new(),
            stages: std::array::from_fn(|_| LiveBytes::new()),
            closed: Mutex::new(ClosedScopes {
                names: NO_NAMES,
                totals: [StageStats::default(); STAGES],
                kinds: KindTable::new(),
            }),
            link: RecordLink::NEW,
        }
    }

    /// Makes statistics of an ended frame ready for the next.
    pub(crate) fn reset(&mut self) {
        self.live = LiveBytes::new();
        self.taken = LiveBytes::new();
        let closed = get_mut(&mut self.closed);
        let names = closed.names.len;
        let others = if names == OTHERS { STAGES } else { names };
        for stage in 0..others {
            self.stages[stage] = LiveBytes::new();
            closed.totals[stage] = StageStats::default();
        }
        (closed.names.len, closed.names.last) = (NO_NAMES.len, NO_NAMES.last);
        closed.kinds.clear();
    }

    #[cfg(test)]
    fn stage(&self, name: &'static str) -> StageIndex {
        self.closed().stage(name)
    }

    #[inline]
    pub(crate) fn grant(&self, stage: StageIndex, bytes: usize) {
        self.live.add(bytes);
        self.stages[stage].add(bytes);
    }

    /// Subtracts memory that is no longer granted by the frame, as its scope ended or it was
    /// detached.
    #[inline]
    pub(crate) fn return_bytes(&self, stage: StageIndex, live_bytes: usize, taken_bytes: usize) {
        self.live.sub(live_bytes);
        self.taken.sub(taken_bytes);
        self.stages[stage].sub(live_bytes);
    }

    /// The sums over scopes that ended, to add one that ends. Its live bytes must be
    /// [subtracted](Self::return_bytes) too.
    pub(crate) fn closed(&self) -> MutexGuard<'_, ClosedScopes> {
        lock(&self.closed)
    }

    /// Requests by kind of all scopes closed so far.
    pub(crate) fn add_kinds_to(&self, table: &mut KindTable) {
        table.add(&lock(&self.closed).kinds);
    }

    /// Name and peak of every stage that was opened.
    #[cfg(feature = "metrics")]
    pub(crate) fn stage_peaks(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let (names, opened) = {
            let closed = lock(&self.closed);
            let opened = closed.totals.map(|totals| totals.opened > 0);
            (closed.names.names, opened)
        };
        (0..STAGES).filter_map(move |stage| {
            let (_, peak_bytes) = self.stages[stage].read();
            let is_shown = opened[stage] || peak_bytes > 0;
            is_shown.then_some((names[stage], peak_bytes))
        })
    }

    /// The report, with the statistics of the frame's own scope if that is still open.
    pub(crate) fn report(&self, open: Option<(&StageStats, &KindTable)>) -> FrameReport {
        let closed = lock(&self.closed);
        let mut kinds = closed.kinds.clone();
        if let Some((_, table)) = open {
            kinds.add(table);
        }
        let (live_bytes, peak_bytes) = self.live.read();
        FrameReport {
            live_bytes,
            peak_bytes,
            requested_bytes: kinds.totals().1,
            requests: kinds.totals().0,
            peak_taken_bytes: self.taken.peak(),
            stages: self.stage_reports(&closed, open.map(|(totals, _)| totals)),
            kinds: kinds.report(),
        }
    }

    fn stage_reports(
        &self,
        closed: &ClosedScopes,
        open_frame: Option<&StageStats>,
    ) -> Reports<StageReport, STAGES> {
        let mut reports = Reports::new();
        for (index, usage) in self.stages.iter().enumerate() {
            let mut totals = closed.totals[index];
            if let (FRAME_STAGE, Some(open)) = (index, open_frame) {
                totals.add(open);
            }
            let (live_bytes, peak_bytes) = usage.read();
            if totals.opened == 0 && peak_bytes == 0 {
                continue;
            }
            reports.push(StageReport {
                name: closed.names.names[index].into(),
                opened: totals.opened,
                requests: totals.requests,
                requested_bytes: totals.requested_bytes,
                live_bytes,
                peak_bytes,
                wasted_bytes: totals.wasted_bytes,
                blocks_made: totals.blocks_made,
                blocks_reused: totals.blocks_reused,
                runs_made: totals.runs_made,
                runs_reused: totals.runs_reused,
            });
        }
        reports
    }
}

impl ClosedScopes {
    /// The place of a stage of this name.
    #[inline]
    pub(crate) fn stage(&mut self, name: &'static str) -> StageIndex {
        let names = &mut self.names;
        if !std::ptr::eq(names.names[names.last % STAGES], name) {
            names.last = names.find(name);
        }
        names.last
    }

    /// The sums of a stage, and the requests of all stages by kind.
    #[inline]
    pub(crate) fn of_stage(&mut self, stage: StageIndex) -> (&mut StageStats, &mut KindTable) {
        (&mut self.totals[stage], &mut self.kinds)
    }

    /// Counts one opening of a stage.
    #[inline]
    pub(crate) fn add(&mut self, stage: StageIndex, totals: &StageStats) {
        self.totals[stage].add(totals);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beyond_the_table_share_a_place() {
        const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
        let mut stats = FrameStats::new();
        let name = |i: usize| &LETTERS[i % 16..=i % 16 + i / 16];
        let names: Vec<&'static str> = (0..2 * STAGES).map(name).collect();
        let places: Vec<_> = names.iter().map(|name| stats.stage(name)).collect();
        assert_eq!(places[..3], [2, 3, 4]);
        assert_eq!(stats.stage("b"), 3);
        assert_eq!(*places.last().unwrap(), OTHERS);
        stats.reset();
        assert_eq!(stats.stage("another name"), 2);
    }
}
