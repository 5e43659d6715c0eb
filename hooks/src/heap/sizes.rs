//! Size classes of small allocations, and the slabs that they lie in.

/// Classes: multiples of 16 up to 128, then four for each doubling up to [`MOST_SMALL_BYTES`].
pub(super) const CLASSES: usize = FINE_CLASSES + 8 * STEPS;

/// Larger allocations are raw buffers of their own.
pub(super) const MOST_SMALL_BYTES: usize = 32 << 10;

/// Bytes of the header before each allocation.
pub(super) const HEADER_BYTES: usize = 16;

/// Bytes of the header of a slab.
pub(super) const SLAB_HEADER_BYTES: usize = 64;

const FINE_BYTES: usize = 16;
const FINE_CLASSES: usize = 8;
const MOST_FINE_BYTES: usize = FINE_BYTES * FINE_CLASSES;
const STEPS: usize = 4;

/// Least bytes of a slab, and blocks that it has at least.
const LEAST_SLAB_BYTES: usize = 16 << 10;
const LEAST_BLOCKS: usize = 8;

const PAGE_BYTES: usize = 4096;

/// Bytes that a raw buffer takes in addition to its own, so that a slab fills whole pages.
const BUFFER_OVERHEAD_BYTES: usize = 512;

/// Returns the class of allocations of `bytes`, or `None` if they are large.
#[inline]
pub(super) fn class_of(bytes: usize) -> Option<usize> {
    if bytes <= MOST_FINE_BYTES {
        return Some(bytes.max(1).div_ceil(FINE_BYTES) - 1);
    }
    if bytes > MOST_SMALL_BYTES {
        return None;
    }
    let below = bytes - 1;
    let doubling = (below.ilog2() - MOST_FINE_BYTES.ilog2()) as usize;
    let step = (below >> (below.ilog2() - STEPS.ilog2())) - STEPS;
    Some(FINE_CLASSES + doubling * STEPS + step)
}

/// Returns the bytes of an allocation of a class.
#[inline]
pub(super) fn class_bytes(class: usize) -> usize {
    if class < FINE_CLASSES {
        return (class + 1) * FINE_BYTES;
    }
    let (doubling, step) = (
        (class - FINE_CLASSES) / STEPS,
        (class - FINE_CLASSES) % STEPS,
    );
    ((MOST_FINE_BYTES / STEPS) << doubling) * (STEPS + step + 1)
}

/// Returns the bytes from block to block in a slab of a class.
#[inline]
pub(super) fn block_bytes(class: usize) -> usize {
    HEADER_BYTES + class_bytes(class)
}

/// Returns the bytes of a slab of a class.
pub(super) fn slab_bytes(class: usize) -> usize {
    let blocks = LEAST_BLOCKS * block_bytes(class) + SLAB_HEADER_BYTES;
    let least = (blocks + BUFFER_OVERHEAD_BYTES).max(LEAST_SLAB_BYTES);
    least.next_multiple_of(PAGE_BYTES) - BUFFER_OVERHEAD_BYTES
}

/// Returns the blocks of a slab of a class.
pub(super) fn blocks_in_slab(class: usize) -> usize {
    (slab_bytes(class) - SLAB_HEADER_BYTES) / block_bytes(class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_the_smallest_that_fits() {
        let mut last = 0;
        for bytes in 0..=MOST_SMALL_BYTES {
            let class = class_of(bytes).unwrap();
            assert!(class < CLASSES && (last..=last + 1).contains(&class));
            last = class;
            assert!(class_bytes(class) >= bytes && class_bytes(class).is_multiple_of(16));
            assert!(class == 0 || class_bytes(class - 1) < bytes);
        }
        assert_eq!(last, CLASSES - 1);
        assert_eq!(class_of(MOST_SMALL_BYTES + 1), None);
        assert_eq!(class_of(usize::MAX), None);
    }

    #[test]
    fn slabs_waste_little() {
        for class in 0..CLASSES {
            let (blocks, bytes) = (blocks_in_slab(class), slab_bytes(class));
            assert!(blocks >= LEAST_BLOCKS);
            let used = SLAB_HEADER_BYTES + blocks * block_bytes(class);
            assert!(used <= bytes && bytes - used < bytes / 8, "{class}");
            assert_eq!((bytes + BUFFER_OVERHEAD_BYTES) % PAGE_BYTES, 0);
        }
    }
}
