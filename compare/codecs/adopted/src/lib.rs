//! Decoders in Rust whose large allocations an arena adopts.

#[path = "../../../clients/src/allocator.rs"]
pub mod allocator;
pub mod still;
