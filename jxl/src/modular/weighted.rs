#[cfg(test)]
mod tests;

use frame_arena::{Scratch, SliceSpec, Spec};

use crate::Error;
use crate::modular::WeightedParams;
use crate::modular::predictor::Neighbors;

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

/// The weight of a sub-predictor with this error, `most` being that of one without errors, in units
/// of 2^-24 from 4 on.
const fn weight(error: u32, most: u32) -> u32 {
    let shift = ((error as u64 + 1) | 32).ilog2() - 5;
    let reciprocal = RECIPROCALS[(error >> shift) as usize & 63];
    4 + ((most * reciprocal) >> shift)
}

/// Errors whose weights are looked up.
const SMALL_ERRORS: usize = 512;

const fn weights_of_small_errors(most: u32) -> [u32; SMALL_ERRORS] {
    let mut weights = [0; SMALL_ERRORS];
    let mut error = 0;
    while error < SMALL_ERRORS {
        weights[error] = weight(error as u32, most);
        error += 1;
    }
    weights
}

/// Parameters that are known when the decoder is compiled or when a stream is read.
pub(super) trait Parameters: Copy {
    fn get(&self) -> WeightedParams;

    /// The [`weight`] of sub-predictor `index`.
    fn weight(&self, index: usize, error: u32) -> u32;
}

impl Parameters for WeightedParams {
    #[inline(always)]
    fn get(&self) -> WeightedParams {
        *self
    }

    #[inline(always)]
    fn weight(&self, index: usize, error: u32) -> u32 {
        weight(error, self.weights[index])
    }
}

/// The parameters that nearly all files have, for multiplications by constants.
#[derive(Clone, Copy)]
pub(super) struct DefaultParameters;

impl Parameters for DefaultParameters {
    #[inline(always)]
    fn get(&self) -> WeightedParams {
        WeightedParams::DEFAULT
    }

    #[inline(always)]
    fn weight(&self, index: usize, error: u32) -> u32 {
        const MOST: [u32; 4] = WeightedParams::DEFAULT.weights;
        static FIRST: [u32; SMALL_ERRORS] = weights_of_small_errors(MOST[0]);
        static OTHERS: [u32; SMALL_ERRORS] = weights_of_small_errors(MOST[1]);
        const { assert!(MOST[1] == MOST[2] && MOST[1] == MOST[3]) }
        let small = if index == 0 { &FIRST } else { &OTHERS };
        match small.get(error as usize) {
            Some(&weight) => weight,
            None => weight(error, MOST[index]),
        }
    }
}

/// Memory of the weighted predictor: one row of errors, which serves as the row above until a
/// column is passed and as the current row afterwards.
pub(crate) struct WeightedRows<'s> {
    /// Error of each sub-predictor.
    errors: &'s mut [[u32; 4]],
    /// Error of the prediction, in eighths.
    true_errors: &'s mut [i32],
}

impl<'s> WeightedRows<'s> {
    /// Room for rows of up to `width` samples.
    pub(crate) fn spec(width: usize) -> (SliceSpec<[u32; 4]>, SliceSpec<i32>) {
        // Stale: a channel clears what it uses.
        (SliceSpec::stale(width), SliceSpec::stale(width))
    }

    /// Opens room for rows of up to `width` samples.
    pub(super) fn new(scratch: &'s Scratch<'_>, width: usize) -> Result<Self, Error> {
        let (errors, true_errors) = Self::spec(width).open(scratch)?;
        Ok(Self {
            errors,
            true_errors,
        })
    }

    /// Nothing, for trees that do without the weighted predictor.
    pub(super) fn none() -> Self {
        Self {
            errors: &mut [],
            true_errors: &mut [],
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
            params,
        }
    }
}

/// The weighted predictor within one channel (ISO/IEC 18181-1, H.5).
pub(super) struct Weighted<'r, P = WeightedParams> {
    errors: &'r mut [[u32; 4]],
    true_errors: &'r mut [i32],
    params: P,
}

impl<P: Parameters> Weighted<'_, P> {
    /// Starts a row.
    #[inline(always)]
    pub(super) fn row(&mut self) -> WeightedRow<'_, P> {
        let next = 1.min(self.errors.len() - 1);
        WeightedRow {
            error_n: self.errors[0],
            error_nw: self.errors[0],
            error_ne: self.errors[next],
            true_w: 0,
            true_n: self.true_errors[0],
            true_nw: self.true_errors[0],
            true_ne: self.true_errors[next],
            errors: self.errors,
            true_errors: self.true_errors,
            params: self.params,
            guesses: [0; 4],
            prediction: 0,
        }
    }
}

