mod above;
mod quad;
#[cfg(test)]
mod tests;
mod wide;

use std::hint::select_unpredictable;
use std::ops::Range;

use frame_arena::{Scratch, SliceSpec, Spec};
use jxl_simd::{ScalarDescriptor, SimdDescriptor};

use crate::Error;
use crate::modular::WeightedParams;
use crate::modular::predictor::Neighbors;
use crate::modular::rows::PIECE;
use above::{Above, RowAbove};
use quad::{Quad, RANKS, rank};
use wide::{Around, Outcome};

/// `RECIPROCALS[i]` is 2^24 / (i + 1).
const RECIPROCALS: [u32; 64] = {
    let mut table = [0; 64];
    let mut i = 0;
    while i < 64 {
        table[i] = (1 << 24) / (i as u32 + 1);
        i += 1;
    }
    table
};

/// The weight of a sub-predictor with this error; `most` is the weight without errors.
const fn weight(error: u32, most: u32) -> u32 {
    let shift = ((error as u64 + 1) | 32).ilog2() - 5;
    let reciprocal = RECIPROCALS[(error >> shift) as usize & 63];
    4 + ((most * reciprocal) >> shift)
}

/// Errors below this have their weights in a table: see [`Quad::ranks`].
const RANKED_ERRORS: u32 = 1 << 23;

/// The weights of all errors below [`RANKED_ERRORS`], indexed by their ranks.
///
/// A weight depends on the six highest bits of the error: so does its rank. (An error of 2^k - 1 is
/// shifted by one less in [`weight`] than others with its highest bit, which makes no difference.)
const fn ranked_weights(most: u32) -> [u32; RANKS] {
    let mut weights = [0; RANKS];
    let mut highest = 0;
    while highest < 64 {
        let mut shift = 0;
        while highest << shift < RANKED_ERRORS && (shift == 0 || highest >= 32) {
            let error = highest << shift;
            weights[rank(error)] = weight(error, most);
            shift += 1;
        }
        highest += 1;
    }
    weights
}

/// Parameters that are known when the decoder is compiled, or when a stream is read.
pub(super) trait Parameters: Copy {
    /// Whether 32 bits suffice if samples and errors are small; see [`LARGEST_SAMPLE`]. The sample
    /// two above and the one above left then have no influence: p3d and p3e are 0.
    const ARE_TAME: bool;

    fn get(&self) -> WeightedParams;

    /// The [`weight`] of each sub-predictor. `errors` are without sign.
    fn weights<D: SimdDescriptor>(&self, d: D, errors: Quad<D>) -> [u32; 4];
}

impl Parameters for WeightedParams {
    const ARE_TAME: bool = false;

    #[inline(always)]
    fn get(&self) -> WeightedParams {
        *self
    }

    #[inline(always)]
    fn weights<D: SimdDescriptor>(&self, _: D, errors: Quad<D>) -> [u32; 4] {
        computed_weights(errors.numbers(), self.weights)
    }
}

/// The parameters of nearly all files, as constants for faster multiplications.
#[derive(Clone, Copy)]
pub(super) struct DefaultParameters;

impl Parameters for DefaultParameters {
    const ARE_TAME: bool = true;

    #[inline(always)]
    fn get(&self) -> WeightedParams {
        WeightedParams::DEFAULT
    }

    #[inline(always)]
    fn weights<D: SimdDescriptor>(&self, d: D, errors: Quad<D>) -> [u32; 4] {
        const MOST: [u32; 4] = WeightedParams::DEFAULT.weights;
        // One table, so that it has one address.
        static TABLES: [[u32; RANKS]; 2] = [ranked_weights(MOST[0]), ranked_weights(MOST[1])];
        const { assert!(MOST[1] == MOST[2] && MOST[1] == MOST[3]) }
        match errors.ranks(d) {
            Some([r0, r1, r2, r3]) => {
                let ranks = [r0, r1, r2, r3].map(|rank| rank as usize % RANKS);
                [
                    TABLES[0][ranks[0]],
                    TABLES[1][ranks[1]],
                    TABLES[1][ranks[2]],
                    TABLES[1][ranks[3]],
                ]
            }
            None => computed_weights(errors.numbers(), MOST),
        }
    }
}

