//! Contents computed from a tag and a place.

use frame_arena::Sample;

fn row_hash(tag: u32, plane: usize, y: usize) -> [u8; 4] {
    let place = (plane as u32).wrapping_mul(0x85eb_ca6b) ^ (y as u32).wrapping_mul(0xc2b2_ae35);
    let mixed = (tag ^ place).wrapping_mul(0x9e37_79b1);
    (mixed ^ mixed >> 15).to_ne_bytes()
}

fn byte(hash: [u8; 4], x: usize) -> u8 {
    hash[x % 4].wrapping_add(x as u8)
}

pub(crate) fn see(tag: u32, plane: usize, y: usize, row: &[u8]) {
    let hash = row_hash(tag, plane, y);
    let wrong = row.iter().enumerate().find(|&(x, &b)| b != byte(hash, x));
    assert_eq!(wrong, None, "byte of row {y} of plane {plane}, tag {tag}");
}

pub(crate) fn write(tag: u32, plane: usize, y: usize, row: &mut [u8]) {
    let hash = row_hash(tag, plane, y);
    for (x, b) in row.iter_mut().enumerate() {
        *b = byte(hash, x);
    }
}

/// The sample in column `x` of a row.
pub(crate) fn sample<T: Sample>(tag: u32, plane: usize, y: usize, x: usize) -> T {
    let hash = row_hash(tag, plane, y);
    let mut sample = T::zeroed();
    for (i, b) in bytemuck::bytes_of_mut(&mut sample).iter_mut().enumerate() {
        *b = byte(hash, x * size_of::<T>() + i);
    }
    sample
}
