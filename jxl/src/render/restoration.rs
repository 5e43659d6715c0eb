//! The list of restoration filters.

use frame_arena::Plane;

use super::epf::EpfPass;
use super::filter::{Filter, FilterInput};
use super::gaborish::Gaborish;
use super::ring::Ring;
use crate::headers::RestorationFilter;

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
