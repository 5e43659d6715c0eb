//! Inverse transforms (ISO/IEC 18181-1, I.2): coefficients become samples.

mod block;
mod cosines;
mod dct;
mod in_place;
mod lowest;
mod reduced;
mod special;
#[cfg(test)]
mod tests;
mod transform_type;

pub(super) use block::{Positions, SPARE, inverse};
pub(super) use in_place::{IN_PLACE_SPARE, inverse_in_place};
pub(super) use lowest::{lowest_from_lf, lowest_position};
pub(crate) use reduced::average;
pub(super) use reduced::inverse_reduced;
pub(super) use transform_type::TransformType;
