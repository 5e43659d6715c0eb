use crate::headers::EpfParams;

/// One of the three passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::render) enum Pass {
    /// Twelve neighbors; only with three iterations.
    Zero,
    /// Four neighbors.
    One,
    /// Four neighbors, compared by single samples; from two iterations on.
    Two,
}

impl Pass {
    /// The passes of a number of iterations, in their order.
    pub(in crate::render) fn of_iterations(iterations: u32) -> &'static [Pass] {
        match iterations {
            0 => &[],
            1 => &[Pass::One],
            2 => &[Pass::One, Pass::Two],
            _ => &[Pass::Zero, Pass::One, Pass::Two],
        }
    }

    /// Rows and columns around a sample that its result depends on.
    pub(in crate::render) fn border(self) -> usize {
        match self {
            Pass::Zero => 3,
            Pass::One => 2,
            Pass::Two => 1,
        }
    }

    pub(super) fn scale(self, params: &EpfParams) -> f32 {
        match self {
            Pass::Zero => params.pass0_sigma_scale,
            Pass::One => 1.0,
            Pass::Two => params.pass2_sigma_scale,
        }
    }
}
