//! Entropy-coded integers (ISO/IEC 18181-1, annex C): codes, and streams of integers in them.
//!
//! Most large streams use asymmetric numeral systems without LZ77, so these have a separate, faster
//! reader.

mod ans;
mod any;
mod bounds;
mod clusters;
mod histogram;
mod integer;
mod lz77;
mod permutation;
mod prefix;
mod reader;
#[cfg(test)]
mod tests;

use crate::Error;
use crate::bits::Bits;
use crate::memory::Memory;
pub(crate) use ans::AnsCode;
use ans::Tables;
use any::SymbolCodes;
pub(crate) use any::{OtherCode, OtherReader};
use bounds::{LOG_PREFIX_ALPHABET, MAX_CLUSTERS};
pub(crate) use clusters::read_clusters;
use integer::IntegerConfig;
use lz77::Lz77;
pub(crate) use permutation::{PERMUTATION_CONTEXTS, read_permutation, skip_permutation};
use prefix::PrefixCodes;
pub(crate) use reader::{AnsReader, LocalReader};

/// An entropy code read from a file: the clusters of its contexts, and a distribution for each
/// cluster.
#[derive(Clone, Copy)]
pub(crate) enum Code<'m> {
    Ans(AnsCode<'m>),
    Other(OtherCode<'m>),
}

/// Whether a code may copy integers (LZ77).
#[derive(Clone, Copy, PartialEq)]
enum Copying {
    Allowed,
    Refused,
}

impl<'m> Code<'m> {
    /// Reads the code of `contexts` contexts.
    ///
    /// # Errors
    /// Truncated and corrupt codes, memory.
    pub(crate) fn parse(
        bits: &mut Bits<'_>,
        contexts: usize,
        memory: Memory<'m>,
    ) -> Result<Self, Error> {
        Self::parse_with(bits, contexts, Copying::Allowed, memory)
    }

    fn parse_with(
        bits: &mut Bits<'_>,
        contexts: usize,
        copying: Copying,
        memory: Memory<'m>,
    ) -> Result<Self, Error> {
        let lz77 = Lz77::parse(bits)?;
        if lz77.is_some() && copying == Copying::Refused {
            return Err(Error::corrupt("context map that uses LZ77"));
        }
        let contexts = contexts + usize::from(lz77.is_some());
        let (count, clusters) = read_clusters(bits, contexts, memory)?;
        let has_prefixes = bits.read_bool()?;
        let log_alphabet = match has_prefixes {
            true => LOG_PREFIX_ALPHABET,
            false => bits.read(2)? + 5,
        };
        let configs = read_configs(bits, count, log_alphabet, memory)?;
        let symbols = match has_prefixes {
            true => SymbolCodes::Prefix(PrefixCodes::parse(bits, count, memory)?),
            false => SymbolCodes::Ans(Tables::parse(bits, count, log_alphabet, configs, memory)?),
        };
        Ok(match (symbols, lz77) {
            (SymbolCodes::Ans(tables), None) => Self::Ans(AnsCode::new(clusters, tables)),
            (symbols, lz77) => Self::Other(OtherCode {
                clusters,
                configs,
                symbols,
                lz77,
            }),
        })
    }

    /// The cluster of each context.
    pub(crate) fn clusters(&self) -> &'m [u8] {
        match self {
            Self::Ans(code) => code.clusters(),
            Self::Other(code) => code.clusters,
        }
    }

    /// The only integer of `cluster`, if `cluster` has only one, which takes no bits.
    pub(crate) fn constant(&self, cluster: u8) -> Option<u32> {
        match self {
            Self::Ans(code) => code.constant(cluster),
            Self::Other(code) => code.constant(cluster),
        }
    }
}

fn read_configs<'m>(
    bits: &mut Bits<'_>,
    count: usize,
    log_alphabet: u32,
    memory: Memory<'m>,
) -> Result<&'m [IntegerConfig; MAX_CLUSTERS], Error> {
    // Stale: no cluster has those behind the last one.
    let configs = memory.stale::<IntegerConfig>(MAX_CLUSTERS)?;
    for config in &mut configs[..count] {
        *config = IntegerConfig::parse(bits, log_alphabet)?;
    }
    (&*configs)
        .try_into()
        .map_err(|_| Error::corrupt("too many clusters"))
}

/// Reads the integers of one short stream, by their contexts.
pub(crate) struct Reader<'c, 'd> {
    clusters: &'c [u8],
    symbols: Symbols<'c, 'd>,
}

/// Reads the integers of a stream, by their clusters. Hot loops match on it once, outside.
pub(crate) enum Symbols<'c, 'd> {
    Ans(AnsReader<'c, 'd>),
    Other(OtherReader<'c, 'd>),
}

impl<'c, 'd> Symbols<'c, 'd> {
    /// Starts a stream at `bits`, for a code whose copies do not depend on the width of an image.
    ///
    /// # Errors
    /// Truncated streams, memory.
    pub(crate) fn begin(
        code: &'c Code<'c>,
        bits: &Bits<'d>,
        memory: Memory<'c>,
    ) -> Result<Self, Error> {
        Ok(match code {
            Code::Ans(code) => Self::Ans(AnsReader::begin(code, bits)?),
            Code::Other(code) => Self::Other(OtherReader::begin(code, bits, (0, 0), memory)?),
        })
    }

    /// Moves `bits`, which the stream was begun with, behind the stream.
    ///
    /// # Errors
    /// Streams that end in another state than they must.
    pub(crate) fn finish(self, bits: &mut Bits<'d>) -> Result<(), Error> {
        match self {
            Self::Ans(reader) => reader.finish(bits),
            Self::Other(reader) => reader.finish(bits),
        }
    }
}

impl<'c, 'd> Reader<'c, 'd> {
    /// Starts a stream at `bits`.
    ///
    /// # Errors
    /// Truncated streams, memory.
    pub(crate) fn begin(
        code: &'c Code<'c>,
        bits: &Bits<'d>,
        memory: Memory<'c>,
    ) -> Result<Self, Error> {
        Ok(Self {
            clusters: code.clusters(),
            symbols: Symbols::begin(code, bits, memory)?,
        })
    }

    /// Reads the next integer, in `context`.
    ///
    /// # Errors
    /// Truncated and corrupt streams, memory.
    ///
    /// # Panics
    /// If the code has no such context.
    pub(crate) fn read(&mut self, context: usize) -> Result<u32, Error> {
        let cluster = self.clusters[context];
        match &mut self.symbols {
            Symbols::Ans(reader) => Ok(reader.read(cluster)?),
            Symbols::Other(reader) => reader.read(cluster),
        }
    }

    /// Moves `bits`, which the stream was begun with, behind the stream.
    ///
    /// # Errors
    /// Streams that end in another state than they must.
    pub(crate) fn finish(self, bits: &mut Bits<'d>) -> Result<(), Error> {
        self.symbols.finish(bits)
    }
}
