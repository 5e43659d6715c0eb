use std::fmt;

/// How much smaller than its file a picture is decoded, across and down. It displays as `1:8`.
///
/// A picture of `width` columns has `width.div_ceil(factor)` columns when it is reduced, and
/// likewise rows, so a sample at the right or bottom edge may stand for fewer pixels than others.
///
/// ```
/// use jxl_arena::Reduction;
///
/// assert_eq!(Reduction::Eighth.size(4001, 3000), (501, 375));
/// // The smallest coded size from which 500 x 375 pixels can be made.
/// let reduction = Reduction::at_least((4032, 3024), (500, 375));
/// assert_eq!(reduction, Reduction::Eighth);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reduction {
    /// 1:1, the full size.
    #[default]
    Full,
    /// 1:2.
    Half,
    /// 1:4.
    Quarter,
    /// 1:8.
    Eighth,
}

impl Reduction {
    /// All reductions, from the full size down.
    pub const ALL: [Self; 4] = [Self::Full, Self::Half, Self::Quarter, Self::Eighth];

    /// The number of columns, and of rows, of the full picture that one of the reduced picture
    /// stands for: 1, 2, 4 or 8.
    pub const fn factor(self) -> u32 {
        1 << self as u32
    }

    /// log2 of the [factor](Self::factor).
    pub(crate) const fn log2(self) -> usize {
        self as usize
    }

    /// The reduction by `factor`; `None` unless that is 1, 2, 4 or 8.
    pub const fn from_factor(factor: u32) -> Option<Self> {
        match factor {
            1 => Some(Self::Full),
            2 => Some(Self::Half),
            4 => Some(Self::Quarter),
            8 => Some(Self::Eighth),
            _ => None,
        }
    }

    /// Width and height of a picture of `width` x `height` pixels when it is reduced.
    pub const fn size(self, width: u32, height: u32) -> (u32, u32) {
        (
            width.div_ceil(self.factor()),
            height.div_ceil(self.factor()),
        )
    }

    /// The greatest reduction at which a picture of size `full` still has `least` columns and rows;
    /// [`Full`](Self::Full) if the picture itself has fewer.
    pub fn at_least(full: (u32, u32), least: (u32, u32)) -> Self {
        let suffices = |reduction: &Self| {
            let (width, height) = reduction.size(full.0, full.1);
            width >= least.0 && height >= least.1
        };
        let mut reductions = Self::ALL.into_iter().rev();
        reductions.find(suffices).unwrap_or_default()
    }
}

impl fmt::Display for Reduction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1:{}", self.factor())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_up() {
        for reduction in Reduction::ALL {
            let factor = reduction.factor();
            assert_eq!(Reduction::from_factor(factor), Some(reduction));
            assert_eq!(reduction.size(1, factor), (1, 1), "{reduction}");
            assert_eq!(
                reduction.size(8 * factor + 1, 7 * factor),
                (9, 7),
                "{reduction}"
            );
        }
        assert_eq!(Reduction::from_factor(0), None);
        assert_eq!(Reduction::from_factor(16), None);
        assert_eq!(Reduction::Quarter.to_string(), "1:4");
    }

    #[test]
    fn the_greatest_sufficient_reduction_is_chosen() {
        let of = |full, least| Reduction::at_least(full, least).factor();
        assert_eq!(of((4000, 3000), (500, 375)), 8);
        assert_eq!(of((4000, 3000), (501, 375)), 4);
        assert_eq!(of((4000, 3000), (500, 376)), 4);
        assert_eq!(of((4000, 3000), (2000, 1)), 2);
        assert_eq!(of((4000, 3000), (4000, 3000)), 1);
        assert_eq!(of((10, 10), (500, 375)), 1);
        assert_eq!(of((4000, 3000), (1, 1)), 8);
    }
}
