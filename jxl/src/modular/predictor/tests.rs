use super::{Neighbours, Predictor};
use crate::modular::testing::Rng;

/// The formulas of the standard (H.3) with room for every intermediate value.
fn naive(predictor: Predictor, at: &Neighbours) -> i64 {
    let [n, w, nw, ne] = [at.n, at.w, at.nw, at.ne].map(i64::from);
    let [nn, ww, nee] = [at.nn, at.ww, at.nee].map(i64::from);
    let p = w + n - nw;
    match predictor {
        Predictor::Zero | Predictor::Weighted => 0,
        Predictor::West => w,
        Predictor::North => n,
        Predictor::AverageWestNorth => (w + n) / 2,
        Predictor::Select => {
            if (p - w).abs() < (p - n).abs() {
                w
            } else {
                n
            }
        }
        Predictor::Gradient => p.clamp(w.min(n), w.max(n)),
        Predictor::NorthEast => ne,
        Predictor::NorthWest => nw,
        Predictor::WestWest => ww,
        Predictor::AverageWestNorthWest => (w + nw) / 2,
        Predictor::AverageNorthNorthWest => (n + nw) / 2,
        Predictor::AverageNorthNorthEast => (n + ne) / 2,
        Predictor::AverageAll => (6 * n - 2 * nn + 7 * w + ww + nee + 3 * ne + 8) / 16,
    }
}

#[test]
fn predictions_are_those_of_the_standard() {
    let mut rng = Rng(2);
    for _ in 0..5000 {
        let at = Neighbours {
            n: rng.sample(),
            w: rng.sample(),
            nw: rng.sample(),
            ne: rng.sample(),
            nn: rng.sample(),
            ww: rng.sample(),
            nee: rng.sample(),
        };
        for predictor in Predictor::ALL {
            let expected = naive(predictor, &at) as i32;
            assert_eq!(
                predictor.predict(&at, 0),
                expected,
                "{predictor:?} of {at:?}"
            );
        }
        assert_eq!(Predictor::Weighted.predict(&at, 7), 7);
    }
}

#[test]
fn codes_beyond_the_last_are_refused() {
    assert_eq!(Predictor::from_code(13).ok(), Some(Predictor::AverageAll));
    assert!(Predictor::from_code(14).is_err());
}
