//! Sparse buffers, of which little is touched.

use std::fs;

use frame_arena::{Arena, RawLayout};

use super::count::Costs;

const BYTES: usize = 16 << 20;
const PAGE_BYTES: usize = 4096;

/// Faults of a buffer of which a byte of each page is written.
fn faults(layout: RawLayout) -> u64 {
    let arena = Arena::new();
    let before = Costs::now();
    let mut buffer = arena.stale_raw_buffer(layout).unwrap();
    for page in buffer.as_mut_slice().chunks_mut(PAGE_BYTES) {
        page[0] = 1;
    }
    Costs::now().since(before).minor_faults
}

/// Each page of a sparse buffer becomes resident by itself, where the system makes huge pages only
/// on request.
pub(crate) fn a_sparse_buffer_has_small_pages() {
    let setting = fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled");
    if !setting.is_ok_and(|setting| setting.contains("[madvise]")) {
        eprintln!("skipped: the system makes no huge pages on request");
        return;
    }
    let layout = RawLayout::new(BYTES);
    let (sparse, dense) = (faults(layout.sparse()), faults(layout));
    eprintln!("{sparse} faults of a sparse buffer, {dense} of another");
    assert!(sparse >= (BYTES / PAGE_BYTES) as u64);
    assert!(dense < sparse);
}
