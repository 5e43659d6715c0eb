use std::collections::VecDeque;

use super::Returned;
use super::records::Records;
use super::run_table::{Found, RunTable};
use crate::AllocError;
use crate::allocator_calls::calling_allocator;
use crate::epoch::Epoch;
use crate::memory::{Block, Chain, Donor, Pages, Run};
use crate::sizing::{Fit, RunSize};

/// Retained blocks and runs of a store. Taking and returning never allocate: a place for each block
/// and run is made with it.
pub(super) struct Retained {
    /// Sorted by use, the most recently used at the back.
    blocks: VecDeque<Box<Block>>,
    /// Number of blocks of the store, in use or not.
    blocks_expected: usize,
    pub(super) runs: RunTable,
    /// Runs of a reserve that were not used yet, in the order of the plan. A request takes one of
    /// them if no returned run fits, like a new arena takes memory from the system, so the reserve
    /// is consumed as planned.
    #[allow(clippy::vec_box)]
    unused_runs: Vec<Box<Run>>,
    pub(super) records: Records,
}

/// Memory to be released to the system when this is dropped, outside the store's lock.
pub(super) struct Victims {
    /// `None` until something is added, as most returns of memory release nothing.
    list: Option<VictimList>,
    /// Bytes of retained memory, and of tails.
    pub(super) retained_bytes: usize,
    pub(super) spare_bytes: usize,
}

struct VictimList {
    blocks: Chain<Block>,
    runs: Chain<Run>,
    tails: [Option<(Pages, usize)>; Victims::TAILS],
    records: Records,
}

impl Victims {
    const TAILS: usize = 16;

    pub(super) fn new() -> Self {
        Self {
            list: None,
            retained_bytes: 0,
            spare_bytes: 0,
        }
    }

    /// Releases all of them to the system.
    pub(super) fn release(&mut self) {
        self.list = None;
    }

    fn list(&mut self) -> &mut VictimList {
        self.list.get_or_insert_with(|| VictimList {
            blocks: Chain::new(),
            runs: Chain::new(),
            tails: [const { None }; Self::TAILS],
            records: Records::new(),
        })
    }

    pub(super) fn bytes(&self) -> usize {
        self.retained_bytes + self.spare_bytes
    }

    fn push_run(&mut self, run: Box<Run>) {
        self.retained_bytes += run.capacity_bytes;
        self.list().runs.push(run);
    }

    fn push_block(&mut self, block: Box<Block>) {
        self.retained_bytes += block.total_bytes;
        self.list().blocks.push(block);
    }

    /// The next donor for a new run.
    pub(super) fn next_donor(&mut self) -> Option<Donor> {
        let list = self.list.as_mut()?;
        if let Some(run) = list.runs.pop() {
            return Some(Donor::Run(run));
        }
        let tail = list.tails.iter_mut().find_map(Option::take);
        tail.map(|(pages, bytes)| Donor::Tail(pages, bytes))
    }

    /// Adds records that were last used before `oldest`.
    fn take_records(&mut self, records: &mut Records, oldest: Epoch) {
        if records.has_older(oldest) {
            self.retained_bytes += records.release(oldest, &mut self.list().records);
        }
    }

    pub(super) fn push_tail(&mut self, tail: Pages, bytes: usize) -> Result<(), Pages> {
        match self.list().tails.iter_mut().find(|place| place.is_none()) {
            Some(place) => {
                *place = Some((tail, bytes));
                self.spare_bytes += bytes;
                Ok(())
            }
            None => Err(tail),
        }
    }

    /// Takes tails that were last used before `oldest`. Returns whether there may be more of them.
    fn take_tails(&mut self, runs: &mut RunTable, oldest: Epoch, enough_bytes: usize) -> bool {
        for _ in 0..Self::TAILS {
            if self.bytes() >= enough_bytes {
                return false;
            }
            let Some((tail, bytes)) = runs.remove_tail(oldest) else {
                return false;
            };
            if self.push_tail(tail, bytes).is_err() {
                // It is released here; its bytes are counted like the others.
                self.spare_bytes += bytes;
                break;
            }
        }
        true
    }
}

impl Retained {
    pub(super) const fn new() -> Self {
        Self {
            blocks: VecDeque::new(),
            blocks_expected: 0,
            runs: RunTable::new(),
            unused_runs: Vec::new(),
            records: Records::new(),
        }
    }

    /// Makes a place for one more block of the store.
    pub(super) fn expect_block(&mut self) -> Result<(), AllocError> {
        let expected = self.blocks_expected + 1;
        let more = expected - self.blocks.len();
        let reserved = calling_allocator(|| self.blocks.try_reserve(more));
        reserved.map_err(|_| AllocError::System {
            requested_bytes: expected * size_of::<usize>(),
        })?;
        self.blocks_expected = expected;
        Ok(())
    }

    pub(super) fn take_block(&mut self) -> Option<Box<Block>> {
        self.blocks.pop_back()
    }

    pub(super) fn put_block(&mut self, mut block: Box<Block>, now: Epoch) {
        block.last_used = now;
        self.blocks.push_back(block);
    }

