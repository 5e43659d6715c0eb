//! Decoders as users of `frame-arena` would write them, each with several memory strategies.
//!
//! | client | description |
//! |---|---|
//! | [`jpeg`] | a baseline JPEG decoder that holds whole planes |
//! | [`video`] | a video decoder with a decoded-picture buffer and output out of order |
//! | [`server`] | workers that decode pictures of mixed sizes ([`jobs`]) under one byte limit |
//! | [`long_run`] | thousands of such pictures on several threads; resident memory over time |
//!
//! Decoding is written once per client, over views of planes. The strategies differ only in the
//! source of the planes. The code that is specific to `frame-arena` is in small files called
//! `arena.rs`.

pub mod allocator;
pub mod apart;
pub mod checksum;
pub mod figures;
pub mod jobs;
pub mod jpeg;
pub mod long_run;
pub mod meter;
pub mod process;
pub mod random;
pub mod server;
pub mod strategy;
pub mod table;
pub mod video;
