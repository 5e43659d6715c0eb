use rayon::iter::plumbing::{Consumer, Producer, ProducerCallback, UnindexedConsumer, bridge};
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use super::tiles::Tiled;
use super::{Rows, RowsMut, Tiles};
use crate::sample::Sample;

/// A parallel iterator over rows or tiles, which `into_par_iter` makes of [`Rows`], [`RowsMut`] and
/// [`Tiles`].
///
/// ```
/// use frame_arena::{Arena, PlaneAlloc};
/// use rayon::prelude::*;
///
/// let arena = Arena::new();
/// let frame = arena.frame();
/// let luma = frame.plane_from_fn::<u8>(64, 48, |x, y| (x + y) as u8)?;
/// let mut doubled = frame.plane::<u16>(64, 48)?;
/// let rows = doubled.rows_mut().into_par_iter();
/// rows.zip(luma.rows()).for_each(|(doubled, luma)| {
///     for (doubled, &luma) in doubled.iter_mut().zip(luma) {
///         *doubled = 2 * u16::from(luma);
///     }
/// });
/// assert_eq!(doubled.get(63, 47), 2 * (63 + 47));
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "iterators are lazy"]
pub struct Parallel<I>(I);

/// Rows of a plane, to read, in parallel.
pub type ParRows<'p, T> = Parallel<Rows<'p, T>>;

/// Rows of a plane, to write, in parallel.
pub type ParRowsMut<'p, T> = Parallel<RowsMut<'p, T>>;

/// Tiles of a view in parallel: `ParTiles<PlaneViewMut<'p, T>>` or `ParTiles<PlaneSetViewMut<'p,
/// T>>`.
pub type ParTiles<V> = Parallel<Tiles<V>>;

/// An iterator that can be cut in two.
pub trait Split: ExactSizeIterator<Item: Send> + DoubleEndedIterator + Send {
    /// The next `count` items, and those after them.
    fn split_at(self, count: usize) -> (Self, Self)
    where
        Self: Sized;
}

impl<T: Sample> Split for Rows<'_, T> {
    fn split_at(self, count: usize) -> (Self, Self) {
        self.split_at(count)
    }
}

impl<T: Sample> Split for RowsMut<'_, T> {
    fn split_at(self, count: usize) -> (Self, Self) {
        self.split_at(count)
    }
}

impl<V: Tiled + Send> Split for Tiles<V> {
    fn split_at(self, count: usize) -> (Self, Self) {
        self.split_at(count)
    }
}

impl<'p, T: Sample> IntoParallelIterator for Rows<'p, T> {
    type Iter = ParRows<'p, T>;
    type Item = &'p [T];

    fn into_par_iter(self) -> Self::Iter {
        Parallel(self)
    }
}

impl<'p, T: Sample> IntoParallelIterator for RowsMut<'p, T> {
    type Iter = ParRowsMut<'p, T>;
    type Item = &'p mut [T];

    fn into_par_iter(self) -> Self::Iter {
        Parallel(self)
    }
}

impl<V: Tiled + Send> IntoParallelIterator for Tiles<V> {
    type Iter = ParTiles<V>;
    type Item = V;

    fn into_par_iter(self) -> Self::Iter {
        Parallel(self)
    }
}

impl<I: Split> ParallelIterator for Parallel<I> {
    type Item = I::Item;

    fn drive_unindexed<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

impl<I: Split> IndexedParallelIterator for Parallel<I> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn drive<C: Consumer<I::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn with_producer<CB: ProducerCallback<I::Item>>(self, callback: CB) -> CB::Output {
        callback.callback(SplitProducer(self.0))
    }
}

struct SplitProducer<I>(I);

impl<I: Split> Producer for SplitProducer<I> {
    type Item = I::Item;
    type IntoIter = I;

    fn into_iter(self) -> I {
        self.0
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let (first, rest) = self.0.split_at(index);
        (Self(first), Self(rest))
    }
}
