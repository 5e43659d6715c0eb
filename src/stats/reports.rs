use std::ops::Deref;

use arrayvec::ArrayVec;

/// A list of up to `N` reports, stored in place without an allocation. It derefs to a slice.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Reports<T, const N: usize>(ArrayVec<T, N>);

impl<T, const N: usize> Reports<T, N> {
    pub(crate) fn new() -> Self {
        Self(ArrayVec::new())
    }

    /// # Panics
    /// If there are `N` already.
    pub(crate) fn push(&mut self, report: T) {
        self.0.push(report);
    }
}

impl<T, const N: usize> Deref for Reports<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'r, T, const N: usize> IntoIterator for &'r Reports<T, N> {
    type Item = &'r T;
    type IntoIter = std::slice::Iter<'r, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
