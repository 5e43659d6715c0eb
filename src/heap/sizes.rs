//! Arithmetic of sizes: the class of an allocation, its place, the size of a piece. This module has
//! no `unsafe`.

use std::alloc::Layout;

use crate::layout::ROW_ALIGN_BYTES;
use crate::memory::RED_ZONE_BYTES;

/// Unit of small allocations, in bytes: starts and sizes of chunks are multiples of it, and the
/// links of a free chunk fit in one.
pub(super) const UNIT_BYTES: usize = 16;

/// Number of size classes: four per doubling, from [`UNIT_BYTES`] to [`LARGEST_CLASS_BYTES`].
pub(super) const CLASSES: usize = 40;

/// Bytes of the largest class.
pub(super) const LARGEST_CLASS_BYTES: usize = 32 << 10;

/// Bytes at the end of each small piece that are never granted, so that chunks of different pieces
/// never adjoin.
pub(super) const GAP_BYTES: usize = UNIT_BYTES;

/// Size class of a small allocation: its size, rounded up by less than a quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) index: usize,
    /// Bytes of a chunk of this class.
    pub(super) bytes: usize,
}

impl Class {
    /// The smallest class of at least `bytes`, which are 1 to [`LARGEST_CLASS_BYTES`].
    #[inline]
    pub(super) fn of(bytes: usize) -> Self {
        debug_assert!((1..=LARGEST_CLASS_BYTES).contains(&bytes));
        let (shift, step) = Self::shift_and_step((bytes - 1) / UNIT_BYTES);
        Self {
            index: 4 * shift + step,
            bytes: ((step + 1) << shift) * UNIT_BYTES,
        }
    }

    /// The class of this index.
    pub(super) fn at(index: usize) -> Self {
        let shift = (index / 4).saturating_sub(1);
        let step = index - 4 * shift;
        Self {
            index,
            bytes: ((step + 1) << shift) * UNIT_BYTES,
        }
    }

    /// Index of the largest class of at most `bytes`, which are at least [`UNIT_BYTES`].
    #[inline]
    pub(super) fn index_within(bytes: usize) -> usize {
        debug_assert!(bytes >= UNIT_BYTES);
        // The class of one unit more is the next one.
        let (shift, step) = Self::shift_and_step(bytes / UNIT_BYTES);
        (4 * shift + step - 1).min(CLASSES - 1)
    }

    /// Splits the number of units, less one, into a power of two and a multiple of it: 0 to 7 for
    /// the first power, 4 to 7 for the others.
    #[inline]
    fn shift_and_step(units_less_one: usize) -> (usize, usize) {
        let shift = ((units_less_one | 4).ilog2() - 2) as usize;
        (shift, units_less_one >> shift)
    }
}

/// The place of a layout's memory. It depends only on the layout, so `dealloc` can find it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Nowhere: the layout has no bytes.
    Nowhere,
    /// In a chunk of a small piece.
    Small(Class),
    /// In a piece of its own.
    Own,
}

/// Sizes of a heap's pieces.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeapSizes {
    first_piece_bytes: usize,
    block_bytes: usize,
    own_piece_bytes: usize,
}

impl HeapSizes {
    /// Sizes of a heap: the first small piece has `first_piece_bytes`, the largest `block_bytes`.
    /// Allocations of more than `own_piece_bytes` have a piece of their own.
    ///
    /// `own_piece_bytes` is rounded down to a class, and is at most half of `block_bytes`.
    pub(crate) fn new(
        first_piece_bytes: usize,
        block_bytes: usize,
        own_piece_bytes: usize,
    ) -> Self {
        let most = own_piece_bytes.min(block_bytes / 2);
        let most = most.clamp(UNIT_BYTES, LARGEST_CLASS_BYTES);
        Self {
            first_piece_bytes: first_piece_bytes.min(block_bytes),
            block_bytes,
            own_piece_bytes: Class::at(Class::index_within(most)).bytes,
        }
    }

    /// Bytes of the largest small piece.
    pub(super) const fn block_bytes(&self) -> usize {
        self.block_bytes
    }

    /// Bytes of the largest allocation that has no piece of its own.
    pub(super) fn own_piece_bytes(&self) -> usize {
        self.own_piece_bytes
    }

    /// The place of memory of `layout`.
    #[inline]
    pub(super) fn place(&self, layout: Layout) -> Place {
        if layout.size() == 0 {
            return Place::Nowhere;
        }
        // No overflow: a layout's size and alignment are at most half of the address space each.
        let padding = match layout.align() <= UNIT_BYTES {
            true => 0,
            false => layout.align(),
        };
        let bytes = layout.size() + RED_ZONE_BYTES;
        match bytes + padding <= self.own_piece_bytes {
            true => Place::Small(Class::of(bytes)),
            false => Place::Own,
        }
    }

    /// Least bytes of a new small piece that serves a chunk of `class` at `align`.
    pub(super) fn least_small_bytes(class: Class, align: usize) -> usize {
        class.bytes + most_padding(align) + GAP_BYTES
    }

