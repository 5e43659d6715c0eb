use super::{Neighbors, Predictor};
use crate::modular::testing::Rng;

/// The formulas of the standard (H.3) with room for every intermediate value.
fn naive(predictor: Predictor, at: &Neighbors) -> i64 {
    let [n, w, nw, ne] = [at.n, at.w, at.nw, at.ne].map(i64::from);
    let [nn, ww, nee] = [at.nn, at.ww, at.nee].map(i64::from);
    let p = w + n - nw;
    match predictor {
        Predictor::ZERO | Predictor::WEIGHTED => 0,
        Predictor::WEST => w,
        Predictor::NORTH => n,
        Predictor::AVERAGE_WEST_NORTH => (w + n) / 2,
        Predictor::SELECT => {
            if (p - w).abs() < (p - n).abs() {
                w
            } else {
                n
            }
        }
        Predictor::GRADIENT => p.clamp(w.min(n), w.max(n)),
        Predictor::NORTH_EAST => ne,
        Predictor::NORTH_WEST => nw,
        Predictor::WEST_WEST => ww,
        Predictor::AVERAGE_WEST_NORTH_WEST => (w + nw) / 2,
        Predictor::AVERAGE_NORTH_NORTH_WEST => (n + nw) / 2,
        Predictor::AVERAGE_NORTH_NORTH_EAST => (n + ne) / 2,
        Predictor::AVERAGE_ALL => (6 * n - 2 * nn + 7 * w + ww + nee + 3 * ne + 8) / 16,
        Predictor(other) => unreachable!("predictor {other}"),
    }
}

#[test]
fn predictions_are_those_of_the_standard() {
    let mut rng = Rng(2);
    for _ in 0..5000 {
        let at = Neighbors {
            n: rng.sample(),
            w: rng.sample(),
            nw: rng.sample(),
            ne: rng.sample(),
            nn: rng.sample(),
            ww: rng.sample(),
            nee: rng.sample(),
        };
        for predictor in (0..14).map(Predictor) {
            let expected = naive(predictor, &at) as i32;
            assert_eq!(
                predictor.predict(&at, 0),
                expected,
                "{predictor:?} of {at:?}"
            );
        }
        assert_eq!(Predictor::WEIGHTED.predict(&at, 7), 7);
    }
}

#[test]
fn codes_beyond_the_last_are_refused() {
    assert_eq!(Predictor::from_code(13).ok(), Some(Predictor::AVERAGE_ALL));
    assert!(Predictor::from_code(14).is_err());
}
