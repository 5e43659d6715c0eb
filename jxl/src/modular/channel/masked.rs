//! Channels whose trees use only the properties that encoders use most.

use std::ops::Range;

use jxl_simd::{I32SimdVec, SimdDescriptor};

use super::general::{MaybeWeighted, MaybeWeightedRow};
use super::{LocalSymbols, Symbols};
use crate::Error;
use crate::modular::predictor::{Neighbors, gradient};
use crate::modular::rows::{Kernel, PIECE, ROOM, RowKernel, copy};
use crate::modular::tree::{MaskedLeaf, MaskedTree, Narrowed, RankIndex};
use crate::simd;

/// Reads what a [`MaskedTree`] says: one of `FEW` properties or of all.
pub(super) struct Masked<'a, S, W, const FEW: bool> {
    symbols: &'a mut S,
    tree: MaskedTree<'a>,
    weighted: W,
    above: Above,
    levels: u64,
}

impl<'a, S, W, const FEW: bool> Masked<'a, S, W, FEW> {
    pub(super) fn new(symbols: &'a mut S, tree: MaskedTree<'a>, weighted: W) -> Self {
        Self {
            symbols,
            tree,
            weighted,
            above: Above::NONE,
            levels: 0,
        }
    }
}

/// What the rows above say about a piece of a row. Column `x` is at `x % PIECE`.
struct Above {
    /// The row above, from one column before the piece to one behind it.
    samples: [i32; ROOM],
    /// The row two above.
    samples2: [i32; ROOM],
    /// Indices of the ranks of differences between neighbors in the row above: NW - N (11) and, one
    /// further, N - NE (12).
    across: [i32; ROOM],
    /// Indices of the ranks of N - NN (13).
    down: [i32; ROOM],
    /// The tree after properties 11 to 13.
    narrowed: [Narrowed<3>; ROOM],
}

impl Above {
    const NONE: Self = Self {
        samples: [0; ROOM],
        samples2: [0; ROOM],
        across: [0; ROOM],
        down: [0; ROOM],
        narrowed: [Narrowed::NONE; ROOM],
    };

    /// Starts a piece, which has two rows `rows` above. The tree is passed by value: a reference to
    /// it would keep the kernel's row in memory.
    #[inline(never)]
    fn begin(&mut self, tree: MaskedTree<'_>, columns: &Range<usize>, rows: [&[i32]; 2]) {
        let ([above2, above], at) = (rows, columns.start % PIECE);
        self.samples[at] = above[columns.start.saturating_sub(1)];
        copy(&above[columns.clone()], &mut self.samples[at + 1..]);
        // At the right the last sample is repeated.
        let after = above[columns.end.min(above.len() - 1)];
        self.samples[at + columns.len() + 1] = after;
        copy(&above2[columns.clone()], &mut self.samples2[at..]);
        let places = at..at + columns.len();
        simd::dispatch_octets(Compare {
            above: self,
            places: places.clone(),
        });
        let across = self.across[at..].windows(2);
        let found = across.zip(&self.down[at..]);
        for (narrowed, (across, &down)) in self.narrowed[places].iter_mut().zip(found) {
            let ranks = [
                tree.rank(2, RankIndex::found(across[0])),
                tree.rank(3, RankIndex::found(across[1])),
                tree.rank(4, RankIndex::found(down)),
            ];
            *narrowed = tree.narrow(ranks);
        }
    }

    /// Starts the first row, in which all differences are 0.
    #[inline(never)]
    fn begin_first(&mut self, tree: MaskedTree<'_>) {
        let ranks = [2, 3, 4].map(|place| tree.rank(place, RankIndex::new(0)));
        self.narrowed.fill(tree.narrow(ranks));
    }
}

/// Computes the indices of ranks in these places.
struct Compare<'a> {
    above: &'a mut Above,
    places: Range<usize>,
}

impl simd::Kernel for Compare<'_> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, d: D) {
        let above = self.above;
        // One more for the difference across to the column behind the piece.
        for i in (self.places.start..=self.places.end).step_by(D::I32Vec::LEN) {
            let samples = &above.samples[i..i + 1 + D::I32Vec::LEN];
            let west = D::I32Vec::load(d, samples);
            let here = D::I32Vec::load(d, &samples[1..]);
            RankIndex::find(d, west - here).store(&mut above.across[i..]);
            let north = D::I32Vec::load(d, &above.samples2[i..]);
            RankIndex::find(d, here - north).store(&mut above.down[i..]);
        }
    }
}

