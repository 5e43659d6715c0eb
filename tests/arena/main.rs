//! The guarantees of arenas, with a module for each subject.

mod accounting;
mod asan;
#[cfg(any(feature = "allocator-api2-02", feature = "allocator-api2-04"))]
mod collections;
mod decay;
mod detached;
mod limit;
#[cfg(all(feature = "serde", feature = "metrics"))]
mod observed;
mod owned;
mod pages;
mod pictures;
mod plan;
mod planes;
mod promise;
mod raw;
mod retention;
mod shared_planes;
mod spec;
mod stress;
#[path = "../support/tier.rs"]
mod tier;
