//! What a restoration filter is to the pipeline.

use frame_arena::Plane;

use super::ring::Ring;
use super::sigma::Sigma;
use super::span::Span;
use crate::headers::RestorationFilter;

/// A restoration filter on the three color channels, made row by row.
pub(super) trait Filter: Copy {
    /// Most of this kind in a frame.
    const MOST: usize;

    /// The filters of this kind in a frame, in the order of application.
    fn of_frame(header: &RestorationFilter) -> impl Iterator<Item = Self>;

    /// Rows and columns around a sample that its result depends on.
    fn border(&self) -> usize;

    /// Rows of memory that go with the filter down a strip.
    fn kept_rows(&self) -> usize;

    /// Produces the next row of `output`.
    fn run(&self, input: FilterInput<'_, '_>, kept: &mut Plane<'_, f32>, output: &mut Ring<'_>);
}

/// What a filter makes a row of.
#[derive(Clone, Copy)]
pub(super) struct FilterInput<'i, 's> {
    /// Rows of the filter before.
    pub(super) rows: &'i Ring<'s>,
    pub(super) span: &'i Span,
    /// Strength of the edge-preserving filter.
    pub(super) sigma: Sigma<'i>,
    /// The row is the first of its strip: what is kept is still to be made.
    pub(super) is_first: bool,
}
