#[cfg(test)]
mod tests;

use crate::Error;

/// How a sample is guessed from those before it (ISO/IEC 18181-1, H.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Predictor {
    /// Always 0.
    Zero,
    /// The sample to the left.
    West,
    /// The sample above.
    North,
    /// Mean of left and above.
    AverageWestNorth,
    /// Left or above, whichever is nearer to the gradient.
    Select,
    /// Left + above - above left, kept between left and above.
    Gradient,
    /// Four sub-predictors, weighted by how well they did around the sample.
    Weighted,
    /// The sample above right.
    NorthEast,
    /// The sample above left.
    NorthWest,
    /// The sample two to the left.
    WestWest,
    /// Mean of left and above left.
    AverageWestNorthWest,
    /// Mean of above and above left.
    AverageNorthNorthWest,
    /// Mean of above and above right.
    AverageNorthNorthEast,
    /// Weighted mean of six samples.
    AverageAll,
}

impl Predictor {
    const ALL: [Self; 14] = [
        Self::Zero,
        Self::West,
        Self::North,
        Self::AverageWestNorth,
        Self::Select,
        Self::Gradient,
        Self::Weighted,
        Self::NorthEast,
        Self::NorthWest,
        Self::WestWest,
        Self::AverageWestNorthWest,
        Self::AverageNorthNorthWest,
        Self::AverageNorthNorthEast,
        Self::AverageAll,
    ];

    pub(crate) fn from_code(code: u32) -> Result<Self, Error> {
        Self::ALL
            .get(code as usize)
            .copied()
            .ok_or_else(|| Error::corrupt("unknown predictor"))
    }

    /// The guess for a sample with neighbours `at`. `weighted` is the guess of the weighted
    /// predictor, used by [`Predictor::Weighted`] only.
    #[inline(always)]
    pub(crate) fn predict(self, at: &Neighbours, weighted: i32) -> i32 {
        match self {
            Self::Zero => 0,
            Self::West => at.w,
            Self::North => at.n,
            Self::AverageWestNorth => average(at.w, at.n),
            Self::Select => select(at.w, at.n, at.nw),
            Self::Gradient => gradient(at.w, at.n, at.nw),
            Self::Weighted => weighted,
            Self::NorthEast => at.ne,
            Self::NorthWest => at.nw,
            Self::WestWest => at.ww,
            Self::AverageWestNorthWest => average(at.w, at.nw),
            Self::AverageNorthNorthWest => average(at.n, at.nw),
            Self::AverageNorthNorthEast => average(at.n, at.ne),
            Self::AverageAll => average_all(at),
        }
    }
}

/// Samples around the one being decoded, replaced at the borders of the channel as
/// ISO/IEC 18181-1, H.3 says. N is above, W left; NN two above, NEE above and two right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Neighbours {
    pub(crate) n: i32,
    pub(crate) w: i32,
    pub(crate) nw: i32,
    pub(crate) ne: i32,
    pub(crate) nn: i32,
    pub(crate) ww: i32,
    pub(crate) nee: i32,
}

/// W + N - NW, kept between W and N.
#[inline(always)]
pub(crate) fn gradient(w: i32, n: i32, nw: i32) -> i32 {
    let low = w.min(n);
    let high = w.max(n);
    // Outside [low, high] the gradient lies beyond the opposite end; inside it cannot overflow.
    let inner = w.wrapping_add(n).wrapping_sub(nw);
    let inner = if nw < low { high } else { inner };
    if nw > high { low } else { inner }
}

#[inline(always)]
fn select(w: i32, n: i32, nw: i32) -> i32 {
    // |gradient - W| = |N - NW| and |gradient - N| = |W - NW|.
    if n.abs_diff(nw) < w.abs_diff(nw) {
        w
    } else {
        n
    }
}

#[inline(always)]
fn average(a: i32, b: i32) -> i32 {
    ((i64::from(a) + i64::from(b)) / 2) as i32
}

#[inline(always)]
fn average_all(at: &Neighbours) -> i32 {
    let [n, w, nn] = [at.n, at.w, at.nn].map(i64::from);
    let [ww, nee, ne] = [at.ww, at.nee, at.ne].map(i64::from);
    ((6 * n - 2 * nn + 7 * w + ww + nee + 3 * ne + 8) / 16) as i32
}
