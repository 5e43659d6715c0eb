//! Decodes compared with drawn pictures and other decoders; damaged files.

mod animations;
mod boxes;
mod buffers;
mod byte_limits;
#[cfg(feature = "cli")]
mod cli;
mod color;
mod color_management;
mod container;
mod corpus;
mod damage;
mod frames;
mod headers;
mod limits;
mod orientation;
mod partial;
mod pictures;
mod plan;
mod profiles;
mod push;
#[path = "../system/random.rs"]
mod random;
mod reduced;
mod region;
mod repeated;
mod reported_files;
mod runners;
mod sample_table;
mod samples;
mod seek;
mod support;
mod threads;
#[path = "../../../tests/support/tier.rs"]
mod tier;
mod work;
mod ycbcr;
