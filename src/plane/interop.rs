//! Planes as images and arrays of other crates, without a copy; a feature each.
//!
//! An image of `imgref` or `image` holds one slice over all rows and what lies between them, so it
//! is made of planes and sets only, which own their padding. What lies between the rows of a view
//! may belong to others. An array of `ndarray` accesses its elements only and is made of any view.

#[cfg(feature = "image")]
mod image;
#[cfg(feature = "imgref")]
mod imgref;
#[cfg(feature = "ndarray")]
mod ndarray;
