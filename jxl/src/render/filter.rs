//! The trait of restoration filters.

use frame_arena::Plane;

use super::ring::Ring;
use super::sigma::Sigma;
use super::span::Span;
use crate::headers::RestorationFilter;

/// A restoration filter of the three color channels, which is applied row by row.
pub(super) trait Filter: Copy {
    /// Most filters of this kind in a frame.
    const MOST: usize;

    /// The filters of this kind in a frame, in the order of application.
    fn of_frame(header: &RestorationFilter) -> impl Iterator<Item = Self>;

    /// Rows and columns around a sample that its result depends on.
    fn border(&self) -> usize;

    /// Number of rows of memory that the filter keeps while it goes down a strip.
    fn kept_rows(&self) -> usize;

    /// Produces the next row of `output`.
    fn run(&self, input: FilterInput<'_, '_>, kept: &mut Plane<'_, f32>, output: &mut Ring<'_>);
}

/// The input of a filter for one row.
#[derive(Clone, Copy)]
pub(super) struct FilterInput<'i, 's> {
    /// Rows of the previous filter.
    pub(super) rows: &'i Ring<'s>,
    pub(super) span: &'i Span,
    /// Strength of the edge-preserving filter.
    pub(super) sigma: Sigma<'i>,
    /// Whether the row is the first of its strip, so that kept rows are not filled yet.
    pub(super) is_first: bool,
}
