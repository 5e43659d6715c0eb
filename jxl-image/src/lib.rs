#![doc = include_str!("../README.md")]

mod animation;
mod boxes;
mod decoder;
mod error;
mod feed;
mod hook;
mod memory;

pub use decoder::JxlDecoder;
pub use hook::register;
pub use jxl_arena::Reduction;
