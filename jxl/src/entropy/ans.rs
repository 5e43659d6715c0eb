use bytemuck::{Pod, Zeroable};

use super::bounds::MAX_CLUSTERS;
use super::histogram::{Frequencies, LOG_TOTAL, MAX_SYMBOLS, TOTAL, read_frequencies};
use super::integer::IntegerConfig;
use crate::Error;
use crate::bits::Bits;
use crate::memory::Memory;

#[cfg(test)]
mod tests;

/// A code with asymmetric numeral systems (ISO/IEC 18181-1, C.2), without LZ77.
#[derive(Clone, Copy)]
pub(crate) struct AnsCode<'m> {
    /// The cluster of each context.
    clusters: &'m [u8],
    tables: Tables<'m>,
}

/// A range of states shared by two symbols: states below a limit belong to the bucket's own symbol.
#[derive(Clone, Copy, Default, Pod, Zeroable)]
#[repr(C)]
struct Bucket {
    /// Entry of the bucket's own symbol: its frequency less 1 in the lower [`LOG_TOTAL`] bits, then
    /// the symbol, then the limit.
    own: u32,
    /// Entry of the other symbol: the same, with an offset to add to the position in the bucket
    /// instead of the limit.
    other: u32,
}

/// First bit of an entry's limit.
const MIDDLE: u32 = LOG_TOTAL + SYMBOL_BITS;
const SYMBOL_BITS: u32 = MAX_SYMBOLS.trailing_zeros();

/// The symbol of an entry.
#[inline(always)]
fn symbol_of(entry: u32) -> u32 {
    (entry >> LOG_TOTAL) % (1 << SYMBOL_BITS)
}

/// The symbol of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) symbol: u32,
    pub(super) frequency: u32,
    /// Rank of the state among those with this symbol.
    pub(super) rank: u32,
}

fn packed(frequency: u16, middle: u32, symbol: usize) -> u32 {
    let frequency = u32::from(frequency).wrapping_sub(1) % TOTAL;
    frequency | (symbol as u32) << LOG_TOTAL | middle << MIDDLE
}

impl<'m> AnsCode<'m> {
    pub(super) fn new(clusters: &'m [u8], tables: Tables<'m>) -> Self {
        Self { clusters, tables }
    }

    /// The cluster of each context.
    pub(crate) fn clusters(&self) -> &'m [u8] {
        self.clusters
    }

    /// The only integer there is in `cluster`, if it takes no bits.
    pub(crate) fn constant(&self, cluster: u8) -> Option<u32> {
        self.tables.constant(cluster)
    }

    pub(super) fn tables(&self) -> Tables<'m> {
        self.tables
    }
}

/// The tables for reading integers.
#[derive(Clone, Copy)]
pub(super) struct Tables<'c> {
    /// 2^`log_alphabet` buckets for each cluster.
    buckets: &'c [Bucket],
    /// The integer coding of each cluster.
    configs: &'c [IntegerConfig; MAX_CLUSTERS],
    /// log2 of the number of possible symbols.
    log_alphabet: u32,
}

impl<'c> Tables<'c> {
    /// Reads the distributions of `clusters` clusters.
    pub(super) fn parse(
        bits: &mut Bits<'_>,
        clusters: usize,
        log_alphabet: u32,
        configs: &'c [IntegerConfig; MAX_CLUSTERS],
        memory: Memory<'c>,
    ) -> Result<Self, Error> {
        // Stale: all buckets are filled.
        let buckets = memory.stale(clusters << log_alphabet)?;
        for buckets in buckets.chunks_exact_mut(1 << log_alphabet) {
            fill_buckets(&read_frequencies(bits, log_alphabet)?, buckets);
        }
        Ok(Self {
            buckets,
            configs,
            log_alphabet,
        })
    }

    /// The only integer there is in `cluster`, if it takes no bits.
    pub(super) fn constant(&self, cluster: u8) -> Option<u32> {
        let cluster = usize::from(cluster);
        let bucket = self.buckets.get(cluster << self.log_alphabet)?;
        let symbol = symbol_of(bucket.other);
        let has_all = bucket.other % TOTAL == TOTAL - 1 && bucket.own >> MIDDLE == 0;
        (has_all && symbol < self.configs[cluster].split).then_some(symbol)
    }

    /// The symbol of a state, which its lower [`LOG_TOTAL`] bits determine.
    #[inline(always)]
    pub(super) fn find(&self, cluster: u8, state: u32) -> Found {
        let log_size = LOG_TOTAL - self.log_alphabet;
        let position = state % TOTAL;
        let index = (u32::from(cluster) << LOG_TOTAL | position) >> log_size;
        let Bucket { own, other } = self.buckets[index as usize];
        let in_bucket = position & ((1 << log_size) - 1);
        let is_own = in_bucket < own >> MIDDLE;
        let without_limit = own % (1 << MIDDLE);
        // Which of the two it is, nobody can foretell.
        let entry = std::hint::select_unpredictable(is_own, without_limit, other);
        Found {
            symbol: symbol_of(entry),
            frequency: entry % TOTAL + 1,
            rank: (entry >> MIDDLE) + in_bucket,
        }
    }

    #[inline(always)]
    pub(super) fn config(&self, cluster: u8) -> &IntegerConfig {
        &self.configs[usize::from(cluster)]
    }
}

/// Distributes the states over equal buckets, so that none has more than two symbols (ISO/IEC
/// 18181-1, C.2.6).
fn fill_buckets(frequencies: &Frequencies, buckets: &mut [Bucket]) {
    let size = (TOTAL as usize / buckets.len()) as u16;
    let frequencies = &frequencies[..buckets.len()];
    if let Some(symbol) = frequencies.iter().position(|&f| u32::from(f) == TOTAL) {
        for (i, bucket) in buckets.iter_mut().enumerate() {
            let other = packed(TOTAL as u16, u32::from(size) * i as u32, symbol);
            *bucket = Bucket { own: 0, other };
        }
        return;
    }
    // How many states are left of each symbol, which are the first of its bucket.
    let mut left = [0; MAX_SYMBOLS];
    left[..frequencies.len()].copy_from_slice(frequencies);
    let (mut small, mut large) = (Stack::new(), Stack::new());
    for (symbol, &frequency) in frequencies.iter().enumerate() {
        if frequency < size {
            small.push(symbol);
        } else if frequency > size {
            large.push(symbol);
        }
    }
    for (symbol, bucket) in buckets.iter_mut().enumerate() {
        bucket.own = packed(frequencies[symbol], size.into(), symbol);
    }
    while let (Some(from), Some(to)) = (large.pop(), small.pop()) {
        let limit = left[to];
        left[from] -= size - limit;
        // A symbol with fewer states than one bucket's share is more than one that gives states
        // away has at the start.
        let offset = u32::from(left[from] - limit);
        buckets[to] = Bucket {
            own: packed(frequencies[to], limit.into(), to),
            other: packed(frequencies[from], offset, from),
        };
        if left[from] < size {
            small.push(from);
        } else if left[from] > size {
            large.push(from);
        }
    }
}

/// Symbols still to be distributed.
struct Stack {
    symbols: [u8; MAX_SYMBOLS],
    len: usize,
}

impl Stack {
    fn new() -> Self {
        Self {
            symbols: [0; MAX_SYMBOLS],
            len: 0,
        }
    }

    fn push(&mut self, symbol: usize) {
        self.symbols[self.len] = symbol as u8;
        self.len += 1;
    }

    fn pop(&mut self) -> Option<usize> {
        self.len = self.len.checked_sub(1)?;
        Some(self.symbols[self.len].into())
    }
}
