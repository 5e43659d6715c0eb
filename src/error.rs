use thiserror::Error;

/// Why memory was refused. Nothing is lost when it is: the scope ends as usual and the arena stays usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AllocError {
    /// The dimensions give a size that no memory has.
    #[error(
        "{count} x {width} x {height} samples of {sample_bytes} bytes exceed the address space"
    )]
    SizeOverflow {
        /// Planes asked for.
        count: usize,
        /// Samples per row.
        width: usize,
        /// Rows per plane.
        height: usize,
        /// Bytes of one sample.
        sample_bytes: usize,
    },
    /// The arena's byte limit would be exceeded, even with all unused memory given back.
    #[error(
        "memory limit: {asked_bytes} bytes asked, {in_use_bytes} of {limit_bytes} bytes in use"
    )]
    LimitExceeded {
        /// Bytes that would have been taken from the system: the request with its block's or run's rounding.
        asked_bytes: usize,
        /// Bytes in use by open scopes, detached planes and charges when asked.
        in_use_bytes: usize,
        /// The arena's limit.
        limit_bytes: usize,
    },
    /// A bump was asked for that no block has room for.
    #[error("a bump of {asked_bytes} bytes exceeds the {room_bytes} bytes of a block")]
    BumpTooLarge {
        /// Room asked for.
        asked_bytes: usize,
        /// Room of the arena's largest blocks.
        room_bytes: usize,
    },
    /// The system's allocator refused.
    #[error("the system refused {asked_bytes} bytes")]
    System {
        /// Bytes asked of the system.
        asked_bytes: usize,
    },
}
