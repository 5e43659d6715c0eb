//! The tables by number: which transforms use them, and how large they are.

use frame_arena::SliceSpec;
use jxl_transforms::transform_map::HfTransformType;

use crate::grid::Size;

/// Number of tables; transforms of a shape and its transpose share one.
pub(in crate::vardct) const TABLES: usize = 17;

/// Blocks across and down that each table covers, in the standard's order of tables. Of a pair
/// of transposed shapes it names the higher one, while weights are laid out for the wider.
pub(super) const SHAPES: [Size; TABLES] = [
    Size::new(1, 1),
    Size::new(1, 1),
    Size::new(1, 1),
    Size::new(1, 1),
    Size::new(2, 2),
    Size::new(4, 4),
    Size::new(1, 2),
    Size::new(1, 4),
    Size::new(2, 4),
    Size::new(1, 1),
    Size::new(1, 1),
    Size::new(8, 8),
    Size::new(4, 8),
    Size::new(16, 16),
    Size::new(8, 16),
    Size::new(32, 32),
    Size::new(16, 32),
];

/// Which table a transform uses.
pub(super) fn table_of(transform: HfTransformType) -> usize {
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

pub(super) fn table_len(table: usize) -> usize {
    3 * 64 * SHAPES[table].area()
}

/// Memory for the factors of a table.
pub(in crate::vardct) fn factors_of(table: usize) -> SliceSpec<f32> {
    // Stale: all factors are set.
    SliceSpec::stale(table_len(table))
}

/// The samples of a table that is coded as channels.
pub(in crate::vardct) fn raw_size(table: usize) -> Size {
    let shape = SHAPES[table];
    Size::new(8 * shape.width, 8 * shape.height)
}

/// The tables of the transforms in `used`, a bit for each.
pub(in crate::vardct) fn used_tables(used: u32) -> u32 {
    let is_used = |&transform: &HfTransformType| used >> (transform as u32) & 1 == 1;
    let transforms = HfTransformType::VALUES.into_iter().filter(is_used);
    transforms.fold(0, |tables, transform| tables | 1 << table_of(transform))
}
