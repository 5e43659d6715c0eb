mod defaults;
mod encoding;
mod standard;
#[cfg(test)]
mod tests;
mod weights;

use crate::bits::Bits;
use frame_arena::{Scope, SliceSpec, Spec};
use jxl_transforms::transform_map::HfTransformType;

use crate::Error;
use crate::memory::Memory;
use encoding::Source;

/// Number of tables; transforms of a shape and its transpose share one.
pub(super) const TABLES: usize = 17;

/// Blocks across and down that each table covers, in the standard's order of tables. Of a pair
/// of transposed shapes it names the higher one, while weights are laid out for the wider.
const SHAPES: [(usize, usize); TABLES] = [
    (1, 1),
    (1, 1),
    (1, 1),
    (1, 1),
    (2, 2),
    (4, 4),
    (1, 2),
    (1, 4),
    (2, 4),
    (1, 1),
    (1, 1),
    (8, 8),
    (4, 8),
    (16, 16),
    (8, 16),
    (32, 32),
    (16, 32),
];

/// Which table a transform uses.
fn table_of(transform: HfTransformType) -> usize {
    use HfTransformType as T;
    match transform {
        T::DCT => 0,
        T::IDENTITY => 1,
        T::DCT2X2 => 2,
        T::DCT4X4 => 3,
        T::DCT16X16 => 4,
        T::DCT32X32 => 5,
        T::DCT16X8 | T::DCT8X16 => 6,
        T::DCT32X8 | T::DCT8X32 => 7,
        T::DCT32X16 | T::DCT16X32 => 8,
        T::DCT4X8 | T::DCT8X4 => 9,
        T::AFV0 | T::AFV1 | T::AFV2 | T::AFV3 => 10,
        T::DCT64X64 => 11,
        T::DCT64X32 | T::DCT32X64 => 12,
        T::DCT128X128 => 13,
        T::DCT128X64 | T::DCT64X128 => 14,
        T::DCT256X256 => 15,
        T::DCT256X128 | T::DCT128X256 => 16,
    }
}

/// What coefficients are multiplied with, for the transforms that a frame uses.
pub(super) struct QuantTables<'f> {
    /// Factors of X, Y and B; empty where they are not used.
    factors: [&'f [f32]; TABLES],
    pub(super) own: OwnTables,
}

/// Tables that are not the standard's, a bit for each.
#[derive(Clone, Copy, Default)]
pub(super) struct OwnTables {
    /// Coded as parameters.
    pub(super) encoded: u32,
    /// Coded as they are.
    pub(super) raw: u32,
}

/// Decodes table number `.1`, coded as three channels of `.2` columns and `.3` rows, into one
/// slice, channel by channel.
pub(super) type ReadRaw<'r, 'f> =
    dyn FnMut(&mut Bits<'_>, usize, usize, usize) -> Result<&'f mut [f32], Error> + 'r;

impl<'f> QuantTables<'f> {
    /// Reads the encodings of all tables, and computes those in `used`, a bit for each. Raw tables
    /// are what `read_raw` returns. Tables that the frame encodes come from `scope`, large tables
    /// of the standard from `memory`.
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

    /// Factors of X, Y and B, laid out as the coefficients are; empty for transforms that the
    /// frame does not use.
    pub(super) fn get(&self, transform: HfTransformType) -> [&'f [f32]; 3] {
        let table = self.factors[table_of(transform)];
        let len = table.len() / 3;
        let (x, rest) = table.split_at(len);
        let (y, b) = rest.split_at(len);
        [x, y, b]
    }
}

fn table_len(table: usize) -> usize {
    let (columns, rows) = SHAPES[table];
    3 * 64 * columns * rows
}

/// Memory for the factors of a table.
pub(super) fn factors_of(table: usize) -> SliceSpec<f32> {
    // Stale: all factors are set.
    SliceSpec::stale(table_len(table))
}

/// The samples of a table that is coded as channels: across and down.
pub(super) fn raw_size(table: usize) -> (usize, usize) {
    let (columns, rows) = SHAPES[table];
    (8 * columns, 8 * rows)
}

/// The tables of the transforms in `used`, a bit for each.
pub(super) fn used_tables(used: u32) -> u32 {
    let is_used = |&transform: &HfTransformType| used >> (transform as u32) & 1 == 1;
    let transforms = HfTransformType::VALUES.into_iter().filter(is_used);
    transforms.fold(0, |tables, transform| tables | 1 << table_of(transform))
}
