/// Most clusters of a code: they are numbered in bytes.
pub(super) const MAX_CLUSTERS: usize = 256;

/// log2 of how many symbols a prefix code may have.
pub(super) const LOG_PREFIX_ALPHABET: u32 = 15;
