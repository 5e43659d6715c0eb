//! Names of charges: what memory outside the arena is for.

/// A vector that a picture is decoded into.
pub(crate) const PICTURE: &str = "picture";
