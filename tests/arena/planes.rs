//! Planes, sets and their views, where tests of single modules and random programs do not reach.

mod access;
mod debug;
mod empty;
mod whole;

#[cfg(feature = "image")]
mod image;
#[cfg(feature = "imgref")]
mod imgref;
#[cfg(feature = "ndarray")]
mod ndarray;
#[cfg(feature = "rayon")]
mod parallel;
