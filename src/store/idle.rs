use std::collections::VecDeque;

use crate::AllocError;
use crate::epoch::Epoch;
use crate::figures::FrameFigures;
use crate::memory::{Block, BlockClass, Chain, Run};
use crate::scope::ScopeState;
use crate::sync::Arc;

/// What is kept and not in use. Taking and putting never allocate: the room for every block and run is made with it.
pub(super) struct Idle {
    /// By class; the most recently used at the back.
    blocks: [VecDeque<Box<Block>>; 2],
    /// Sorted by size; boxed, as runs move between this and the chains of scopes.
    #[allow(clippy::vec_box)]
    runs: Vec<Box<Run>>,
    /// Of a reserve, runs that nobody used yet, in the order that they were planned in. They stand for what a new arena takes
    /// from the system: who finds none that others left takes one of these, so that requests meet the same runs as when they
    /// were planned.
    #[allow(clippy::vec_box)]
    unused_runs: Vec<Box<Run>>,
    bytes: usize,
    blocks_expected: [usize; 2],
    runs_expected: usize,
    scopes: Vec<Box<ScopeState>>,
    scopes_expected: usize,
    figures: Vec<Arc<FrameFigures>>,
    figures_expected: usize,
}

impl Idle {
    pub(super) fn new() -> Self {
        Self {
            blocks: [VecDeque::new(), VecDeque::new()],
            runs: Vec::new(),
            unused_runs: Vec::new(),
            bytes: 0,
            blocks_expected: [0; 2],
            runs_expected: 0,
            scopes: Vec::new(),
            scopes_expected: 0,
            figures: Vec::new(),
            figures_expected: 0,
        }
    }

    /// Bytes of idle blocks and runs.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Makes room for one more block of the arena to come back to.
    pub(super) fn expect_block(&mut self, class: BlockClass) -> Result<(), AllocError> {
        let expected = &mut self.blocks_expected[class as usize];
        let queue = &mut self.blocks[class as usize];
        queue
            .try_reserve(*expected + 1 - queue.len())
            .map_err(|_| no_room(*expected + 1))?;
        *expected += 1;
        Ok(())
    }

    /// A block of the arena will not come back.
    pub(super) fn expect_no_more(&mut self, class: BlockClass) {
        self.blocks_expected[class as usize] -= 1;
    }

    /// Makes room for one more run of the arena to come back to.
    pub(super) fn expect_run(&mut self) -> Result<(), AllocError> {
        self.runs
            .try_reserve(self.runs_expected + 1 - self.runs.len())
            .map_err(|_| no_room(self.runs_expected + 1))?;
        self.runs_expected += 1;
        Ok(())
    }

    pub(super) fn take_block(&mut self, class: BlockClass) -> Option<Box<Block>> {
        let block = self.blocks[class as usize].pop_back()?;
        self.bytes -= block.total_bytes;
        Some(block)
    }

    pub(super) fn put_block(&mut self, block: Box<Block>) {
        self.bytes += block.total_bytes;
        self.blocks[block.class as usize].push_back(block);
    }

    pub(super) fn take_run(&mut self, sizes: RunSizes) -> Option<Box<Run>> {
        let run = match best_fit(&self.runs, |run| run.total_bytes, sizes) {
            Some(index) => self.runs.remove(index),
            None => self.take_unused_run(sizes)?,
        };
        self.bytes -= run.total_bytes;
        Some(run)
    }

    /// The run that was planned for such a request. Where none was, as it was planned otherwise, the first that does: later
    /// ones are for later requests.
    fn take_unused_run(&mut self, sizes: RunSizes) -> Option<Box<Run>> {
        let mut unused = self.unused_runs.iter().map(|run| run.total_bytes);
        let planned = unused.clone().position(|bytes| bytes == sizes.wanted);
        let fits = |bytes| (sizes.least..=sizes.most).contains(&bytes);
        let index = planned.or_else(|| unused.position(fits))?;
        Some(self.unused_runs.remove(index))
    }

    pub(super) fn put_run(&mut self, run: Box<Run>) {
        self.bytes += run.total_bytes;
        let after = self
            .runs
            .partition_point(|other| other.total_bytes <= run.total_bytes);
        self.runs.insert(after, run);
    }

    /// Keeps a run of a reserve that nobody used yet.
    pub(super) fn put_unused_run(&mut self, run: Box<Run>) -> Result<(), AllocError> {
        self.unused_runs
            .try_reserve(1)
            .map_err(|_| no_room(self.unused_runs.len() + 1))?;
        self.bytes += run.total_bytes;
        self.unused_runs.push(run);
        Ok(())
    }

    /// Takes all blocks and runs.
    pub(super) fn take_all(&mut self) -> (Chain<Block>, Chain<Run>) {
        let (mut blocks, mut runs) = (Chain::new(), Chain::new());
        for block in self.blocks.iter_mut().flat_map(|queue| queue.drain(..)) {
            block.tag.reuse();
            blocks.push(block);
        }
        for run in self.runs.drain(..).chain(self.unused_runs.drain(..)) {
            run.tag.reuse();
            runs.push(run);
        }
        self.bytes = 0;
        (blocks, runs)
    }