#[inline(always)]
fn computed_weights(errors: [i32; 4], most: [u32; 4]) -> [u32; 4] {
    std::array::from_fn(|i| weight(errors[i] as u32, most[i]))
}

/// Samples up to this size, together with [`LARGEST_ERROR`], are predicted in 32 bits with
/// [`DefaultParameters`].
///
/// With samples up to S and errors of the row above up to E, both in eighths, an error is at most 2
/// S plus half of the error before it and of two above, so less than 4 S + 2 E, which is 2^24 here.
/// Guesses are less than S plus half of three errors, so less than 2^25. Weights sum to at most 31.
const LARGEST_SAMPLE: i32 = 1 << 18;

/// Errors of the row above up to this size, in eighths: see [`LARGEST_SAMPLE`].
const LARGEST_ERROR: i32 = 1 << 22;

/// True for numbers from -`limit` to `limit` - 1.
#[inline(always)]
fn is_within(number: i32, limit: i32) -> bool {
    (number.wrapping_add(limit) as u32) < 2 * limit as u32
}

/// Memory of the weighted predictor: one row of errors. A column holds the error of the row above
/// until the current row has passed it, and of the current row afterwards.
pub(crate) struct WeightedRows<'s> {
    /// Error of each sub-predictor, as the bits of a `u32`.
    errors: &'s mut [[i32; 4]],
    /// Error of the prediction, in eighths.
    true_errors: &'s mut [i32],
    /// One piece of a row, or nothing.
    above: &'s mut [Above],
}

impl<'s> WeightedRows<'s> {
    /// Room for rows of up to `width` samples.
    pub(crate) fn spec(width: usize) -> impl Spec {
        Self::specs(width)
    }

    fn specs(width: usize) -> (SliceSpec<[i32; 4]>, SliceSpec<i32>, SliceSpec<Above>) {
        // Stale: a channel clears what it uses, and a piece is computed before it is read.
        let numbers = SliceSpec::stale(width);
        (SliceSpec::stale(width), numbers, SliceSpec::stale(1))
    }

    /// Opens room for rows of up to `width` samples.
    pub(super) fn new(scratch: &'s Scratch<'_>, width: usize) -> Result<Self, Error> {
        let (errors, true_errors, above) = Self::specs(width).open(scratch)?;
        Ok(Self {
            errors,
            true_errors,
            above,
        })
    }

    /// No rows, for trees without the weighted predictor.
    pub(super) fn none() -> Self {
        Self {
            errors: &mut [],
            true_errors: &mut [],
            above: &mut [],
        }
    }

    /// True if there is no room for any row.
    pub(super) fn is_none(&self) -> bool {
        self.errors.is_empty()
    }

    /// The predictor at the start of a channel of `width` columns.
    pub(super) fn start<P: Parameters>(&mut self, params: P, width: usize) -> Weighted<'_, P> {
        let errors = &mut self.errors[..width];
        let true_errors = &mut self.true_errors[..width];
        errors.fill([0; 4]);
        true_errors.fill(0);
        Weighted {
            errors,
            true_errors,
            above: &mut self.above[0],
            params,
            is_first_row: true,
            is_narrow: P::ARE_TAME,
        }
    }
}

/// The weighted predictor within one channel (ISO/IEC 18181-1, H.5).
pub(super) struct Weighted<'r, P = WeightedParams> {
    errors: &'r mut [[i32; 4]],
    true_errors: &'r mut [i32],
    above: &'r mut Above,
    params: P,
    is_first_row: bool,
    /// Whether all samples so far and all errors above are small.
    is_narrow: bool,
}

