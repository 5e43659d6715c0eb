//! Random puts and takes against a plain list.

use super::{Put, RunTable};
use crate::epoch::Epoch;
use crate::memory::{Run, Source};
use crate::sizing::{Fit, RunSize};

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }
}

/// A run in the list.
#[derive(Clone, Copy, Debug)]
struct Known {
    id: u64,
    slot: u32,
    /// Bytes, without the tail while it is split off.
    capacity_bytes: usize,
    is_mapped: bool,
    last_used: u64,
    last_filled: u64,
}

impl Known {
    fn can_be_narrowed_to(&self, bytes: usize) -> bool {
        self.is_mapped && bytes < self.capacity_bytes
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Tail {
    None,
    Here(usize),
    Gone,
}

struct InUse {
    run: Box<Run>,
    known: Known,
    tail: Tail,
}

/// A table, and a list of the same runs in the order in which they were put.
struct Pair {
    table: RunTable,
    retained: Vec<Known>,
    in_use: Vec<InUse>,
    now: u64,
    next_id: u64,
    source: Source,
    counts: Counts,
}

/// Counts of outcomes, to assert that each was tested.
#[derive(Debug, Default)]
struct Counts {
    exact: usize,
    narrowed: usize,
    whole: usize,
    missed: usize,
    rejoined: usize,
    old_tails: usize,
    gone_tails: usize,
    removed: usize,
}

fn total_bytes(random: &mut Random) -> usize {
    let most = [20_000, 90_000, 400_000][random.below(3)];
    Run::total_bytes_for(1 + random.below(most)).expect("no overflow")
}

impl Pair {
    fn new(source: Source) -> Self {
        Self {
            table: RunTable::new(),
            retained: Vec::new(),
            in_use: Vec::new(),
            now: 100,
            next_id: 1,
            source,
            counts: Counts::default(),
        }
    }

    fn epoch(number: u64) -> Epoch {
        Epoch::of_span(std::time::Duration::from_nanos(number))
    }

    fn make(&mut self, total_bytes: usize) {
        let mut run = Run::new(total_bytes, self.source).expect("memory");
        self.table.register(&mut run).expect("memory");
        run.order = self.next_id;
        let is_mapped = run.can_be_narrowed_to(4096);
        assert_eq!(run.capacity_bytes, total_bytes);
        let known = Known {
            id: self.next_id,
            slot: run.slot,
            capacity_bytes: total_bytes,
            is_mapped,
            last_used: 0,
            last_filled: 0,
        };
        self.next_id += 1;
        let others = self
            .retained
            .iter()
            .chain(self.in_use.iter().map(|one| &one.known));
        assert!(others.into_iter().all(|other| other.slot != known.slot));
        self.in_use.push(InUse {
            run,
            known,
            tail: Tail::None,
        });
    }

    /// The place in the list of the run that `fit` chooses for `size`.
    fn find(&self, size: RunSize, fit: Fit) -> Option<usize> {
        let among = |least: usize, most: usize| {
            let runs = self.retained.iter().enumerate();
            runs.filter(move |(_, run)| (least..=most).contains(&run.capacity_bytes))
        };
        let RunSize {
            least_bytes,
            wanted_bytes,
            most_bytes,
            ..
        } = size;
        // Of runs of one size, only the one that was put last is considered.
        let is_last = |index: usize, run: &Known| {
            let later = &self.retained[index + 1..];
            later
                .iter()
                .all(|other| other.capacity_bytes != run.capacity_bytes)
        };
        let smallest = |index: usize, run: &Known| (run.capacity_bytes, usize::MAX - index);
        let chosen = match fit {
            Fit::Exact => among(wanted_bytes, most_bytes)
                .filter(|&(index, run)| is_last(index, run))
                .filter(|(_, run)| {
                    run.capacity_bytes == wanted_bytes || run.can_be_narrowed_to(wanted_bytes)
                })
                .min_by_key(|&(index, run)| smallest(index, run)),
            Fit::Whole => among(least_bytes, wanted_bytes)
                .max_by_key(|&(index, run)| (run.capacity_bytes, index))
                .or_else(|| {
                    among(wanted_bytes, most_bytes).min_by_key(|&(index, run)| smallest(index, run))
                }),
        };
        chosen.map(|(index, _)| index)
    }

    fn take(&mut self, size: RunSize, fit: Fit) {
        let must = self
            .find(size, fit)
            .map(|index| self.retained.remove(index));
        let found = self.table.take(size, fit);
        assert_eq!(
            found.as_ref().map(|found| found.run.order),
            must.map(|known| known.id),
            "{size:?}, {fit:?}"
        );
        let (Some(found), Some(mut known)) = (found, must) else {
            self.counts.missed += 1;
            return;
        };
        let counted = match fit {
            Fit::Whole => known.capacity_bytes,
            Fit::Exact => size.wanted_bytes,
        };
        assert_eq!(found.run.total_bytes, counted);
        assert_eq!(found.spare_bytes, known.capacity_bytes - counted);
        assert_eq!(found.run.capacity_bytes, counted);
        let tail = match found.spare_bytes {
            0 => Tail::None,
            bytes => Tail::Here(bytes),
        };
        self.counts.whole += usize::from(fit == Fit::Whole);
        self.counts.exact += usize::from(fit == Fit::Exact && tail == Tail::None);
        self.counts.narrowed += usize::from(tail != Tail::None);
        known.capacity_bytes = counted;
        self.in_use.push(InUse {
            run: found.run,
            known,
            tail,
        });
    }

    fn put(&mut self, index: usize, oldest: u64) {
        let InUse {
            run,
            mut known,
            tail,
        } = self.in_use.swap_remove(index);
        let counted = known.capacity_bytes;
        let is_old = known.last_filled < oldest;
        let put: Put = self
            .table
            .put(run, Self::epoch(self.now), Self::epoch(oldest));
        let old_bytes = put.old_tail.as_ref().map(|&(_, bytes)| bytes);
        assert_eq!(put.total_bytes, counted);
        match tail {
            Tail::Here(bytes) if !is_old => {
                known.capacity_bytes += bytes;
                assert_eq!(old_bytes, None);
                self.counts.rejoined += 1;
            }
            Tail::Here(bytes) => {
                assert_eq!(old_bytes, Some(bytes));
                known.last_filled = self.now;
                self.counts.old_tails += 1;
            }
            Tail::None | Tail::Gone => {
                assert_eq!(old_bytes, None);
                known.last_filled = self.now;
            }
        }
        assert_eq!(put.capacity_bytes, known.capacity_bytes);
        known.last_used = self.now;
        self.retained.push(known);
    }

    /// Removes all tails that are older than `oldest`.
    fn remove_tails(&mut self, oldest: u64) {
        let mut must = Vec::new();
        for one in &mut self.in_use {
            if let Tail::Here(bytes) = one.tail
                && one.known.last_filled < oldest
            {
                one.tail = Tail::Gone;
                must.push(bytes);
            }
        }
        let mut removed = Vec::new();
        while let Some((_, bytes)) = self.table.remove_tail(Self::epoch(oldest)) {
            removed.push(bytes);
        }
        must.sort_unstable();
        removed.sort_unstable();
        assert_eq!(removed, must);
        self.counts.gone_tails += must.len();
    }

    fn remove_oldest(&mut self) {
        let removed = self.table.remove_oldest().map(|run| run.order);
        let must = (!self.retained.is_empty()).then(|| self.retained.remove(0).id);
        assert_eq!(removed, must);
        self.counts.removed += usize::from(removed.is_some());
    }

    fn remove_unused_since(&mut self, oldest: u64) {
        let mut removed: Vec<u64> = Vec::new();
        let runs = self.table.remove_unused_since(Self::epoch(oldest));
        removed.extend(runs.into_iter().map(|run| run.order));
        removed.sort_unstable();
        let is_old = |known: &Known| known.last_used < oldest;
        let mut must: Vec<u64> = Vec::new();
        must.extend(
            self.retained
                .iter()
                .filter(|run| is_old(run))
                .map(|run| run.id),
        );
        must.sort_unstable();
        self.retained.retain(|run| !is_old(run));
        assert_eq!(removed, must);
        self.counts.removed += must.len();
    }

    /// Releases a run in use, like one that could not be counted.
    fn release(&mut self, index: usize) {
        let mut run = self.in_use.swap_remove(index).run;
        self.table.unregister(&mut run);
        assert_eq!(run.slot, 0, "as it was before it had its place");
    }

    fn step(&mut self, random: &mut Random) {
        let (now, in_use) = (self.now, self.in_use.len());
        let recent = now - random.below(12) as u64;
        match random.below(16) {
            0..2 => self.make(total_bytes(random)),
            2..5 => {
                let size = RunSize::exact(total_bytes(random));
                self.take(size, Fit::Exact);
            }
            5..7 => {
                // Smaller or much larger runs may serve a request that shares its run.
                let size = RunSize::exact(total_bytes(random));
                let size = RunSize {
                    least_bytes: size.least_bytes.min(total_bytes(random)),
                    most_bytes: size.most_bytes.max(total_bytes(random)),
                    ..size
                };
                let fit = [Fit::Whole, Fit::Exact][random.below(2)];
                self.take(size, fit);
            }
            7 => self.take(RunSize::exact(total_bytes(random)), Fit::Whole),
            8..13 if in_use > 0 => self.put(random.below(in_use), recent),
            13 if random.below(3) == 0 => self.remove_tails(recent),
            14 if random.below(4) == 0 => self.remove_unused_since(recent),
            14 if in_use > 0 && random.below(4) == 0 => {
                let index = random.below(in_use);
                // Only one without a tail: a tail that is there would be lost.
                if self.in_use[index].tail == Tail::None {
                    self.release(index);
                }
            }
            14 => self.remove_oldest(),
            _ => self.now += 1,
        }
        let must = self.retained.first().map(|run| Self::epoch(run.last_used));
        assert_eq!(self.table.oldest(), must);
    }

    fn finish(mut self) -> Counts {
        while !self.in_use.is_empty() {
            self.put(0, 0);
        }
        let held: usize = self.retained.iter().map(|run| run.capacity_bytes).sum();
        let mut removed = 0;
        while let Some(run) = self.table.remove_oldest() {
            removed += run.capacity_bytes;
        }
        assert_eq!(removed, held);
        assert_eq!(self.table.oldest(), None);
        assert_eq!(self.table.tails, 0);
        assert!(self.table.occupied.iter().all(|&bits| bits == 0));
        self.counts
    }
}

#[test]
fn a_table_does_what_a_list_does() {
    for source in [Source::System { huge_bytes: 0 }, Source::GlobalAllocator] {
        for seed in 0..30 {
            let (mut pair, mut random) = (Pair::new(source), Random(seed));
            (0..1500).for_each(|_| pair.step(&mut random));
            let counts = pair.finish();
            let Counts {
                exact,
                narrowed,
                whole,
                missed,
                rejoined,
                old_tails,
                gone_tails,
                removed,
            } = counts;
            let each = [exact, whole, missed, removed];
            assert!(each.iter().all(|&count| count > 0), "{counts:?}");
            let with_tails = [narrowed, rejoined, old_tails, gone_tails];
            match source {
                Source::GlobalAllocator => assert_eq!(with_tails, [0; 4]),
                _ if cfg!(target_os = "linux") => {
                    assert!(with_tails.iter().all(|&count| count > 0), "{counts:?}");
                }
                _ => {}
            }
        }
    }
}

#[test]
fn equal_runs_are_taken_last_put_first_and_removed_first_put_first() {
    let total = Run::total_bytes_for(5000).expect("no overflow");
    let mut pair = Pair::new(Source::GlobalAllocator);
    (0..500).for_each(|_| pair.make(total));
    for _ in 0..500 {
        pair.put(0, 0);
        pair.now += 1;
    }
    for _ in 0..200 {
        pair.take(RunSize::exact(total), Fit::Exact);
        pair.take(RunSize::exact(total), Fit::Whole);
        pair.remove_oldest();
        pair.put(0, 0);
    }
    assert_eq!(pair.counts.missed, 0);
    pair.finish();
}
