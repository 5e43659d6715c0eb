//! Random programs of allocations, checked against a model.

use super::*;
use crate::heap::sizes::GAP_BYTES;
use crate::heap::testing::{Live, Random};

/// Most allocations that live at the same time.
const MOST_LIVE: usize = 150;

/// A heap with the allocations of a random program.
struct Program {
    heap: PatternedHeap,
    live: Vec<Live>,
    random: Random,
    /// Bytes of the chunks of live small allocations, and their largest sum so far.
    small_bytes: usize,
    peak_small_bytes: usize,
    refusals: u64,
}

impl Program {
    fn new(seed: u64, mut source: TestSource) -> Self {
        // All pieces have a whole number of units.
        source.unit_bytes = 64;
        Self {
            heap: PatternedHeap::new(sizes(), source),
            live: Vec::new(),
            random: Random::new(seed),
            small_bytes: 0,
            peak_small_bytes: 0,
            refusals: 0,
        }
    }

    fn layout(&mut self) -> Layout {
        let random = &mut self.random;
        let most_bytes = match random.below(20) {
            0 => fewer(200_000).max(OWN_PIECE_BYTES + 1_000),
            1 => 2 * OWN_PIECE_BYTES,
            2..6 => 5_000,
            6..12 => 500,
            _ => 60,
        };
        let mut bytes = random.below(most_bytes);
        if random.one_in(3) {
            bytes = bytes.next_power_of_two();
        }
        let most_shift = match random.below(40) {
            0 => 16,
            1..10 => 8,
            _ => 4,
        };
        layout(bytes, 1 << random.below(most_shift + 1))
    }

    fn step(&mut self) {
        let is_full = self.live.len() >= MOST_LIVE;
        match self.random.below(10) {
            0..4 if !is_full => self.alloc(),
            0..7 if !self.live.is_empty() => self.resize(),
            _ if !self.live.is_empty() => self.free(),
            _ => {}
        }
        self.check();
    }

    fn alloc(&mut self) {
        let layout = self.layout();
        match self.heap.alloc(layout) {
            Ok(live) => self.live.push(live),
            Err(_) => self.refusals += 1,
        }
    }

    fn resize(&mut self) {
        let mut new = self.layout();
        let chosen = self.random.below(self.live.len());
        let live = &mut self.live[chosen];
        if self.random.one_in(2) {
            // Like a collection: the same alignment, and often twice or half the size.
            let bytes = match self.random.below(3) {
                0 => live.layout.size() * 2 % 300_000,
                1 => live.layout.size() / 2,
                _ => new.size(),
            };
            new = layout(bytes, live.layout.align());
        }
        let old = live.layout;
        let is_refused = self.heap.resize(live, new).is_err();
        if is_refused {
            assert!(
                new.size() > old.size() || new.align() > old.align(),
                "shrinking was refused"
            );
            self.refusals += 1;
        }
    }

    fn free(&mut self) {
        // Sometimes the last one, or all that a task made.
        let many = match self.random.below(60) {
            0 => self.live.len(),
            1..10 => 1 + self.random.below(self.live.len()),
            _ => 1,
        };
        for _ in 0..many {
            let chosen = match self.random.one_in(4) {
                true => self.live.len() - 1,
                false => self.random.below(self.live.len()),
            };
            let freed = self.live.swap_remove(chosen);
            self.heap.free(freed);
        }
    }

    /// Asserts that every byte is accounted for, and that the bounds hold.
    fn check(&mut self) {
        let heap = &self.heap.heap;
        let counts = heap.counts();
        let live_bytes: usize = self.live.iter().map(|live| live.layout.size()).sum();
        assert_eq!(counts.live_bytes(), live_bytes as u64);
        assert_eq!(counts.held_bytes, self.heap.source.held_bytes);
        let places = self.live.iter().map(|live| sizes().place(live.layout));
        let (mut small_bytes, mut small, mut own) = (0, 0, 0);
        for place in places {
            match place {
                Place::Nowhere => {}
                Place::Small(class) => {
                    (small, small_bytes) = (small + 1, small_bytes + class.bytes)
                }
                Place::Own => own += 1,
            }
        }
        assert_eq!(heap.live, small);
        let small_pieces = self.heap.source.pieces - own;
        let free_bytes = heap.free.bytes() + heap.room.bytes();
        let gap_bytes = small_pieces * GAP_BYTES;
        assert_eq!(heap.small_bytes, small_bytes + free_bytes + gap_bytes);
        if small == 0 {
            assert!(small_pieces <= 1 && heap.free.is_empty());
        }
        self.small_bytes = small_bytes;
        self.peak_small_bytes = self.peak_small_bytes.max(small_bytes);
        // Refusals make small pieces of large ones.
        let most_bytes = 2 * self.peak_small_bytes + 2 * BLOCK_BYTES;
        assert!(
            heap.small_bytes <= most_bytes
                || self.refusals > 0
                || self.heap.source.limit_bytes < usize::MAX
        );
    }

    /// Frees all in random order, and asserts that all but one small piece were returned.
    fn end(&mut self) {
        while !self.live.is_empty() {
            let chosen = self.random.below(self.live.len());
            let freed = self.live.swap_remove(chosen);
            self.heap.free(freed);
            self.check();
        }
        assert!(self.heap.source.pieces <= 1);
        assert!(self.heap.source.held_bytes <= BLOCK_BYTES.max(self.heap.heap.small_bytes));
    }
}

/// `count`, or fewer if an interpreter runs the tests.
fn fewer(count: usize) -> usize {
    if cfg!(miri) { count / 20 } else { count }
}

#[test]
fn random_programs() {
    for seed in 0..fewer(60) as u64 {
        let mut program = Program::new(seed, TestSource::new());
        for _ in 0..fewer(2_000) {
            program.step();
        }
        assert_eq!(program.refusals, 0);
        program.end();
    }
}

#[test]
fn random_programs_under_a_limit() {
    let mut refusals = 0;
    for seed in 0..fewer(60) as u64 {
        let source = TestSource::with_limit(100_000 + 64 * (seed as usize * 97 % 2_000));
        let mut program = Program::new(seed, source);
        for _ in 0..fewer(2_000) {
            program.step();
        }
        program.end();
        refusals += program.refusals;
    }
    assert!(refusals > 0 || cfg!(miri));
}

#[test]
fn each_piece_refused_once() {
    const STEPS: usize = if cfg!(miri) { 100 } else { 600 };
    let program = |refused| {
        let mut source = TestSource::new();
        source.refused = refused;
        let mut program = Program::new(7, source);
        for _ in 0..STEPS {
            program.step();
        }
        program.end();
        (program.heap.source.requests, program.refusals)
    };
    let (requests, refusals) = program(None);
    assert!(requests >= 10 && refusals == 0);
    let mut refused = 0;
    for request in (0..requests).step_by(if cfg!(miri) { 5 } else { 1 }) {
        let (_, refusals) = program(Some(request));
        // A request that is refused may find memory in the heap after all.
        assert!(refusals <= 1);
        refused += refusals;
    }
    assert!(refused > requests / 2 || cfg!(miri));
}