/// The weighted predictor within one row.
pub(super) struct WeightedRow<'r, P = WeightedParams> {
    errors: &'r mut [[u32; 4]],
    true_errors: &'r mut [i32],
    params: P,
    /// Errors above, with those to the left added.
    error_n: [u32; 4],
    /// Errors above left, with those two to the left added.
    error_nw: [u32; 4],
    error_ne: [u32; 4],
    true_w: i32,
    true_n: i32,
    true_nw: i32,
    true_ne: i32,
    /// What the sub-predictors said about the current sample, in eighths.
    guesses: [i64; 4],
    /// What came of it, in eighths.
    prediction: i64,
}

/// What the weighted predictor knows before a sample is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WeightedGuess {
    pub(super) prediction: i32,
    /// Property 15: the largest of the errors around the sample.
    pub(super) max_error: i32,
}

impl<P: Parameters> WeightedRow<'_, P> {
    /// Predicts the next sample of the row.
    #[inline(always)]
    pub(super) fn predict(&mut self, at: &Neighbors) -> WeightedGuess {
        let true_w = i64::from(self.true_w);
        let true_n = i64::from(self.true_n);
        let true_nw = i64::from(self.true_nw);
        let true_ne = i64::from(self.true_ne);
        let [n, w, nw] = [at.n, at.w, at.nw].map(|sample| i64::from(sample) << 3);
        let [ne, nn] = [at.ne, at.nn].map(|sample| i64::from(sample) << 3);
        let WeightedParams { p1, p2, p3, .. } = self.params.get();
        let [p1, p2] = [p1, p2].map(i64::from);
        let p3 = p3.map(i64::from);
        self.guesses = [
            w + ne - n,
            n - (((true_w + true_n + true_ne) * p1) >> 5),
            w - (((true_w + true_n + true_nw) * p2) >> 5),
            n - ((true_nw * p3[0]
                + true_n * p3[1]
                + true_ne * p3[2]
                + (nn - n) * p3[3]
                + (nw - w) * p3[4])
                >> 5),
        ];
        self.prediction = self.mean_of_guesses();
        // Errors of equal sign all around: the truth may lie outside of what surrounds it.
        if (self.true_n ^ self.true_w) | (self.true_n ^ self.true_nw) <= 0 {
            let low = w.min(n).min(ne);
            let high = w.max(n).max(ne);
            self.prediction = self.prediction.clamp(low, high);
        }
        WeightedGuess {
            prediction: ((self.prediction + 3) >> 3) as i32,
            max_error: self.max_error(),
        }
    }

    #[inline(always)]
    fn mean_of_guesses(&self) -> i64 {
        let mut weights = [0; 4];
        for (i, weight) in weights.iter_mut().enumerate() {
            let error = self.error_n[i]
                .wrapping_add(self.error_nw[i])
                .wrapping_add(self.error_ne[i]);
            *weight = self.params.weight(i, error);
        }
        // Each weight is at least 4, so that their sum has 5 bits or more.
        let log = ((weights.iter().sum::<u32>() >> 4) | 1).ilog2();
        let weights = weights.map(|weight| weight >> log);
        let total = weights.iter().sum::<u32>();
        let mut sum = i64::from(total >> 1) - 1;
        for (guess, weight) in self.guesses.iter().zip(weights) {
            sum += guess * i64::from(weight);
        }
        let reciprocal = RECIPROCALS[(total as usize - 1) & 63];
        sum.wrapping_mul(i64::from(reciprocal)) >> 24
    }

    #[inline(always)]
    fn max_error(&self) -> i32 {
        let mut largest = self.true_w;
        for error in [self.true_n, self.true_nw, self.true_ne] {
            if error.unsigned_abs() > largest.unsigned_abs() {
                largest = error;
            }
        }
        largest
    }

    /// Learns that the sample in column `x`, for which [`WeightedRow::predict`] was called, is
    /// `sample`.
    #[inline(always)]
    pub(super) fn update(&mut self, x: usize, sample: i32) {
        let truth = i64::from(sample) << 3;
        let true_error = (self.prediction - truth) as i32;
        let error = self
            .guesses
            .map(|guess| ((guess.abs_diff(truth) + 3) >> 3) as u32);
        self.true_errors[x] = true_error;
        self.errors[x] = error;
        self.true_w = true_error;
        self.true_nw = self.true_n;
        self.true_n = self.true_ne;
        self.error_nw = self.error_n;
        self.error_n = std::array::from_fn(|i| self.error_ne[i].wrapping_add(error[i]));
        // At the last column the row above goes on as it ended, errors to the left included.
        match (self.errors.get(x + 2), self.true_errors.get(x + 2)) {
            (Some(&error), Some(&true_error)) => {
                self.error_ne = error;
                self.true_ne = true_error;
            }
            _ => {
                self.error_ne = self.error_n;
                self.true_ne = self.true_n;
            }
        }
    }
}
