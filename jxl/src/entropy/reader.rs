use std::hint::select_unpredictable;

use super::ans::{AnsCode, Tables};
use super::histogram::LOG_TOTAL;
use super::integer::IntegerConfig;
use crate::Error;
use crate::bits::{Bits, Truncated};

/// State at the end of every stream.
pub(super) const FINAL_STATE: u32 = 0x13 << 16;

/// Reads the integers of one stream.
///
/// Bits are read ahead from a copy of the section's reader; [`finish`](Self::finish) moves that
/// reader to the end of the stream.
pub(crate) struct AnsReader<'c, 'd> {
    code: &'c AnsCode<'c>,
    tables: Tables<'c>,
    state: State,
    feed: Feed<'d>,
}

#[derive(Clone, Copy)]
struct State {
    /// State of the ANS code.
    ans: u32,
    /// Bits that are read next, lowest first; zeros above.
    ahead: u64,
    /// Number of bits in `ahead`.
    count: u32,
}

struct Feed<'d> {
    bits: Bits<'d>,
}

impl<'c, 'd> AnsReader<'c, 'd> {
    /// Starts a stream where `bits` stands.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub(crate) fn begin(code: &'c AnsCode<'c>, bits: &Bits<'d>) -> Result<Self, Error> {
        let mut bits = bits.clone();
        let ans = bits.read(32)?;
        let state = State {
            ans,
            ahead: 0,
            count: 0,
        };
        Ok(Self {
            code,
            tables: code.tables(),
            state,
            feed: Feed { bits },
        })
    }

    pub(crate) fn code(&self) -> &'c AnsCode<'c> {
        self.code
    }

    /// Reads the next integer, in `cluster`.
    ///
    /// # Errors
    /// [`Truncated`].
    ///
    /// # Panics
    /// If the code has no such cluster.
    #[inline(always)]
    pub(crate) fn read(&mut self, cluster: u8) -> Result<u32, Truncated> {
        self.state.read(&self.tables, &mut self.feed, cluster)
    }

    /// Returns a reader for loops, which the compiler can keep in registers. When it is dropped,
    /// this reader continues from its position.
    #[inline(always)]
    pub(crate) fn local(&mut self) -> LocalReader<'_, 'd> {
        LocalReader {
            tables: self.tables,
            state: self.state,
            home: &mut self.state,
            feed: &mut self.feed,
        }
    }

    /// Runs `work` with a reader of sparse integers. Afterwards, this reader continues from its
    /// position.
    #[inline(always)]
    pub(crate) fn with_sparse<R>(
        &mut self,
        work: impl FnOnce(&mut SparseReader<'_, 'd>) -> R,
    ) -> R {
        let mut reader = SparseReader {
            tables: self.tables,
            state: self.state,
            feed: &mut self.feed,
        };
        let result = work(&mut reader);
        self.state = reader.state;
        result
    }

    /// Moves `bits`, which the stream was begun with, behind the stream.
    ///
    /// # Errors
    /// Streams that end in another state than they must.
    pub(crate) fn finish(&self, bits: &mut Bits<'_>) -> Result<(), Error> {
        if self.state.ans != FINAL_STATE {
            return Err(Error::corrupt(
                "wrong final state of an entropy-coded stream",
            ));
        }
        let end = self.feed.bits.position() - self.state.count as usize;
        bits.skip(end - bits.position())?;
        Ok(())
    }
}

/// An [`AnsReader`] for loops, with its state in local variables.
pub(crate) struct LocalReader<'r, 'd> {
    tables: Tables<'r>,
    state: State,
    /// Receives the state at the end.
    home: &'r mut State,
    feed: &'r mut Feed<'d>,
}

impl Drop for LocalReader<'_, '_> {
    #[inline(always)]
    fn drop(&mut self) {
        *self.home = self.state;
    }
}

impl LocalReader<'_, '_> {
    /// As [`AnsReader::read`].
    #[inline(always)]
    pub(crate) fn read(&mut self, cluster: u8) -> Result<u32, Truncated> {
        self.state.read(&self.tables, self.feed, cluster)
    }
}

