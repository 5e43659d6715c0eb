/// Most clusters of a code, as a byte numbers them.
pub(super) const MAX_CLUSTERS: usize = 256;

/// log2 of the most symbols of a prefix code.
pub(super) const LOG_PREFIX_ALPHABET: u32 = 15;
