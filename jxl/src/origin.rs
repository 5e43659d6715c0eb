//! What memory is for that the arena does not hand out: names of charges.

/// A vector that a picture is decoded into.
pub(crate) const PICTURE: &str = "picture";