/// Reads integers that are often zero and take few bits.
///
/// It has no [`Drop`] that writes the state back, because then the compiler would write it to
/// memory before each step that may panic.
pub(crate) struct SparseReader<'r, 'd> {
    tables: Tables<'r>,
    state: State,
    feed: &'r mut Feed<'d>,
}

impl SparseReader<'_, '_> {
    /// As [`AnsReader::read`]. Returns `None` for zero, so that the caller need not compare again.
    #[inline(always)]
    pub(crate) fn read(&mut self, cluster: u8) -> Result<Option<u32>, Truncated> {
        let symbol = self.state.short_symbol(&self.tables, self.feed, cluster)?;
        // Symbol 0 has no raw bits: its integer is below any split.
        if symbol == 0 {
            return Ok(None);
        }
        let config = self.tables.config(cluster);
        if symbol < config.split {
            return Ok(Some(symbol));
        }
        let integer = self.state.integer(config, self.feed, symbol)?;
        Ok((integer != 0).then_some(integer))
    }
}

impl State {
    #[inline(always)]
    fn read(
        &mut self,
        tables: &Tables<'_>,
        feed: &mut Feed<'_>,
        cluster: u8,
    ) -> Result<u32, Truncated> {
        let symbol = self.symbol(tables, feed, cluster)?;
        self.integer(tables.config(cluster), feed, symbol)
    }

    #[inline(always)]
    fn symbol(
        &mut self,
        tables: &Tables<'_>,
        feed: &mut Feed<'_>,
        cluster: u8,
    ) -> Result<u32, Truncated> {
        if self.count < 32 {
            self.refill(feed);
        }
        let found = tables.find(cluster, self.ans);
        let next = (self.ans >> LOG_TOTAL) * found.frequency + found.rank;
        let is_low = next < 1 << 16;
        let appended = next << 16 | self.ahead as u32 & 0xFFFF;
        self.ans = select_unpredictable(is_low, appended, next);
        self.consume(u32::from(is_low) * 16)?;
        Ok(found.symbol)
    }

    /// As [`symbol`](Self::symbol), for distributions whose symbols mostly take so few bits that
    /// the state rarely needs new ones, which makes a branch predictable.
    #[inline(always)]
    fn short_symbol(
        &mut self,
        tables: &Tables<'_>,
        feed: &mut Feed<'_>,
        cluster: u8,
    ) -> Result<u32, Truncated> {
        let found = tables.find(cluster, self.ans);
        self.ans = (self.ans >> LOG_TOTAL) * found.frequency + found.rank;
        if self.ans < 1 << 16 {
            if self.count < 16 {
                self.refill(feed);
            }
            self.ans = self.ans << 16 | self.ahead as u32 & 0xFFFF;
            self.consume(16)?;
        }
        Ok(found.symbol)
    }

    /// The integer of a symbol, after its raw bits.
    #[inline(always)]
    fn integer(
        &mut self,
        config: &IntegerConfig,
        feed: &mut Feed<'_>,
        symbol: u32,
    ) -> Result<u32, Truncated> {
        if symbol < config.split {
            return Ok(symbol);
        }
        let count = config.raw_bits(symbol);
        if self.count < count {
            self.refill(feed);
        }
        let raw = (self.ahead & ((1 << count) - 1)) as u32;
        self.consume(count)?;
        Ok(config.integer(symbol, count, raw))
    }

    #[inline(always)]
    fn consume(&mut self, count: u32) -> Result<(), Truncated> {
        self.count = self.count.checked_sub(count).ok_or(Truncated)?;
        self.ahead >>= count;
        Ok(())
    }

    /// Reads up to 32 more bits ahead, if fewer than 32 are.
    #[inline(always)]
    fn refill(&mut self, feed: &mut Feed<'_>) {
        let (bits, count) = feed.take();
        self.ahead |= u64::from(bits) << self.count;
        self.count += count;
    }
}

impl Feed<'_> {
    /// The next 32 bits, or all that are left with zeros above.
    #[inline(never)]
    fn take(&mut self) -> (u32, u32) {
        self.bits.take_ahead()
    }
}
