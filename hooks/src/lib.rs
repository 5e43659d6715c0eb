#![doc = include_str!("../README.md")]

#[cfg(feature = "dav1d")]
pub mod dav1d;
mod refusal;
mod source;
