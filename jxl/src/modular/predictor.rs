#[cfg(test)]
mod tests;

use bytemuck::{Pod, Zeroable};

use crate::Error;

/// A predictor of a sample from its neighbors (ISO/IEC 18181-1, H.3), by its number in the file:
/// one of the constants below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(transparent)]
pub(crate) struct Predictor(u32);

impl Predictor {
    /// Always 0.
    pub(crate) const ZERO: Self = Self(0);
    /// The sample to the left.
    pub(crate) const WEST: Self = Self(1);
    /// The sample above.
    pub(crate) const NORTH: Self = Self(2);
    /// Mean of left and above.
    pub(crate) const AVERAGE_WEST_NORTH: Self = Self(3);
    /// Left or above, whichever is nearer to the gradient.
    pub(crate) const SELECT: Self = Self(4);
    /// Left + above - above left, clamped between left and above.
    pub(crate) const GRADIENT: Self = Self(5);
    /// Four sub-predictors, weighted by their errors around the sample.
    pub(crate) const WEIGHTED: Self = Self(6);
    /// The sample above right.
    pub(crate) const NORTH_EAST: Self = Self(7);
    /// The sample above left.
    pub(crate) const NORTH_WEST: Self = Self(8);
    /// The sample two to the left.
    pub(crate) const WEST_WEST: Self = Self(9);
    /// Mean of left and above left.
    pub(crate) const AVERAGE_WEST_NORTH_WEST: Self = Self(10);
    /// Mean of above and above left.
    pub(crate) const AVERAGE_NORTH_NORTH_WEST: Self = Self(11);
    /// Mean of above and above right.
    pub(crate) const AVERAGE_NORTH_NORTH_EAST: Self = Self(12);
    /// Weighted mean of six samples.
    pub(crate) const AVERAGE_ALL: Self = Self(13);

    pub(crate) fn from_code(code: u32) -> Result<Self, Error> {
        match code <= Self::AVERAGE_ALL.0 {
            true => Ok(Self(code)),
            false => Err(Error::corrupt("unknown predictor")),
        }
    }

    /// The guess for a sample with neighbors `at`. `weighted` is the guess of the weighted
    /// predictor, used by [`Predictor::WEIGHTED`] only.
    #[inline(always)]
    pub(crate) fn predict(self, at: &Neighbors, weighted: i32) -> i32 {
        match self {
            Self::ZERO => 0,
            Self::WEST => at.w,
            Self::NORTH => at.n,
            Self::AVERAGE_WEST_NORTH => average(at.w, at.n),
            Self::SELECT => select(at.w, at.n, at.nw),
            Self::GRADIENT => gradient(at.w, at.n, at.nw),
            Self::WEIGHTED => weighted,
            Self::NORTH_EAST => at.ne,
            Self::NORTH_WEST => at.nw,
            Self::WEST_WEST => at.ww,
            Self::AVERAGE_WEST_NORTH_WEST => average(at.w, at.nw),
            Self::AVERAGE_NORTH_NORTH_WEST => average(at.n, at.nw),
            Self::AVERAGE_NORTH_NORTH_EAST => average(at.n, at.ne),
            _ => average_all(at),
        }
    }
}

/// Samples around the one being decoded, replaced at the edges of the channel as in ISO/IEC
/// 18181-1, H.3. N is above, W left; NN is two above, NEE one above and two to the right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Neighbors {
    pub(crate) n: i32,
    pub(crate) w: i32,
    pub(crate) nw: i32,
    pub(crate) ne: i32,
    pub(crate) nn: i32,
    pub(crate) ww: i32,
    pub(crate) nee: i32,
}

/// W + N - NW, clamped between W and N.
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
fn average_all(at: &Neighbors) -> i32 {
    let [n, w, nn] = [at.n, at.w, at.nn].map(i64::from);
    let [ww, nee, ne] = [at.ww, at.nee, at.ne].map(i64::from);
    ((6 * n - 2 * nn + 7 * w + ww + nee + 3 * ne + 8) / 16) as i32
}
