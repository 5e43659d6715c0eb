mod defaults;
mod encoding;
mod standard;
mod tables;
#[cfg(test)]
mod tests;
mod weights;

use crate::bits::Bits;
use frame_arena::{Scope, Spec};

use super::transform::TransformType;
use crate::Error;
use crate::memory::Memory;
use encoding::{ReadRaw, Source};
use tables::{SHAPES, table_of};
pub(super) use tables::{TABLES, factors_of, raw_size, used_tables};

/// Dequantization tables of the transforms that a frame uses.
pub(super) struct QuantTables<'f> {
    /// Factors of X, Y and B; empty for unused tables.
    factors: [&'f [f32]; TABLES],
    pub(super) own: OwnTables,
}

/// Tables that the frame codes itself, one bit each.
#[derive(Clone, Copy, Default)]
pub(super) struct OwnTables {
    /// Tables coded as parameters.
    pub(super) encoded: u32,
    /// Tables coded sample by sample.
    pub(super) raw: u32,
}

impl<'f> QuantTables<'f> {
    /// No tables.
    pub(super) const NONE: Self = Self {
        factors: [&[]; TABLES],
        own: OwnTables { encoded: 0, raw: 0 },
    };

    /// Reads the encodings of all tables and computes the tables in `used`, one bit each.
    /// `read_raw` decodes raw tables. Tables that the frame codes itself come from `scope`. Large
    /// standard tables come from `memory`.
    ///
    /// # Errors
    /// Truncated and corrupt encodings, weights that are not positive or too large, memory.
    pub(super) fn parse(
        bits: &mut Bits<'_>,
        used: u32,
        read_raw: &mut ReadRaw<'_, 'f>,
        (scope, memory): (&'f Scope, Memory<'f>),
    ) -> Result<Self, Error> {
        let mut tables = Self {
            factors: [&[]; TABLES],
            own: OwnTables::default(),
        };
        let is_standard = bits.read_bool()?;
        for (table, factors) in tables.factors.iter_mut().enumerate() {
            let source = match is_standard {
                true => Source::Standard,
                false => Source::parse(bits, table, SHAPES[table], read_raw)?,
            };
            let is_used = used >> table & 1 == 1;
            match source {
                Source::Raw(raw) => {
                    tables.own.raw |= 1 << table;
                    *factors = raw;
                }
                Source::Encoded(encoding) => {
                    tables.own.encoded |= 1 << table;
                    if is_used {
                        let weights = factors_of(table).open(scope)?;
                        weights::fill(&encoding, SHAPES[table], weights)?;
                        *factors = weights;
                    }
                }
                Source::Standard if is_used => *factors = standard::table(table, memory)?,
                Source::Standard => {}
            }
        }
        Ok(tables)
    }

    /// Factors of X, Y and B in coefficient layout. Empty for transforms that the frame does not
    /// use.
    pub(super) fn get(&self, transform: TransformType) -> [&'f [f32]; 3] {
        let table = self.factors[table_of(transform)];
        let len = table.len() / 3;
        let (x, rest) = table.split_at(len);
        let (y, b) = rest.split_at(len);
        [x, y, b]
    }
}
