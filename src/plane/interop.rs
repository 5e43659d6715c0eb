//! Planes as images and arrays of other crates, without a copy. Each crate has a feature.
//!
//! An image of `imgref` or `image` holds one slice over all rows and the samples between them. Only
//! planes and sets own these samples; between the rows of a view, they may belong to other views.
//! So only planes and sets become such images. An array of `ndarray` accesses only its elements, so
//! any view can become one.

#[cfg(feature = "image")]
mod image;
#[cfg(feature = "imgref")]
mod imgref;
#[cfg(feature = "ndarray")]
mod ndarray;
