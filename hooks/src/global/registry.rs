//! Which allocations are those of arenas, by their addresses.
//!
//! An address has a bit for each *granule* of 16 KiB. The bit is set while an arena's allocation
//! starts in the granule. No other allocation that is asked about can start there: each has a
//! granule's size at least, and two allocations that do not overlap cannot both start in the same
//! granule.
//!
//! Bits lie in *leaves*, each of the bits of 4 GiB of addresses. Leaves are made when they are
//! first needed, and stay for the rest of the process.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

/// Bytes of a granule, and the least bytes of an allocation that is asked about.
pub(super) const GRANULE_BYTES: usize = 16 << 10;

/// Bits of the addresses of one leaf.
const LEAF_BITS: u32 = 32;

/// Bits of all addresses that have leaves: what the processes of today's 64-bit systems use.
const ADDRESS_BITS: u32 = 48;

const WORDS: usize = ((1u64 << LEAF_BITS) / GRANULE_BYTES as u64 / 64) as usize;

/// The bits of a leaf.
struct Leaf([AtomicU64; WORDS]);

/// Invariant: each pointer is null, or that of a leaf that is never freed. It changes once.
static LEAVES: [AtomicPtr<Leaf>; 1 << (ADDRESS_BITS - LEAF_BITS)] =
    [const { AtomicPtr::new(ptr::null_mut()) }; 1 << (ADDRESS_BITS - LEAF_BITS)];

/// A bit: its word, and its place there.
type Bit = (&'static AtomicU64, u64);

/// Notes that an arena's allocation starts at `address`. Returns whether that could be noted.
pub(super) fn insert(address: usize) -> bool {
    let Some((word, bit)) = find(address, true) else {
        return false;
    };
    // Whoever asks has the allocation from whoever noted it, so the order is theirs.
    word.fetch_or(bit, Ordering::Relaxed);
    true
}

/// Returns whether the allocation that starts at `address`, and has a granule's size at least, is
/// one of an arena.
#[inline]
pub(super) fn contains(address: usize) -> bool {
    find(address, false).is_some_and(|(word, bit)| word.load(Ordering::Relaxed) & bit != 0)
}

/// Forgets an allocation of an arena.
pub(super) fn remove(address: usize) {
    if let Some((word, bit)) = find(address, false) {
        word.fetch_and(!bit, Ordering::Relaxed);
    }
}

#[inline]
fn find(address: usize, makes_leaf: bool) -> Option<Bit> {
    let address = address as u64;
    let place = LEAVES.get(usize::try_from(address >> LEAF_BITS).ok()?)?;
    let leaf = place.load(Ordering::Acquire);
    // SAFETY: by the invariant of `LEAVES`, the leaf stays.
    let leaf = match unsafe { leaf.as_ref() } {
        Some(leaf) => leaf,
        None if makes_leaf => make_leaf(place)?,
        None => return None,
    };
    let granule = (address % (1 << LEAF_BITS)) as usize / GRANULE_BYTES;
    Some((&leaf.0[granule / 64], 1 << (granule % 64)))
}

#[cold]
fn make_leaf(place: &'static AtomicPtr<Leaf>) -> Option<&'static Leaf> {
    let layout = Layout::new::<Leaf>();
    // SAFETY: the layout has a size.
    let new = unsafe { System.alloc_zeroed(layout) }.cast::<Leaf>();
    if new.is_null() {
        return None;
    }
    let order = (Ordering::AcqRel, Ordering::Acquire);
    let leaf = match place.compare_exchange(ptr::null_mut(), new, order.0, order.1) {
        Ok(_) => new,
        Err(other) => {
            // SAFETY: the memory is of this layout, and nobody else knows it.
            unsafe { System.dealloc(new.cast(), layout) };
            other
        }
    };
    // SAFETY: the leaf is one of `LEAVES`, all zeros at first, which are valid.
    Some(unsafe { &*leaf })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_granule_has_a_bit_of_its_own() {
        let addresses = [
            0x7000_0000_0040,
            0x7000_0000_4040,
            0x7000_0010_0000,
            0x7fff_ffff_c000,
            0xffff_ffff_c000,
            0x1_0000_0000,
        ];
        for (index, &address) in addresses.iter().enumerate() {
            assert!(!contains(address));
            assert!(insert(address));
            for (other, &address) in addresses.iter().enumerate() {
                assert_eq!(contains(address), other <= index);
            }
        }
        for &address in &addresses {
            remove(address);
            assert!(!contains(address));
        }
        assert!(!insert(1 << 48) && !contains(1 << 48));
        remove(usize::MAX);
    }
}
