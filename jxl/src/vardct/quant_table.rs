mod defaults;
mod encoding;
mod weights;

use std::sync::OnceLock;

use frame_arena::{AllocError, PlanRequest, PlaneAlloc, Scope, ScopePlan};
use jxl_bitstream::Bitstream;
use jxl_transforms::transform_map::HfTransformType;

use crate::Error;
use crate::modular::{describe_stream, describe_transforms};
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

/// Where the tables of a frame come from.
pub(super) struct TableSources<'f>([Source<'f>; TABLES]);

/// Decodes table number `.1`, coded as three channels of `.2` columns and `.3` rows, into one
/// slice, channel by channel.
pub(super) type ReadRaw<'r, 'f> =
    dyn FnMut(&mut Bitstream<'_>, usize, usize, usize) -> Result<&'f mut [f32], Error> + 'r;

impl<'f> TableSources<'f> {
    /// # Errors
    /// Truncated and corrupt encodings, memory.
    pub(super) fn parse(
        bits: &mut Bitstream<'_>,
        read_raw: &mut ReadRaw<'_, 'f>,
    ) -> Result<Self, Error> {
        let mut sources = [const { Source::Standard }; TABLES];
        if !bits.read_bool()? {
            for (table, source) in sources.iter_mut().enumerate() {
                *source = Source::parse(bits, table, SHAPES[table], read_raw)?;
            }
        }
        Ok(Self(sources))
    }

    /// The requests of these tables, should the frame use all transforms in `fitting`, a bit for each.
    pub(super) fn describe(
        &self,
        fitting: u32,
        scope: &mut ScopePlan<'_>,
    ) -> Result<(), AllocError> {
        let fitting = used_tables(fitting);
        for (table, source) in self.0.iter().enumerate() {
            match source {
                _ if fitting >> table & 1 == 0 => {}
                Source::Standard => {}
                Source::Raw(_) => describe_raw(table, scope)?,
                Source::Encoded(_) => scope.slice::<f32>(table_len(table))?,
            }
        }
        Ok(())
    }
}

/// What coefficients are multiplied with, for the transforms that a frame uses.
#[derive(Clone, Copy)]
pub(super) struct QuantTables<'f>([Option<&'f [f32]>; TABLES]);

impl<'f> QuantTables<'f> {
    /// Tables of the transforms in `used`, a bit for each.
    ///
    /// # Errors
    /// Encodings whose weights are not positive or too large, memory.
    pub(super) fn new(
        sources: &TableSources<'f>,
        used: u32,
        scope: &'f Scope,
    ) -> Result<Self, Error> {
        let mut tables = [None; TABLES];
        for transform in HfTransformType::VALUES {
            if used >> (transform as u32) & 1 == 0 {
                continue;
            }
            let table = table_of(transform);
            if tables[table].is_none() {
                tables[table] = Some(match &sources.0[table] {
                    Source::Standard => standard_table(table)?,
                    Source::Raw(factors) => factors,
                    Source::Encoded(encoding) => {
                        // Stale: all factors are computed.
                        let weights = scope.stale_slice(table_len(table))?;
                        weights::fill(encoding, SHAPES[table], weights)?;
                        &*weights
                    }
                });
            }
        }
        Ok(Self(tables))
    }

    /// Factors of X, Y and B, laid out as the coefficients are; empty for transforms that the
    /// frame does not use.
    pub(super) fn get(&self, transform: HfTransformType) -> [&'f [f32]; 3] {
        let table = self.0[table_of(transform)].unwrap_or(&[]);
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

/// The tables of the transforms in `used`, a bit for each.
pub(super) fn used_tables(used: u32) -> u32 {
    let is_used = |&transform: &HfTransformType| used >> (transform as u32) & 1 == 1;
    let transforms = HfTransformType::VALUES.into_iter().filter(is_used);
    transforms.fold(0, |tables, transform| tables | 1 << table_of(transform))
}

/// The requests of a frame that uses the transforms in `fitting`, a bit for each, and whose tables are its own, coded in the
/// largest way: as channels.
pub(super) fn describe(fitting: u32, scope: &mut ScopePlan<'_>) -> Result<(), AllocError> {
    let tables = used_tables(fitting);
    let is_used = |&table: &usize| tables >> table & 1 == 1;
    let mut tables = (0..TABLES).filter(is_used);
    tables.try_for_each(|table| describe_raw(table, scope))
}

fn describe_raw(table: usize, scope: &mut ScopePlan<'_>) -> Result<(), AllocError> {
    let (columns, rows) = SHAPES[table];
    scope.slice::<f32>(table_len(table))?;
    scope.tasks(1, |task| {
        let size = (8 * columns, 8 * rows);
        task.planes::<i32>(3, size.0, size.1)?;
        describe_stream(task, size.0, 3)?;
        describe_transforms(task, size, 3)
    })
}

/// The standard's table; computed when a frame first uses it.
fn standard_table(table: usize) -> Result<&'static [f32], Error> {
    static STANDARD: [OnceLock<Box<[f32]>>; TABLES] = [const { OnceLock::new() }; TABLES];
    if let Some(weights) = STANDARD[table].get() {
        return Ok(weights);
    }
    let mut weights = vec![0.0; table_len(table)];
    weights::fill(&defaults::encoding(table), SHAPES[table], &mut weights)?;
    Ok(STANDARD[table].get_or_init(|| weights.into_boxed_slice()))
}

#[cfg(test)]
mod tests {
    use jxl_oxide_common::Bundle;
    use jxl_threadpool::JxlThreadPool;
    use jxl_vardct::{DequantMatrixSet, DequantMatrixSetParams, TransformType};

    use super::*;

    /// The first transform of each table, by the peer's names.
    const PEER: [TransformType; TABLES] = [
        TransformType::Dct8,
        TransformType::Hornuss,
        TransformType::Dct2,
        TransformType::Dct4,
        TransformType::Dct16,
        TransformType::Dct32,
        TransformType::Dct8x16,
        TransformType::Dct8x32,
        TransformType::Dct16x32,
        TransformType::Dct4x8,
        TransformType::Afv0,
        TransformType::Dct64,
        TransformType::Dct32x64,
        TransformType::Dct128,
        TransformType::Dct64x128,
        TransformType::Dct256,
        TransformType::Dct128x256,
    ];

    #[test]
    fn standard_tables_are_those_of_jxl_vardct() {
        let pool = JxlThreadPool::none();
        let params = DequantMatrixSetParams::new(8, 1, None, None, &pool);
        let peer = DequantMatrixSet::parse(&mut Bitstream::new(&[1]), params).unwrap();
        for (table, transform) in PEER.into_iter().enumerate() {
            let own = standard_table(table).unwrap();
            let len = own.len() / 3;
            for (channel, own) in own.chunks_exact(len).enumerate() {
                let peer = peer.get(channel, transform);
                assert_eq!(own.len(), peer.len());
                for (position, (own, peer)) in own.iter().zip(peer).enumerate() {
                    let apart = (own - peer).abs() / peer;
                    assert!(
                        apart < 1e-4,
                        "table {table} {channel} {position}: {own} {peer}"
                    );
                }
            }
        }
    }
}
