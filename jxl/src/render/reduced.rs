//! Restoration filters of frames that are decoded smaller.

use crate::Reduction;
use crate::headers::RestorationFilter;

impl RestorationFilter {
    /// The filters for a frame that is decoded smaller. The edge-preserving filter is left out: it
    /// hardly changes averages. The Gabor-like filter has weights for samples that are averages.
    pub(crate) fn reduced(&self, reduction: Reduction) -> Self {
        let gab = self
            .gab
            .map(|weights| weights.map(|weights| reduced_gaborish(weights, reduction)));
        Self { gab, epf: None }
    }
}

/// The weights of a side and a corner, relative to the center's, with which the filter changes
/// averages of squares about as the filter of the weights `side` and `corner` changes the samples.
///
/// The filter moves a share of the difference of two neighbors across each boundary of two squares.
/// Among samples whose differences are independent of each other, the expected difference at the
/// boundary of two squares of n columns, given the difference d of their averages, is
/// 3 n d / (2 n^2 + 1). A boundary concerns one of n columns, so shares become smaller by
/// 3 / (2 n^2 + 1).
fn reduced_gaborish([side, corner]: [f32; 2], reduction: Reduction) -> [f32; 2] {
    let factor = reduction.factor() as f32;
    let share = 3.0 / (2.0 * factor * factor + 1.0);
    let scale = 1.0 / (1.0 + 4.0 * (side + corner));
    // Of all weights, those in the column next to the center's.
    let column = (side + 2.0 * corner) * scale * share;
    let corner = corner * scale * share * share;
    let side = column - 2.0 * corner;
    let center = 1.0 - 4.0 * (side + corner);
    match center.abs() < f32::EPSILON {
        true => [0.0; 2],
        false => [side / center, corner / center],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_of_the_full_size_stay() {
        let weights = [0.115_169_525, 0.061_248_592];
        let [side, corner] = reduced_gaborish(weights, Reduction::Full);
        assert!((side - weights[0]).abs() < 1e-6, "{side}");
        assert!((corner - weights[1]).abs() < 1e-6, "{corner}");
    }

    /// Without noise, a step of a random walk spreads over two averages as the formula tells.
    #[test]
    fn shares_are_those_of_random_walks() {
        for reduction in [Reduction::Half, Reduction::Quarter] {
            let n = reduction.factor() as usize;
            // Weights of the differences between neighbors in the difference of two averages.
            let weights: Vec<f64> = (1..2 * n)
                .map(|i| i.min(2 * n - i) as f64 / n as f64)
                .collect();
            let expected = 1.0 / weights.iter().map(|weight| weight * weight).sum::<f64>();
            let [side, corner] = reduced_gaborish([1e-3, 0.0], reduction);
            assert_eq!(corner, 0.0);
            let found = f64::from(side) / 1e-3 * n as f64;
            assert!(
                (found - expected).abs() < 0.01,
                "{reduction}: {found} {expected}"
            );
        }
    }
}
