#![doc = include_str!("../README.md")]

mod animation;
mod decoder;
mod error;
mod feed;
mod hook;

pub use decoder::JxlDecoder;
pub use hook::register;
pub use jxl_arena::Reduction;
