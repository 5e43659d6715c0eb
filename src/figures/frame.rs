use super::reports::Reports;
use super::{FrameReport, KindTable, StageReport, Usage};
use crate::store::RecordLink;
use crate::sync::{Mutex, MutexGuard, get_mut, lock};

/// Stage names of one frame that are told apart; further ones share the last place.
pub(super) const STAGES: usize = 32;

/// Place of a stage name among the frame's figures.
pub(crate) type StageIndex = usize;

pub(crate) const FRAME_STAGE: StageIndex = 0;
pub(crate) const SCRATCH_STAGE: StageIndex = 1;
const OTHERS: StageIndex = STAGES - 1;

/// Name of what a frame hands out itself.
pub(crate) const FRAME_NAME: &str = "(frame)";
/// Name of what all scratch of a frame hands out.
pub(crate) const SCRATCH_NAME: &str = "(scratch)";

/// Sums over the openings of a stage, or what one opening adds to them.
#[derive(Clone, Copy, Default)]
pub(crate) struct Totals {
    pub(crate) opened: u64,
    pub(crate) requests: u64,
    pub(crate) handed_out_bytes: u64,
    pub(crate) blocks_made: u64,
    pub(crate) blocks_reused: u64,
    pub(crate) runs_made: u64,
    pub(crate) runs_reused: u64,
    /// Bytes of blocks and runs taken.
    pub(crate) taken_bytes: u64,
    /// Most bytes taken and not handed out in one opening.
    pub(crate) wasted_bytes: u64,
}