impl<S: Symbols, W: MaybeWeighted, const FEW: bool> Kernel for Masked<'_, S, W, FEW> {
    const HAS_VECTORS: bool = S::ARE_FAST;

    type Row<'k, D: SimdDescriptor>
        = MaskedRow<'k, S::Local<'k>, W::Row<'k, D>, FEW>
    where
        Self: 'k;

    #[inline(always)]
    fn row<D: SimdDescriptor>(&mut self, d: D, y: usize) -> Self::Row<'_, D> {
        MaskedRow {
            symbols: self.symbols.local(),
            tree: self.tree,
            weighted: self.weighted.row(d),
            above: &mut self.above,
            is_first: y == 0,
            levels: 0,
            all_levels: &mut self.levels,
        }
    }

    fn levels(&mut self) -> u64 {
        std::mem::take(&mut self.levels)
    }
}

/// Adds its levels to those of the kernel when it is dropped.
pub(super) struct MaskedRow<'k, S, W, const FEW: bool> {
    symbols: S,
    tree: MaskedTree<'k>,
    weighted: W,
    above: &'k mut Above,
    is_first: bool,
    levels: u64,
    all_levels: &'k mut u64,
}

impl<S, W, const FEW: bool> Drop for MaskedRow<'_, S, W, FEW> {
    #[inline(always)]
    fn drop(&mut self) {
        *self.all_levels += self.levels;
    }
}

impl<S, W, const FEW: bool> MaskedRow<'_, S, W, FEW> {
    /// The samples above left and above. Other kernels than those of `FEW` properties have no
    /// neighbors to keep in registers then.
    #[inline(always)]
    fn samples_above(&self, x: usize, at: &Neighbors) -> [i32; 2] {
        if FEW {
            return [at.nw, at.n];
        }
        match self.is_first {
            true => [at.w; 2],
            false => [0, 1].map(|i| self.above.samples[x % PIECE + i]),
        }
    }

    #[inline(always)]
    fn find(&self, x: usize, w: i32, [nw, n]: [i32; 2], max_error: i32) -> (MaskedLeaf, u64) {
        let tree = &self.tree;
        let slope = tree.rank(0, RankIndex::new(w.wrapping_add(n).wrapping_sub(nw)));
        let max_error = RankIndex::new(max_error);
        if FEW {
            return tree.find([slope, tree.rank(1, max_error)]);
        }
        let ranks = [
            slope,
            tree.rank(1, RankIndex::new(w.wrapping_sub(nw))),
            tree.rank(5, max_error),
        ];
        tree.find_narrowed(self.above.narrowed[x % PIECE], ranks)
    }
}

impl<S: LocalSymbols, W: MaybeWeightedRow, const FEW: bool> RowKernel for MaskedRow<'_, S, W, FEW> {
    const HAS_PIECES: bool = W::HAS_PIECES || !FEW;

    #[inline(always)]
    fn begin(&mut self, columns: &Range<usize>, above: Option<[&[i32]; 2]>) {
        self.weighted.begin(columns, above);
        match above {
            _ if FEW => {}
            None => self.above.begin_first(self.tree),
            Some(above) => self.above.begin(self.tree, columns, above),
        }
    }

    #[inline(always)]
    fn end(&mut self, columns: &Range<usize>) {
        self.weighted.end(columns);
    }

    #[inline(always)]
    fn sample(&mut self, x: usize, at: &Neighbors) -> Result<i32, Error> {
        let guess = self.weighted.predict(x, at);
        let above = self.samples_above(x, at);
        let (leaf, levels) = self.find(x, at.w, above, guess.max_error);
        self.levels += levels;
        let residual = self.symbols.read(leaf.cluster())?;
        let [nw, n] = above;
        let prediction = match leaf.is_weighted() {
            true => guess.prediction,
            false => gradient(at.w, n, nw),
        };
        let sample = residual.wrapping_add(prediction);
        self.weighted.update(x, sample);
        Ok(sample)
    }
}
