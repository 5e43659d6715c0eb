//! Planes, sets and their views, as far as tests of single modules and random programs do not
//! reach.

#[path = "planes/access.rs"]
mod access;
#[path = "planes/debug.rs"]
mod debug;
#[path = "planes/empty.rs"]
mod empty;
#[path = "planes/whole.rs"]
mod whole;

#[cfg(feature = "image")]
#[path = "planes/image.rs"]
mod image;
#[cfg(feature = "imgref")]
#[path = "planes/imgref.rs"]
mod imgref;
#[cfg(feature = "ndarray")]
#[path = "planes/ndarray.rs"]
mod ndarray;
#[cfg(feature = "rayon")]
#[path = "planes/parallel.rs"]
mod parallel;
