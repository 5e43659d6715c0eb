//! Table numbers: the transforms that use each table, and the table's size.

use frame_arena::SliceSpec;

use crate::grid::Size;
use crate::vardct::transform::TransformType;

/// Number of tables. A transform and its transpose share a table.
pub(in crate::vardct) const TABLES: usize = 17;

/// Blocks across and down of each table, in the standard's order. For two transposed shapes this is
/// the higher one, although the weights are laid out for the wider one.
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

/// The number of the table that a transform uses.
pub(super) fn table_of(transform: TransformType) -> usize {
    use TransformType as T;
    match transform {
        T::Dct8x8 => 0,
        T::Hornuss => 1,
        T::Dct2x2 => 2,
        T::Dct4x4 => 3,
        T::Dct16x16 => 4,
        T::Dct32x32 => 5,
        T::Dct16x8 | T::Dct8x16 => 6,
        T::Dct32x8 | T::Dct8x32 => 7,
        T::Dct32x16 | T::Dct16x32 => 8,
        T::Dct4x8 | T::Dct8x4 => 9,
        T::Afv0 | T::Afv1 | T::Afv2 | T::Afv3 => 10,
        T::Dct64x64 => 11,
        T::Dct64x32 | T::Dct32x64 => 12,
        T::Dct128x128 => 13,
        T::Dct128x64 | T::Dct64x128 => 14,
        T::Dct256x256 => 15,
        T::Dct256x128 | T::Dct128x256 => 16,
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

/// The tables of the transforms in `used`, one bit each.
pub(in crate::vardct) fn used_tables(used: u32) -> u32 {
    let is_used = |&transform: &TransformType| used >> (transform as u32) & 1 == 1;
    let transforms = TransformType::ALL.into_iter().filter(is_used);
    transforms.fold(0, |tables, transform| tables | 1 << table_of(transform))
}
