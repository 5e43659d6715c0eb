//! Entropy-coded integers where there are many of them: coefficients and Modular samples.
//!
//! Codes with asymmetric numeral systems and without LZ77, which is what nearly all of them are, are read here; the others by
//! `jxl-coding`.

mod ans;
mod histogram;
mod integer;
mod reader;

use jxl_bitstream::Bitstream;
use jxl_coding::Decoder;

use crate::Error;
pub(crate) use ans::AnsCode;
pub(crate) use reader::{AnsReader, LocalReader};

/// A code as it is written in the file: the clusters of its contexts, and a distribution for each.
pub(crate) enum Code {
    Ans(AnsCode),
    /// Prefix codes, or with LZ77. To be cloned for each stream.
    Other(Decoder),
}

impl Code {
    /// Reads the code of `contexts` contexts.
    ///
    /// # Errors
    /// Truncated and corrupt codes.
    pub(crate) fn parse(bits: &mut Bitstream<'_>, contexts: u32) -> Result<Self, Error> {
        let start = bits.clone();
        if let Some(code) = AnsCode::parse(bits, contexts)? {
            return Ok(Self::Ans(code));
        }
        *bits = start;
        Ok(Self::Other(Decoder::parse(bits, contexts)?))
    }

    /// Bytes of its tables on the heap; of codes that are read elsewhere, their map of contexts.
    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::Ans(code) => code.heap_bytes(),
            Self::Other(decoder) => decoder.cluster_map().len(),
        }
    }

    /// The cluster of each context.
    pub(crate) fn clusters(&self) -> &[u8] {
        match self {
            Self::Ans(code) => code.clusters(),
            Self::Other(decoder) => decoder.cluster_map(),
        }
    }
}
