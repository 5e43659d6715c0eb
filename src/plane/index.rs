//! Indexing of planes: `plane[y]` is row `y`, so `plane[y][x]` is the sample in its column `x`.
//! Panics if there is no such row or column.

use std::ops::{Index, IndexMut};

use super::{Plane, PlaneView, PlaneViewMut};
use crate::sample::Sample;
use crate::{DetachedPlane, OwnedPlane, SharedPlane};

macro_rules! index_rows {
    ($plane:ty) => {
        impl<T: Sample> Index<usize> for $plane {
            type Output = [T];

            fn index(&self, y: usize) -> &[T] {
                self.row(y)
            }
        }
    };
}

macro_rules! index_rows_mut {
    ($plane:ty) => {
        index_rows!($plane);

        impl<T: Sample> IndexMut<usize> for $plane {
            fn index_mut(&mut self, y: usize) -> &mut [T] {
                self.row_mut(y)
            }
        }
    };
}

index_rows!(PlaneView<'_, T>);
index_rows_mut!(Plane<'_, T>);
index_rows_mut!(PlaneViewMut<'_, T>);
index_rows_mut!(DetachedPlane<T>);
index_rows_mut!(OwnedPlane<T>);
index_rows!(SharedPlane<T>);
