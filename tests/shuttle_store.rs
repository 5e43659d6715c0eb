//! Interleavings of threads on one store, explored by shuttle:
//! `RUSTFLAGS='--cfg frame_arena_shuttle' cargo test --test shuttle_store`.

#[cfg(frame_arena_shuttle)]
#[path = "shuttle_store/interleavings.rs"]
mod interleavings;

/// Stands for the tests of a build without the flag, so that the test program says why it runs
/// none.
#[cfg(not(frame_arena_shuttle))]
#[test]
fn skipped_without_cfg_frame_arena_shuttle() {
    println!("skipped: needs --cfg frame_arena_shuttle");
}
