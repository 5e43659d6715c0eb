use super::ans::Tables;
use super::bounds::MAX_CLUSTERS;
use super::histogram::LOG_TOTAL;
use super::integer::IntegerConfig;
use super::lz77::{Copies, Lz77};
use super::prefix::PrefixCodes;
use super::reader::FINAL_STATE;
use crate::Error;
use crate::bits::{Bits, Truncated};
use crate::memory::Memory;

/// An entropy code of any other kind: with prefix codes or with LZ77.
#[derive(Clone, Copy)]
pub(crate) struct OtherCode<'m> {
    /// The cluster of each context. With LZ77, the last one is for distances.
    pub(super) clusters: &'m [u8],
    pub(super) configs: &'m [IntegerConfig; MAX_CLUSTERS],
    pub(super) symbols: SymbolCodes<'m>,
    pub(super) lz77: Option<Lz77>,
}

/// The coding of symbols.
#[derive(Clone, Copy)]
pub(super) enum SymbolCodes<'m> {
    Ans(Tables<'m>),
    Prefix(PrefixCodes<'m>),
}

impl OtherCode<'_> {
    /// As [`Code::constant`](super::Code::constant). With LZ77, no cluster is constant.
    pub(crate) fn constant(&self, cluster: u8) -> Option<u32> {
        let symbol = match (&self.symbols, self.lz77) {
            (_, Some(_)) => return None,
            (SymbolCodes::Ans(tables), _) => return tables.constant(cluster),
            (SymbolCodes::Prefix(codes), _) => codes.single(cluster)?,
        };
        (symbol < self.config(cluster).split).then_some(symbol)
    }

    #[inline(always)]
    fn config(&self, cluster: u8) -> &IntegerConfig {
        &self.configs[usize::from(cluster)]
    }

    /// The cluster of the distances of copies.
    fn distance_cluster(&self) -> u8 {
        self.clusters.last().copied().unwrap_or(0)
    }
}

/// Reads the integers of one stream, of any kind of code.
///
/// Bits are read from a copy of the section's reader; [`finish`](Self::finish) moves that reader to
/// the end of the stream.
pub(crate) struct OtherReader<'c, 'd> {
    code: &'c OtherCode<'c>,
    source: Source<'d>,
    copies: Option<Copies<'c>>,
}

/// The source of symbols.
struct Source<'d> {
    bits: Bits<'d>,
    /// The state of an ANS code.
    state: u32,
}

impl<'c, 'd> OtherReader<'c, 'd> {
    /// Starts a stream at `bits`. `multiplier` is the width of the widest channel of a Modular
    /// stream, 0 for other streams; `expected` is the number of integers, if known.
    ///
    /// # Errors
    /// Truncated streams, memory.
    pub(crate) fn begin(
        code: &'c OtherCode<'c>,
        bits: &Bits<'d>,
        (multiplier, expected): (u32, usize),
        memory: Memory<'c>,
    ) -> Result<Self, Error> {
        let mut bits = bits.clone();
        let state = match code.symbols {
            SymbolCodes::Ans(_) => bits.read(32)?,
            SymbolCodes::Prefix(_) => FINAL_STATE,
        };
        let copies = code
            .lz77
            .map(|lz77| Copies::new(lz77, memory, multiplier, expected));
        Ok(Self {
            code,
            source: Source { bits, state },
            copies: copies.transpose()?,
        })
    }

    pub(crate) fn code(&self) -> &'c OtherCode<'c> {
        self.code
    }

    /// Reads the next integer, in `cluster`.
    ///
    /// # Errors
    /// Truncated streams, copies from before the first integer, memory.
    ///
    /// # Panics
    /// If the code has no such cluster.
    #[inline(always)]
    pub(crate) fn read(&mut self, cluster: u8) -> Result<u32, Error> {
        match self.copies {
            Some(_) => self.read_or_copy(cluster),
            None => Ok(self.source.read(self.code, cluster)?),
        }
    }

    fn read_or_copy(&mut self, cluster: u8) -> Result<u32, Error> {
        let (code, source) = (self.code, &mut self.source);
        let Some(copies) = &mut self.copies else {
            return Ok(source.read(code, cluster)?);
        };
        if let Some(copied) = copies.next()? {
            return Ok(copied);
        }
        let symbol = source.symbol(code, cluster)?;
        let Some(length) = symbol.checked_sub(copies.lz77.min_symbol) else {
            let integer = source.integer(symbol, code.config(cluster))?;
            copies.push(integer)?;
            return Ok(integer);
        };
        let length = source.integer(length, &copies.lz77.length)?;
        let distance = source.read(code, code.distance_cluster())?;
        copies.start(length, distance)
    }

    /// Moves `bits`, which the stream was begun with, behind the stream.
    ///
    /// # Errors
    /// Streams that end in another state than they must.
    pub(crate) fn finish(self, bits: &mut Bits<'d>) -> Result<(), Error> {
        if self.source.state != FINAL_STATE {
            return Err(Error::corrupt(
                "wrong final state of an entropy-coded stream",
            ));
        }
        *bits = self.source.bits;
        Ok(())
    }
}

impl Source<'_> {
    #[inline(always)]
    fn read(&mut self, code: &OtherCode<'_>, cluster: u8) -> Result<u32, Truncated> {
        let symbol = self.symbol(code, cluster)?;
        self.integer(symbol, code.config(cluster))
    }

    #[inline(always)]
    fn symbol(&mut self, code: &OtherCode<'_>, cluster: u8) -> Result<u32, Truncated> {
        match &code.symbols {
            SymbolCodes::Prefix(codes) => codes.read(&mut self.bits, cluster),
            SymbolCodes::Ans(tables) => {
                let found = tables.find(cluster, self.state);
                self.state = (self.state >> LOG_TOTAL) * found.frequency + found.rank;
                if self.state < 1 << 16 {
                    self.state = self.state << 16 | self.bits.read(16)?;
                }
                Ok(found.symbol)
            }
        }
    }

    #[inline(always)]
    fn integer(&mut self, symbol: u32, config: &IntegerConfig) -> Result<u32, Truncated> {
        if symbol < config.split {
            return Ok(symbol);
        }
        let count = config.raw_bits(symbol);
        let raw = self.bits.read(count)?;
        Ok(config.integer(symbol, count, raw))
    }
}
