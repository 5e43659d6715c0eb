//! Decodes the same JPEG XL files with `jxl-arena` and other decoders, to the same samples in
//! memory.

pub mod counting;
pub mod decoder;
pub mod difference;
pub mod djxl;
pub mod figures;
pub mod image;
pub mod instructions;
pub mod measure;
pub mod part;
pub mod probe;
pub mod process;
pub mod table;
