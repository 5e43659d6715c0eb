//! What memory is for that the arena does not hand out: names of charges.

/// Trees of Modular coding: as they are coded, and what a channel can reach of them.
pub(crate) const TREES: &str = "trees";
/// Distributions of entropy codes and the maps of their contexts.
pub(crate) const ENTROPY_CODES: &str = "entropy codes";
/// Values that LZ77 repeats.
pub(crate) const LZ77_WINDOWS: &str = "LZ77 windows";
pub(crate) const PATCHES: &str = "patches";
pub(crate) const SPLINES: &str = "splines";
/// Where the sections of frames lie.
pub(crate) const CONTENTS: &str = "tables of contents";
pub(crate) const ICC: &str = "ICC profile";
/// A vector that a picture is decoded into.
pub(crate) const PICTURE: &str = "picture";
