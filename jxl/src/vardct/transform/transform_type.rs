use crate::grid::Size;

/// The transform of a varblock's coefficients into samples, with the numbers and names of ISO/IEC
/// 18181-1, table I.1. The name of a DCT gives rows, then columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransformType {
    Dct8x8,
    Hornuss,
    Dct2x2,
    Dct4x4,
    Dct16x16,
    Dct32x32,
    Dct16x8,
    Dct8x16,
    Dct32x8,
    Dct8x32,
    Dct32x16,
    Dct16x32,
    Dct4x8,
    Dct8x4,
    Afv0,
    Afv1,
    Afv2,
    Afv3,
    Dct64x64,
    Dct64x32,
    Dct32x64,
    Dct128x128,
    Dct128x64,
    Dct64x128,
    Dct256x256,
    Dct256x128,
    Dct128x256,
}

use TransformType as T;

/// log2 of the blocks across and down, and the coefficient order, by transform number.
const SHAPES: [(u8, u8, u8); TransformType::ALL.len()] = [
    (0, 0, 0),
    (0, 0, 1),
    (0, 0, 1),
    (0, 0, 1),
    (1, 1, 2),
    (2, 2, 3),
    (0, 1, 4),
    (1, 0, 4),
    (0, 2, 5),
    (2, 0, 5),
    (1, 2, 6),
    (2, 1, 6),
    (0, 0, 1),
    (0, 0, 1),
    (0, 0, 1),
    (0, 0, 1),
    (0, 0, 1),
    (0, 0, 1),
    (3, 3, 7),
    (2, 3, 8),
    (3, 2, 8),
    (4, 4, 9),
    (3, 4, 10),
    (4, 3, 10),
    (5, 5, 11),
    (4, 5, 12),
    (5, 4, 12),
];

impl TransformType {
    /// All types, by number.
    pub(crate) const ALL: [Self; 27] = [
        T::Dct8x8,
        T::Hornuss,
        T::Dct2x2,
        T::Dct4x4,
        T::Dct16x16,
        T::Dct32x32,
        T::Dct16x8,
        T::Dct8x16,
        T::Dct32x8,
        T::Dct8x32,
        T::Dct32x16,
        T::Dct16x32,
        T::Dct4x8,
        T::Dct8x4,
        T::Afv0,
        T::Afv1,
        T::Afv2,
        T::Afv3,
        T::Dct64x64,
        T::Dct64x32,
        T::Dct32x64,
        T::Dct128x128,
        T::Dct128x64,
        T::Dct64x128,
        T::Dct256x256,
        T::Dct256x128,
        T::Dct128x256,
    ];

    /// The transform of a number, or `None`.
    #[inline]
    pub(crate) fn from_number(number: usize) -> Option<Self> {
        Self::ALL.get(number).copied()
    }

    /// Blocks across and down.
    #[inline]
    pub(crate) fn blocks(self) -> Size {
        let (columns, rows, _) = SHAPES[self as usize];
        Size::new(1 << columns, 1 << rows)
    }

    /// Samples along the longer side.
    #[inline]
    pub(crate) fn long(self) -> usize {
        let (columns, rows, _) = SHAPES[self as usize];
        8 << columns.max(rows)
    }

    /// log2 of the number of blocks covered.
    #[inline]
    pub(crate) fn log_blocks(self) -> u32 {
        let (columns, rows, _) = SHAPES[self as usize];
        u32::from(columns + rows)
    }

    /// The number of the transform's coefficient order (ISO/IEC 18181-1, table I.1). A transform
    /// and its transpose share an order.
    #[inline]
    pub(crate) fn order(self) -> usize {
        SHAPES[self as usize].2.into()
    }

    /// True for a cosine transform of the whole varblock.
    #[inline]
    pub(crate) fn is_dct(self) -> bool {
        self.log_blocks() > 0 || self == T::Dct8x8
    }

    /// True for shapes wider than high, and for `Dct4x8`, whose halves are. All coefficients are
    /// laid out as wide as the longer side. Wide shapes have horizontal frequencies along the rows
    /// of this layout, others vertical ones.
    #[inline]
    pub(crate) fn is_wide(self) -> bool {
        let (columns, rows, _) = SHAPES[self as usize];
        columns > rows || self == T::Dct4x8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_shapes_are_those_of_the_names() {
        for (number, transform) in TransformType::ALL.into_iter().enumerate() {
            assert_eq!(transform as usize, number);
            assert_eq!(TransformType::from_number(number), Some(transform));
            let name = format!("{transform:?}");
            let side = |digits: &str| digits.parse().map_or(1, |side: usize| side.div_ceil(8));
            let (rows, columns) = name
                .strip_prefix("Dct")
                .and_then(|sides| sides.split_once('x'))
                .map_or((1, 1), |(rows, columns)| (side(rows), side(columns)));
            assert_eq!(transform.blocks(), Size::new(columns, rows), "{name}");
            assert_eq!(1 << transform.log_blocks(), columns * rows, "{name}");
        }
        assert_eq!(TransformType::from_number(27), None);
    }
}
