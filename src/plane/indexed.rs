use std::iter::FusedIterator;
use std::ops::Range;

/// An iterator over the results of `get` for each index of a range. Counting and skipping take
/// constant time.
///
/// Invariant: no index in `left` was passed to `get`, so each is passed at most once.
pub(crate) struct Indexed<F> {
    left: Range<usize>,
    get: F,
}

impl<R, F: FnMut(usize) -> R> Indexed<F> {
    pub(crate) fn new(count: usize, get: F) -> Self {
        Self {
            left: 0..count,
            get,
        }
    }
}

impl<R, F: FnMut(usize) -> R> Iterator for Indexed<F> {
    type Item = R;

    fn next(&mut self) -> Option<R> {
        self.left.next().map(&mut self.get)
    }

    fn nth(&mut self, skipped: usize) -> Option<R> {
        self.left.nth(skipped).map(&mut self.get)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.size_hint()
    }

    fn count(self) -> usize {
        self.left.len()
    }

    fn last(mut self) -> Option<R> {
        self.left.next_back().map(&mut self.get)
    }
}

impl<R, F: FnMut(usize) -> R> ExactSizeIterator for Indexed<F> {}

impl<R, F: FnMut(usize) -> R> FusedIterator for Indexed<F> {}
