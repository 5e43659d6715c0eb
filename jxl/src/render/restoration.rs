//! What a restoration filter is to the pipeline, and the list of them.

use frame_arena::Plane;

use super::epf::{EpfPass, Sigma};
use super::gaborish::Gaborish;
use super::ring::Ring;
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

macro_rules! filters {
    ($($filter:ident),*) => {
        /// Any restoration filter.
        #[derive(Clone, Copy)]
        pub(super) enum AnyFilter {
            $($filter($filter),)*
        }

        impl Filter for AnyFilter {
            const MOST: usize = 0 $(+ $filter::MOST)*;

            fn of_frame(header: &RestorationFilter) -> impl Iterator<Item = Self> {
                std::iter::empty()
                    $(.chain($filter::of_frame(header).map(Self::$filter)))*
            }

            fn border(&self) -> usize {
                match self {
                    $(Self::$filter(filter) => filter.border(),)*
                }
            }

            fn kept_rows(&self) -> usize {
                match self {
                    $(Self::$filter(filter) => filter.kept_rows(),)*
                }
            }

            fn run(
                &self,
                input: FilterInput<'_, '_>,
                kept: &mut Plane<'_, f32>,
                output: &mut Ring<'_>,
            ) {
                match self {
                    $(Self::$filter(filter) => filter.run(input, kept, output),)*
                }
            }
        }
    };
}

// All restoration filters, in the order that they are applied in.
filters!(Gaborish, EpfPass);
