//! Warm frames neither call the global allocator nor fault a page in; which pages cold memory has.
//!
//! The tests run one after the other in a separate process, as the counts are those of the process.

mod count;
mod frames;
#[path = "../support/harness.rs"]
mod harness;
mod kinds;
mod sparse;
mod video;
mod work;

#[global_allocator]
static ALLOCATOR: count::Counting = count::Counting;

fn main() {
    harness::run(&[
        (
            "zero_alloc::frames::warm_frames_neither_allocate_nor_fault",
            frames::warm_frames_neither_allocate_nor_fault,
        ),
        (
            "zero_alloc::sparse::a_sparse_buffer_has_small_pages",
            sparse::a_sparse_buffer_has_small_pages,
        ),
        (
            "zero_alloc::video::warm_frames_neither_allocate_nor_fault",
            video::warm_frames_neither_allocate_nor_fault,
        ),
    ]);
}
