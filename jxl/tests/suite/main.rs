//! Decodes against what was drawn, against other decoders' pictures, and against damage.

mod animations;
mod buffers;
mod cli;
mod container;
mod corpus;
mod damage;
mod frames;
mod headers;
mod limits;
mod orientation;
mod pictures;
mod plan;
mod repeated;
mod sample_table;
mod samples;
mod support;
mod ycbcr;
