//! Decoders in Rust whose large allocations an arena adopts.

pub mod still;
