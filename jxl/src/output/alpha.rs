//! Colors multiplied by alpha, and divided by it.

use super::pixel::{CHUNK, Planes};
use super::sample::Sample;
use crate::AlphaMode;

/// What is done to colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AlphaChange {
    Divide,
    Multiply,
}

impl AlphaChange {
    /// `None` if colors stay as they are.
    pub(super) fn new(is_premultiplied: bool, wanted: AlphaMode) -> Option<Self> {
        match (is_premultiplied, wanted) {
            (true, AlphaMode::Straight) => Some(Self::Divide),
            (false, AlphaMode::Premultiplied) => Some(Self::Multiply),
            _ => None,
        }
    }

    /// Changes samples of full scale `max`, which floats ignore. Alpha follows the `colors`.
    pub(super) fn run<T: Sample>(self, planes: &mut Planes<T>, colors: usize, max: u32) {
        let (colors, rest) = planes.split_at_mut(colors);
        let alpha: &[T; CHUNK] = &rest[0];
        for plane in colors {
            for (color, &alpha) in plane.iter_mut().zip(alpha) {
                *color = match self {
                    Self::Divide => color.divided(alpha, max),
                    Self::Multiply => color.multiplied(alpha, max),
                };
            }
        }
    }
}
