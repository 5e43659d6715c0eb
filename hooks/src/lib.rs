#![doc = include_str!("../README.md")]

#[cfg(feature = "dav1d")]
pub mod dav1d;
#[cfg(feature = "global")]
pub mod global;
#[cfg(any(feature = "dav1d", feature = "global"))]
mod refusal;
#[cfg(feature = "dav1d")]
mod source;