    /// The run of a reserve that was planned for such a request. If there is none, the first that
    /// fits, as later runs are for later requests.
    pub(super) fn take_unused_run(&mut self, size: RunSize, fit: Fit) -> Option<Found> {
        let mut unused = self.unused_runs.iter().map(|run| run.capacity_bytes);
        let planned = unused.clone().position(|bytes| bytes == size.wanted_bytes);
        let fits = |bytes| (size.least_bytes..=size.most_bytes).contains(&bytes);
        let index = planned.or_else(|| unused.position(fits))?;
        let mut run = self.unused_runs.remove(index);
        if fit == Fit::Exact {
            let capacity = run.capacity_bytes;
            run.narrow(capacity.min(size.wanted_bytes));
        }
        let spare_bytes = run.capacity_bytes - run.total_bytes;
        Some(Found { run, spare_bytes })
    }

    /// Makes a place for a run of a reserve that was not used yet.
    pub(super) fn expect_unused_run(&mut self, run: &mut Run) -> Result<(), AllocError> {
        let reserved = calling_allocator(|| self.unused_runs.try_reserve(1));
        reserved.map_err(|_| AllocError::System {
            requested_bytes: (self.unused_runs.len() + 1) * size_of::<usize>(),
        })?;
        self.runs.register(run)
    }

    /// Adds a run for which there is [a place](Self::expect_unused_run).
    pub(super) fn put_unused_run(&mut self, run: Box<Run>) {
        self.unused_runs.push(run);
    }

    /// Takes all blocks and runs of a reserve, which has no tails.
    pub(super) fn take_all(&mut self) -> (Chain<Block>, Chain<Run>) {
        let (mut blocks, mut runs) = (Chain::new(), Chain::new());
        for block in self.blocks.drain(..) {
            block.tag.reuse();
            blocks.push(block);
        }
        while let Some(run) = self.runs.remove_oldest() {
            run.tag.reuse();
            runs.push(run);
        }
        while let Some(run) = self.pop_unused_run() {
            run.tag.reuse();
            runs.push(run);
        }
        (blocks, runs)
    }

    /// Moves blocks and runs of a reserve to `surplus` until these have `bytes` or none is left.
    /// Memory that was used before goes first, the least recently used first; then the runs that
    /// were planned last.
    pub(super) fn take_surplus(&mut self, bytes: usize, surplus: &mut Returned) {
        let mut moved_bytes = 0;
        while moved_bytes < bytes {
            let run = self.runs.remove_oldest().or_else(|| self.pop_unused_run());
            if let Some(run) = run {
                moved_bytes += run.total_bytes;
                run.tag.reuse();
                surplus.runs.push(run);
            } else if let Some(block) = self.blocks.pop_front() {
                self.blocks_expected -= 1;
                moved_bytes += block.total_bytes;
                block.tag.reuse();
                surplus.blocks.push(block);
            } else {
                break;
            }
        }
    }

    fn pop_unused_run(&mut self) -> Option<Box<Run>> {
        let mut run = self.unused_runs.pop()?;
        self.runs.unregister(&mut run);
        Some(run)
    }

    /// Adds memory to `victims` until these have `bytes`: memory unused for longest first, and
    /// tails of runs in use last.
    pub(super) fn release_bytes(&mut self, bytes: usize, victims: &mut Victims) {
        while victims.bytes() < bytes {
            let block = self.blocks.front().map(|block| block.last_used);
            match (self.runs.oldest(), block) {
                (Some(run), block) if block.is_none_or(|block| run <= block) => {
                    let run = self.runs.remove_oldest();
                    run.into_iter().for_each(|run| victims.push_run(run));
                }
                (_, Some(_)) => self.release_oldest_block(victims),
                (_, None) => break,
            }
        }
        if victims.bytes() < bytes {
            victims.take_records(&mut self.records, Epoch::NEVER);
        }
        if victims.bytes() < bytes {
            victims.take_tails(&mut self.runs, Epoch::NEVER, bytes);
        }
    }

    /// Adds up to `bytes` of runs and tails to `victims`, as donors: those unused for longest, and
    /// last used before `oldest`.
    pub(super) fn take_donors(&mut self, bytes: usize, oldest: Epoch, victims: &mut Victims) {
        while victims.bytes() < bytes && self.runs.oldest().is_some_and(|used| used < oldest) {
            match self.runs.remove_donor(bytes - victims.bytes()) {
                Some((Donor::Run(run), _)) => victims.push_run(run),
                Some((Donor::Tail(pages, dirty_bytes), bytes)) => {
                    victims.retained_bytes += bytes;
                    let mut places = victims.list().tails.iter_mut();
                    if let Some(place) = places.find(|place| place.is_none()) {
                        *place = Some((pages, dirty_bytes));
                    }
                    return;
                }
                None => break,
            }
        }
        if victims.bytes() < bytes {
            victims.take_tails(&mut self.runs, oldest, bytes);
        }
    }

    /// Adds all memory that was last used before `oldest` to `victims`. Returns whether there may
    /// be more.
    pub(super) fn release_unused_since(&mut self, oldest: Epoch, victims: &mut Victims) -> bool {
        while self
            .blocks
            .front()
            .is_some_and(|block| block.last_used < oldest)
        {
            self.release_oldest_block(victims);
        }
        for run in self.runs.remove_unused_since(oldest) {
            victims.push_run(run);
        }
        victims.take_records(&mut self.records, oldest);
        victims.take_tails(&mut self.runs, oldest, usize::MAX)
    }

    fn release_oldest_block(&mut self, victims: &mut Victims) {
        if let Some(block) = self.blocks.pop_front() {
            self.blocks_expected -= 1;
            victims.push_block(block);
        }
    }
}
