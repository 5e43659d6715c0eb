//! Measures a decoder with its own memory and with that of an arena.

pub mod allocations;
pub mod checks;
pub mod codec;
pub mod digest;
pub mod figures;
pub mod instructions;
pub mod ivf;
pub mod meter;
pub mod process;
pub mod program;
pub mod scenarios;
pub mod streams;
