//! Memory strategies for the same planes.

use std::collections::HashMap;
use std::sync::Mutex;

use bumpalo::Bump;

/// Number and dimensions of the wanted planes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Wanted {
    pub(crate) count: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

/// Whether planes start as zeros or with old samples.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Fill {
    Zero,
    Stale,
}

/// Rows of several planes.
pub(crate) trait Rows {
    fn row_mut(&mut self, plane: usize, y: usize) -> &mut [f32];
}

pub(crate) type Use<'u> = &'u mut dyn FnMut(&mut dyn Rows);

pub(crate) trait Strategy {
    /// Requests planes, runs `work` on them and returns them.
    fn with_planes(&mut self, wanted: Wanted, work: Use<'_>);
}

type RowVecs = Vec<Vec<Vec<f32>>>;

fn row_vecs(wanted: Wanted) -> RowVecs {
    vec![vec![vec![0.0; wanted.width]; wanted.height]; wanted.count]
}

impl Rows for RowVecs {
    fn row_mut(&mut self, plane: usize, y: usize) -> &mut [f32] {
        &mut self[plane][y]
    }
}

/// A vector for each row.
struct RowWise;

impl Strategy for RowWise {
    fn with_planes(&mut self, wanted: Wanted, work: Use<'_>) {
        work(&mut row_vecs(wanted));
    }
}

/// Rows of equal planes in one slice.
struct Flat<S> {
    samples: S,
    wanted: Wanted,
}

impl<S: AsMut<[f32]>> Rows for Flat<S> {
    fn row_mut(&mut self, plane: usize, y: usize) -> &mut [f32] {
        let start = (plane * self.wanted.height + y) * self.wanted.width;
        &mut self.samples.as_mut()[start..][..self.wanted.width]
    }
}

/// A vector for all planes.
struct FlatVec;

impl Strategy for FlatVec {
    fn with_planes(&mut self, wanted: Wanted, work: Use<'_>) {
        let samples = vec![0.0; wanted.count * wanted.width * wanted.height];
        work(&mut Flat { samples, wanted });
    }
}

/// Row-wise vectors, kept by their exact dimensions behind a lock, and zeroed when they are
/// returned.
struct ExactPool {
    fill: Fill,
    kept: Mutex<HashMap<Wanted, Vec<RowVecs>>>,
}

impl ExactPool {
    fn new(fill: Fill) -> Self {
        Self {
            fill,
            kept: Mutex::default(),
        }
    }

    fn make(&self, wanted: Wanted) -> RowVecs {
        let kept = self.kept.lock().unwrap().entry(wanted).or_default().pop();
        kept.unwrap_or_else(|| row_vecs(wanted))
    }

    fn give_back(&self, wanted: Wanted, mut planes: RowVecs) {
        if self.fill == Fill::Zero {
            planes.iter_mut().flatten().for_each(|row| row.fill(0.0));
        }
        self.kept
            .lock()
            .unwrap()
            .entry(wanted)
            .or_default()
            .push(planes);
    }
}

impl Strategy for ExactPool {
    fn with_planes(&mut self, wanted: Wanted, work: Use<'_>) {
        let mut planes = self.make(wanted);
        work(&mut planes);
        self.give_back(wanted, planes);
    }
}

/// A `bumpalo::Bump`, reset afterwards.
struct ResetBump(Bump);

impl Strategy for ResetBump {
    fn with_planes(&mut self, wanted: Wanted, work: Use<'_>) {
        let samples = wanted.count * wanted.width * wanted.height;
        let samples = self.0.alloc_slice_fill_copy(samples, 0.0f32);
        work(&mut Flat { samples, wanted });
        self.0.reset();
    }
}

/// The name of a strategy, and a function that makes it empty.
pub(crate) type Named = (&'static str, fn(Fill) -> Box<dyn Strategy>);

/// The strategies without an arena that support this `fill`.
pub(crate) fn without_arena(fill: Fill) -> Vec<Named> {
    let mut strategies: Vec<Named> = vec![("exact pool", |fill| Box::new(ExactPool::new(fill)))];
    if fill == Fill::Zero {
        strategies.push(("row vectors", |_| Box::new(RowWise)));
        strategies.push(("flat vector", |_| Box::new(FlatVec)));
        strategies.push(("bumpalo, reset", |_| Box::new(ResetBump(Bump::new()))));
    }
    strategies
}
