//! The weighted predictor for samples of any size.

use super::{RECIPROCALS, WeightedParams};
use crate::modular::predictor::Neighbors;

/// The input of a prediction.
#[derive(Clone, Copy)]
pub(super) struct Around {
    pub(super) samples: Neighbors,
    pub(super) true_w: i32,
    pub(super) true_n: i32,
    pub(super) true_nw: i32,
    pub(super) true_ne: i32,
    pub(super) weights: [u32; 4],
}

/// The result of a prediction, in eighths.
#[derive(Clone, Copy)]
pub(super) struct Outcome {
    pub(super) guesses: [i64; 4],
    pub(super) prediction: i64,
}

impl Outcome {
    pub(super) const NONE: Self = Self {
        guesses: [0; 4],
        prediction: 0,
    };

    /// The errors of the guesses in whole samples, and that of the prediction in eighths.
    #[inline(always)]
    pub(super) fn errors(&self, sample: i32) -> ([u32; 4], i32) {
        let truth = i64::from(sample) << 3;
        let error = |guess: i64| ((guess.abs_diff(truth) + 3) >> 3) as u32;
        (self.guesses.map(error), (self.prediction - truth) as i32)
    }
}

/// As [`predict`], for code where it is rarely called.
#[cold]
#[inline(never)]
pub(super) fn predict_seldom(around: &Around, params: WeightedParams) -> Outcome {
    predict(around, params)
}

#[inline(always)]
pub(super) fn predict(around: &Around, params: WeightedParams) -> Outcome {
    let at = &around.samples;
    let [true_w, true_n] = [around.true_w, around.true_n].map(i64::from);
    let [true_nw, true_ne] = [around.true_nw, around.true_ne].map(i64::from);
    let [n, w, nw] = [at.n, at.w, at.nw].map(|sample| i64::from(sample) << 3);
    let [ne, nn] = [at.ne, at.nn].map(|sample| i64::from(sample) << 3);
    let [p1, p2] = [params.p1, params.p2].map(i64::from);
    let p3 = params.p3.map(i64::from);
    let guesses = [
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
    let mut prediction = mean(guesses, around.weights);
    // If all errors around have equal sign, the sample may lie outside.
    if (true_n ^ true_w) | (true_n ^ true_nw) <= 0 {
        prediction = prediction.clamp(w.min(n).min(ne), w.max(n).max(ne));
    }
    Outcome {
        guesses,
        prediction,
    }
}

#[inline(always)]
fn mean(guesses: [i64; 4], weights: [u32; 4]) -> i64 {
    let weights = super::scaled(weights);
    let total = weights.iter().sum::<u32>();
    let mut sum = i64::from(total >> 1) - 1;
    for (guess, weight) in guesses.into_iter().zip(weights) {
        sum += guess * i64::from(weight);
    }
    let reciprocal = RECIPROCALS[(total as usize - 1) & 63];
    sum.wrapping_mul(i64::from(reciprocal)) >> 24
}