impl Totals {
    pub(crate) fn add(&mut self, other: &Self) {
        self.opened += other.opened;
        self.requests += other.requests;
        self.handed_out_bytes += other.handed_out_bytes;
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
    /// The one that was looked up last.
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

/// Figures of one open frame, shared by its scopes on all threads.
pub(crate) struct FrameFigures {
    /// Bytes handed out, over all scopes of the frame.
    pub(crate) live: Usage,
    /// Bytes of blocks and runs taken for them.
    pub(crate) taken: Usage,
    /// Bytes handed out by stage.
    stages: [Usage; STAGES],
    sums: Mutex<Sums>,
    pub(crate) link: RecordLink<FrameFigures>,
}

/// What ended scopes add up to.
pub(crate) struct Sums {
    names: Names,
    totals: [Totals; STAGES],
    pub(crate) kinds: KindTable,
}

impl FrameFigures {
    pub(crate) fn new() -> Self {
        Self {
            live: Usage::new(),
            taken: Usage::new(),
            stages: std::array::from_fn(|_| Usage::new()),
            sums: Mutex::new(Sums {
                names: NO_NAMES,
                totals: [Totals::default(); STAGES],
                kinds: KindTable::new(),
            }),
            link: RecordLink::NEW,
        }
    }

    /// Makes figures of an ended frame ready for the next.
    pub(crate) fn reset(&mut self) {
        self.live = Usage::new();
        self.taken = Usage::new();
        let sums = get_mut(&mut self.sums);
        let names = sums.names.len;
        let others = if names == OTHERS { STAGES } else { names };
        for stage in 0..others {
            self.stages[stage] = Usage::new();
            sums.totals[stage] = Totals::default();
        }
        (sums.names.len, sums.names.last) = (NO_NAMES.len, NO_NAMES.last);
        sums.kinds.clear();
    }

    #[cfg(test)]
    fn stage(&self, name: &'static str) -> StageIndex {
        self.sums().stage(name)
    }

    #[inline]
    pub(crate) fn hand_out(&self, stage: StageIndex, bytes: usize) {
        self.live.add(bytes);
        self.stages[stage].add(bytes);
    }

    /// Counts memory as no more handed out by the frame: its scope ended, or it was detached.
    #[inline]
    pub(crate) fn take_off(&self, stage: StageIndex, live_bytes: usize, taken_bytes: usize) {
        self.live.sub(live_bytes);
        self.taken.sub(taken_bytes);
        self.stages[stage].sub(live_bytes);
    }

    /// What ended scopes add up to, to count one that ends; it is [taken off](Self::take_off) too.
    pub(crate) fn sums(&self) -> MutexGuard<'_, Sums> {
        lock(&self.sums)
    }

    /// Requests by kind of all scopes closed so far.
    pub(crate) fn add_kinds_to(&self, table: &mut KindTable) {
        table.add(&lock(&self.sums).kinds);
    }

    /// Name and peak of every stage that was opened.
    #[cfg(feature = "metrics")]
    pub(crate) fn stage_peaks(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let (names, opened) = {
            let sums = lock(&self.sums);
            let opened = sums.totals.map(|totals| totals.opened > 0);
            (sums.names.names, opened)
        };
        (0..STAGES).filter_map(move |stage| {
            let (_, peak_bytes) = self.stages[stage].read();
            let is_shown = opened[stage] || peak_bytes > 0;
            is_shown.then_some((names[stage], peak_bytes))
        })
    }

    /// The report, with what the frame's own scope, still open, has handed out.
    pub(crate) fn report(&self, open: Option<(&Totals, &KindTable)>) -> FrameReport {
        let sums = lock(&self.sums);
        let mut kinds = sums.kinds.clone();
        if let Some((_, table)) = open {
            kinds.add(table);
        }
        let (live_bytes, peak_bytes) = self.live.read();
        FrameReport {
            live_bytes,
            peak_bytes,
            handed_out_bytes: kinds.totals().1,
            requests: kinds.totals().0,
            peak_taken_bytes: self.taken.peak(),
            stages: self.stage_reports(&sums, open.map(|(totals, _)| totals)),
            kinds: kinds.report(),
        }
    }

    fn stage_reports(
        &self,
        sums: &Sums,
        open_frame: Option<&Totals>,
    ) -> Reports<StageReport, STAGES> {
        let mut reports = Reports::new();
        for (index, usage) in self.stages.iter().enumerate() {
            let mut totals = sums.totals[index];
            if let (FRAME_STAGE, Some(open)) = (index, open_frame) {
                totals.add(open);
            }
            let (live_bytes, peak_bytes) = usage.read();
            if totals.opened == 0 && peak_bytes == 0 {
                continue;
            }
            reports.push(StageReport {
                name: sums.names.names[index].into(),
                opened: totals.opened,
                requests: totals.requests,
                handed_out_bytes: totals.handed_out_bytes,
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

impl Sums {
    /// The place of a stage of this name.
    #[inline]
    pub(crate) fn stage(&mut self, name: &'static str) -> StageIndex {
        let names = &mut self.names;
        if !std::ptr::eq(names.names[names.last % STAGES], name) {
            names.last = names.find(name);
        }
        names.last
    }

    /// The totals of a stage, and the requests of all.
    #[inline]
    pub(crate) fn of_stage(&mut self, stage: StageIndex) -> (&mut Totals, &mut KindTable) {
        (&mut self.totals[stage], &mut self.kinds)
    }

    /// Counts one opening of a stage.
    #[inline]
    pub(crate) fn add(&mut self, stage: StageIndex, totals: &Totals) {
        self.totals[stage].add(totals);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beyond_the_table_share_a_place() {
        const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
        let mut figures = FrameFigures::new();
        let name = |i: usize| &LETTERS[i % 16..=i % 16 + i / 16];
        let names: Vec<&'static str> = (0..2 * STAGES).map(name).collect();
        let places: Vec<_> = names.iter().map(|name| figures.stage(name)).collect();
        assert_eq!(places[..3], [2, 3, 4]);
        assert_eq!(figures.stage("b"), 3);
        assert_eq!(*places.last().unwrap(), OTHERS);
        figures.reset();
        assert_eq!(figures.stage("another name"), 2);
    }
}