    /// Bytes to request for the next small piece if small pieces hold `held_bytes`: these double,
    /// from the size of the first piece to that of a block.
    pub(super) fn wanted_small_bytes(&self, held_bytes: usize) -> usize {
        held_bytes.clamp(self.first_piece_bytes, self.block_bytes)
    }

    /// Least bytes of a piece for memory of `layout` alone. A chunk for a smaller layout fits there
    /// too.
    pub(super) fn least_own_bytes(&self, layout: Layout) -> usize {
        let bytes = layout.size() + RED_ZONE_BYTES;
        let bytes = match bytes <= self.own_piece_bytes {
            true => Class::of(bytes).bytes,
            false => bytes,
        };
        bytes
            .saturating_add(most_padding(layout.align()))
            .saturating_add(GAP_BYTES)
    }
}

/// Most bytes between the start of a piece and the first address that is aligned to `align`.
fn most_padding(align: usize) -> usize {
    align.saturating_sub(ROW_ALIGN_BYTES)
}

/// Bytes from `address` to the next multiple of `align`, a power of two.
#[inline]
pub(super) fn padding(address: usize, align: usize) -> usize {
    address.wrapping_neg() & (align - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_the_smallest_that_holds_its_sizes() {
        let mut last = Class::at(0);
        for bytes in 1..=LARGEST_CLASS_BYTES {
            let class = Class::of(bytes);
            assert!(class.bytes >= bytes && class.bytes.is_multiple_of(UNIT_BYTES));
            assert_eq!(class, Class::at(class.index));
            if class != last {
                assert_eq!((class.index, last.bytes), (last.index + 1, bytes - 1));
            }
            let rounding = class.bytes - bytes;
            assert!(rounding < UNIT_BYTES || rounding * 4 < bytes, "{bytes}");
            last = class;
        }
        assert_eq!((last.index, last.bytes), (CLASSES - 1, LARGEST_CLASS_BYTES));
    }

    #[test]
    fn a_chunk_is_listed_in_the_largest_class_within_it() {
        for units in 1..=2 * LARGEST_CLASS_BYTES / UNIT_BYTES {
            let bytes = units * UNIT_BYTES;
            let index = Class::index_within(bytes);
            assert!(Class::at(index).bytes <= bytes);
            assert!(index == CLASSES - 1 || Class::at(index + 1).bytes > bytes);
        }
        assert_eq!(
            Class::index_within(usize::MAX / UNIT_BYTES * UNIT_BYTES),
            CLASSES - 1
        );
    }

    #[test]
    fn powers_of_two_are_classes() {
        for shift in 4..=15 {
            assert_eq!(Class::of(1 << shift).bytes, 1 << shift);
        }
    }

    #[test]
    fn a_layout_tells_its_place() {
        let sizes = HeapSizes::new(4 << 10, 64 << 10, 17_000);
        assert_eq!(sizes.own_piece_bytes(), 16 << 10);
        let place = |bytes, align| sizes.place(Layout::from_size_align(bytes, align).unwrap());
        assert_eq!(place(0, 1 << 20), Place::Nowhere);
        assert_eq!(
            place(100, 16),
            Place::Small(Class::of(100 + RED_ZONE_BYTES))
        );
        let most = (16 << 10) - RED_ZONE_BYTES;
        assert_eq!(place(most, 1), Place::Small(Class::of(16 << 10)));
        assert_eq!(place(most + 1, 1), Place::Own);
        assert_eq!(
            place(most - 64, 64),
            Place::Small(Class::of((16 << 10) - 64))
        );
        assert_eq!(place(most, 32), Place::Own);
        assert_eq!(place(1, 1 << 20), Place::Own);
        assert_eq!(place(isize::MAX as usize, 1), Place::Own);
    }

    #[test]
    fn sizes_out_of_proportion_are_corrected() {
        let sizes = HeapSizes::new(1 << 20, 64 << 10, 1 << 20);
        assert_eq!(sizes.own_piece_bytes(), 32 << 10);
        assert_eq!(sizes.wanted_small_bytes(0), 64 << 10);
        assert_eq!(HeapSizes::new(0, 0, 0).own_piece_bytes(), UNIT_BYTES);
    }

    #[test]
    fn small_pieces_double_up_to_a_block() {
        let sizes = HeapSizes::new(4 << 10, 64 << 10, 16 << 10);
        let mut held_bytes = 0;
        let wanted = [4, 4, 8, 16, 32, 64, 64].map(|kib: usize| kib << 10);
        for bytes in wanted {
            assert_eq!(sizes.wanted_small_bytes(held_bytes), bytes);
            held_bytes += bytes;
        }
    }

    #[test]
    fn padding_reaches_the_next_multiple() {
        assert_eq!(padding(64, 64), 0);
        assert_eq!(padding(65, 64), 63);
        assert_eq!(padding(16, 4096), 4080);
    }
}
