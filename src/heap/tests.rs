mod bounds;
mod model;
mod places;

use std::alloc::Layout;

use super::testing::{PatternedHeap, TestSource};
use super::{Heap, HeapSizes, Place};
use crate::memory::RED_ZONE_BYTES;

const BLOCK_BYTES: usize = 64 << 10;
const OWN_PIECE_BYTES: usize = 16 << 10;

fn sizes() -> HeapSizes {
    HeapSizes::new(4 << 10, BLOCK_BYTES, OWN_PIECE_BYTES)
}

fn heap() -> PatternedHeap {
    PatternedHeap::new(sizes(), TestSource::new())
}

fn layout(bytes: usize, align: usize) -> Layout {
    Layout::from_size_align(bytes, align).unwrap()
}
