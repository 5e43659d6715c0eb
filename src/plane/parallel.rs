use rayon::iter::plumbing::{Consumer, Producer, ProducerCallback, UnindexedConsumer, bridge};
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use super::tiles::{Tiled, Tiles};

/// The tiles of a view, spread over the threads of rayon's current pool.
pub struct ParTiles<V>(Tiles<V>);

impl<V: Tiled + Send> IntoParallelIterator for Tiles<V> {
    type Iter = ParTiles<V>;
    type Item = V;

    fn into_par_iter(self) -> ParTiles<V> {
        ParTiles(self)
    }
}

impl<V: Tiled + Send> ParallelIterator for ParTiles<V> {
    type Item = V;

    fn drive_unindexed<C: UnindexedConsumer<V>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

impl<V: Tiled + Send> IndexedParallelIterator for ParTiles<V> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn drive<C: Consumer<V>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn with_producer<CB: ProducerCallback<V>>(self, callback: CB) -> CB::Output {
        callback.callback(TilesProducer(self.0))
    }
}

struct TilesProducer<V>(Tiles<V>);

impl<V: Tiled + Send> Producer for TilesProducer<V> {
    type Item = V;
    type IntoIter = Tiles<V>;

    fn into_iter(self) -> Tiles<V> {
        self.0
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let (first, rest) = self.0.split_at(index);
        (Self(first), Self(rest))
    }
}