impl<P: Parameters> Weighted<'_, P> {
    /// Starts a row.
    #[inline(always)]
    pub(super) fn row(&mut self) -> WeightedRow<'_, P> {
        self.row_with(ScalarDescriptor)
    }

    /// Starts a row that is decoded with the vectors of `d`, of up to four numbers.
    #[inline(always)]
    pub(super) fn row_with<D: SimdDescriptor>(&mut self, d: D) -> WeightedRow<'_, P, D> {
        if P::ARE_TAME {
            let small = |&error: &i32| is_within(error, LARGEST_ERROR);
            self.is_narrow &= self.true_errors.iter().fold(true, |all, e| all & small(e));
        }
        let is_first_row = std::mem::take(&mut self.is_first_row);
        self.above.begin_row(self.errors, self.true_errors);
        WeightedRow {
            d,
            errors_w: Quad::splat(d, 0),
            errors_w_ww: Quad::splat(d, 0),
            true_w: 0,
            errors: self.errors,
            true_errors: self.true_errors,
            above: self.above,
            params: self.params,
            limit: match self.is_narrow {
                true => 2 * LARGEST_SAMPLE as u32,
                false => 0,
            },
            is_first_row,
            is_narrow_after: &mut self.is_narrow,
            guesses: [0; 4],
            prediction: 0,
            wide: Outcome::NONE,
        }
    }
}

/// The weighted predictor within one row.
pub(super) struct WeightedRow<'r, P = WeightedParams, D: SimdDescriptor = ScalarDescriptor> {
    d: D,
    errors: &'r mut [[i32; 4]],
    true_errors: &'r mut [i32],
    above: &'r mut Above,
    params: P,
    /// Error of each sub-predictor to the left.
    errors_w: Quad<D>,
    /// Sum of those to the left and two to the left.
    errors_w_ww: Quad<D>,
    true_w: i32,
    /// Twice [`LARGEST_SAMPLE`] if 32 bits suffice for the current sample, and 0 otherwise.
    limit: u32,
    is_first_row: bool,
    /// Whether 32 bits sufficed in the channel so far.
    is_narrow_after: &'r mut bool,
    /// The predictions of the sub-predictors for the current sample, in eighths.
    guesses: [i32; 4],
    /// The weighted prediction, in eighths.
    prediction: i32,
    /// Both, if 32 bits do not suffice.
    wide: Outcome,
}

/// The output of the weighted predictor before a sample is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WeightedGuess {
    pub(super) prediction: i32,
    /// Property 15: the largest of the errors around the sample.
    pub(super) max_error: i32,
}