    /// Gives the longest unused block or run back to the system and returns its bytes. There must be one.
    pub(super) fn release_oldest(&mut self) -> usize {
        let block = [BlockClass::Large, BlockClass::Small]
            .into_iter()
            .filter_map(|class| Some((self.blocks[class as usize].front()?.last_used, class)))
            .min_by_key(|&(last_used, _)| last_used);
        let run = (0..self.runs.len())
            .map(|index| (self.runs[index].last_used, index))
            .min();
        let bytes = match (run, block) {
            (Some((run_used, index)), block)
                if block.is_none_or(|(block_used, _)| run_used <= block_used) =>
            {
                self.runs_expected -= 1;
                self.runs.remove(index).total_bytes
            }
            (_, Some((_, class))) => {
                self.blocks_expected[class as usize] -= 1;
                self.blocks[class as usize]
                    .pop_front()
                    .map_or(0, |block| block.total_bytes)
            }
            _ => {
                self.runs_expected -= 1;
                let unused = self.unused_runs.pop();
                unused
                    .expect("idle bytes are of a block or run")
                    .total_bytes
            }
        };
        self.bytes -= bytes;
        bytes
    }

    /// Gives everything back that was last used before `oldest`, and returns its bytes.
    pub(super) fn release_unused_since(&mut self, oldest: Epoch) -> usize {
        let before = self.bytes;
        for (queue, expected) in self.blocks.iter_mut().zip(&mut self.blocks_expected) {
            while queue.front().is_some_and(|block| block.last_used < oldest) {
                self.bytes -= queue.pop_front().map_or(0, |block| block.total_bytes);
                *expected -= 1;
            }
        }
        self.runs.retain(|run| {
            let keep = run.last_used >= oldest;
            if !keep {
                self.bytes -= run.total_bytes;
                self.runs_expected -= 1;
            }
            keep
        });
        if oldest == Epoch::NEVER {
            self.runs_expected -= self.unused_runs.len();
            let unused = self.unused_runs.drain(..);
            self.bytes -= unused.map(|run| run.total_bytes).sum::<usize>();
        }
        before - self.bytes
    }

    /// Gives everything back and returns its bytes.
    pub(super) fn release_all(&mut self) -> usize {
        self.scopes_expected -= self.scopes.len();
        self.scopes.clear();
        self.figures_expected -= self.figures.len();
        self.figures.clear();
        self.release_unused_since(Epoch::NEVER)
    }

    pub(super) fn take_scope(&mut self) -> Box<ScopeState> {
        self.scopes.pop().unwrap_or_else(|| {
            self.scopes_expected += 1;
            self.scopes.reserve(self.scopes_expected);
            Box::new(ScopeState::new())
        })
    }

    pub(super) fn put_scope(&mut self, state: Box<ScopeState>) {
        self.scopes.push(state);
    }

    pub(super) fn take_figures(&mut self) -> Arc<FrameFigures> {
        self.figures.pop().unwrap_or_else(|| {
            self.figures_expected += 1;
            self.figures.reserve(self.figures_expected);
            Arc::new(FrameFigures::new())
        })
    }

    /// Keeps the figures of an ended frame, unless a forgotten scope still counts in them.
    pub(super) fn put_figures(&mut self, mut figures: Arc<FrameFigures>) {
        match Arc::get_mut(&mut figures) {
            Some(ended) => {
                ended.reset();
                self.figures.push(figures);
            }
            None => self.figures_expected -= 1,
        }
    }
}

/// Bytes of a run that would do, in all.
#[derive(Clone, Copy)]
pub(crate) struct RunSizes {
    /// Bytes of the request that the run is for.
    pub(crate) request: usize,
    pub(crate) least: usize,
    /// Of a run that is made.
    pub(crate) wanted: usize,
    pub(crate) most: usize,
}

/// The place of the largest run of `least` to `wanted` bytes; if there is none, of the smallest of up to `most`. Of equal
/// ones the last. `runs` are sorted by size.
pub(crate) fn best_fit<R>(
    runs: &[R],
    total_bytes: impl Fn(&R) -> usize,
    sizes: RunSizes,
) -> Option<usize> {
    let above = runs.partition_point(|run| total_bytes(run) <= sizes.wanted);
    if let Some(below) = above.checked_sub(1)
        && total_bytes(&runs[below]) >= sizes.least
    {
        return Some(below);
    }
    let size = total_bytes(runs.get(above)?);
    let equal = runs[above..]
        .iter()
        .take_while(|run| total_bytes(run) == size);
    (size <= sizes.most).then(|| above + equal.count() - 1)
}

fn no_room(entries: usize) -> AllocError {
    AllocError::System {
        asked_bytes: entries * size_of::<usize>(),
    }
}