impl<P: Parameters, D: SimdDescriptor> WeightedRow<'_, P, D> {
    /// Starts a [piece](crate::modular::rows::piece_end) of the row, which has the row `above`.
    #[inline(always)]
    pub(super) fn begin(&mut self, columns: &Range<usize>, above: Option<&[i32]>) {
        let row = RowAbove {
            errors: self.errors,
            true_errors: self.true_errors,
            samples: above,
            narrow: (self.limit > 0).then(|| self.params.get()),
        };
        self.above.begin(columns, row);
        if columns.end == self.errors.len() {
            // At the last column the row above goes on as it ended, errors to the left included.
            let sum = &mut self.above.error_sums[columns.start % PIECE];
            Quad::load(self.d, sum).plus(self.errors_w).store(sum);
        }
    }

    /// Ends a piece of the row.
    #[inline(always)]
    pub(super) fn end(&mut self, columns: &Range<usize>) {
        self.above.end(columns, self.errors, self.true_errors);
    }

    /// Predicts the sample in column `x`, the next one of the piece.
    #[inline(always)]
    pub(super) fn predict(&mut self, x: usize, at: &Neighbors) -> WeightedGuess {
        let i = x % PIECE;
        let prediction = match self.limit > 0 {
            true => self.predict_narrow(i, at.w),
            false => self.predict_wide(i, at),
        };
        WeightedGuess {
            prediction,
            max_error: self.above.largest(i, self.true_w),
        }
    }

    #[inline(always)]
    fn weights(&self, i: usize) -> [u32; 4] {
        let above = Quad::load(self.d, &self.above.error_sums[i]);
        self.params.weights(self.d, above.plus(self.errors_w_ww))
    }

    #[inline(always)]
    fn predict_narrow(&mut self, i: usize, w: i32) -> i32 {
        let w = w << 3;
        if self.is_first_row {
            self.above.set_samples(i, w);
        }
        let (above, true_w) = (&*self.above, self.true_w);
        let WeightedParams { p1, p2, .. } = self.params.get();
        self.guesses = [
            w + above.east[i],
            above.north[i] - (((true_w + above.true_n_ne[i]) * p1 as i32) >> 5),
            w - (((true_w + above.true_n_nw[i]) * p2 as i32) >> 5),
            above.fourth[i],
        ];
        self.prediction = mean_of_small(self.guesses, self.weights(i));
        let above = &*self.above;
        let (low, high) = (w.min(above.low[i]), w.max(above.high[i]));
        let clamped = self.prediction.max(low).min(high);
        let is_clamped = above.may_clamp(i, true_w);
        self.prediction = select_unpredictable(is_clamped, clamped, self.prediction);
        (self.prediction + 3) >> 3
    }

    #[inline(always)]
    fn predict_wide(&mut self, i: usize, at: &Neighbors) -> i32 {
        let samples = match P::ARE_TAME {
            true => {
                let [n, ne] = self.above.samples(i);
                // Other neighbors have no influence.
                let w = at.w;
                match self.is_first_row {
                    true => Neighbors {
                        n: w,
                        w,
                        ne: w,
                        ..Neighbors::default()
                    },
                    false => Neighbors {
                        n,
                        w,
                        ne,
                        ..Neighbors::default()
                    },
                }
            }
            false => *at,
        };
        let [true_nw, true_n, true_ne] = self.above.true_errors_above(i);
        let around = Around {
            samples,
            true_w: self.true_w,
            true_n,
            true_nw,
            true_ne,
            weights: self.weights(i),
        };
        self.wide = match P::ARE_TAME {
            true => wide::predict_seldom(&around, self.params.get()),
            false => wide::predict(&around, self.params.get()),
        };
        ((self.wide.prediction + 3) >> 3) as i32
    }

    /// Updates the errors with `sample`, the decoded sample in column `x`, for which
    /// [`WeightedRow::predict`] was called.
    #[inline(always)]
    pub(super) fn update(&mut self, x: usize, sample: i32) {
        let is_small = (sample.wrapping_add(LARGEST_SAMPLE) as u32) < self.limit;
        let (errors, true_error) = match is_small {
            true => self.errors_of_small(sample),
            false => self.errors_of_any(sample),
        };
        self.above.true_errors[x % PIECE] = true_error;
        errors.store(&mut self.above.errors[x % PIECE]);
        self.true_w = true_error;
        self.errors_w_ww = self.errors_w.plus(errors);
        self.errors_w = errors;
    }

    #[inline(always)]
    fn errors_of_small(&self, sample: i32) -> (Quad<D>, i32) {
        let truth = sample << 3;
        let guesses = Quad::load(self.d, &self.guesses);
        let errors = guesses.distance_in_eighths(self.d, Quad::splat(self.d, truth));
        (errors, self.prediction - truth)
    }

    #[inline(always)]
    fn errors_of_any(&mut self, sample: i32) -> (Quad<D>, i32) {
        if self.limit > 0 {
            self.wide = Outcome {
                guesses: self.guesses.map(i64::from),
                prediction: self.prediction.into(),
            };
            self.limit = 0;
        }
        if !is_within(sample, LARGEST_SAMPLE) {
            *self.is_narrow_after = false;
        }
        let (errors, true_error) = self.wide.errors(sample);
        let errors = errors.map(|error| error as i32);
        (Quad::load(self.d, &errors), true_error)
    }
}

/// Weights in proportion to `weights` whose sum is 13 to 31.
#[inline(always)]
fn scaled(weights: [u32; 4]) -> [u32; 4] {
    // Each is at least 4, so that their sum has 5 bits or more.
    let log = ((weights.iter().sum::<u32>() >> 4) | 1).ilog2();
    weights.map(|weight| weight >> log)
}

#[inline(always)]
fn mean_of_small(guesses: [i32; 4], weights: [u32; 4]) -> i32 {
    let weights = scaled(weights);
    let total = weights.iter().sum::<u32>();
    let mut sum = (total >> 1) as i32 - 1;
    for (guess, weight) in guesses.into_iter().zip(weights) {
        sum += guess * weight as i32;
    }
    let reciprocal = RECIPROCALS[(total as usize - 1) & 63];
    ((i64::from(sum) * i64::from(reciprocal)) >> 24) as i32
}
