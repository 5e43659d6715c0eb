use thiserror::Error;

/// The reason why memory was refused. After a refusal, the scope ends as usual and the arena stays
/// usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AllocError {
    /// The dimensions exceed the address space.
    #[error(
        "{count} x {width} x {height} samples of {sample_bytes} bytes exceed the address space"
    )]
    SizeOverflow {
        /// Planes requested.
        count: usize,
        /// Samples per row.
        width: usize,
        /// Rows per plane.
        height: usize,
        /// Bytes of one sample.
        sample_bytes: usize,
    },
    /// The arena's byte limit would be exceeded, even with all retained memory released.
    #[error(
        "memory limit: {requested_bytes} bytes requested, {in_use_bytes} of {limit_bytes} bytes in use"
    )]
    LimitExceeded {
        /// Bytes refused: the rounded bytes of the block, run or record that the request needs, or
        /// the bytes of a whole plan, allotment or charge.
        requested_bytes: usize,
        /// Bytes that could not be released: in use by open scopes and detached planes, promised to
        /// reserves and allotments, and charged.
        in_use_bytes: usize,
        /// The limit of the arena that refused.
        limit_bytes: usize,
    },
    /// A raw buffer was requested with an alignment that is too large or not a power of two.
    #[error("alignment of {align_bytes} bytes: not a power of two up to {most_bytes}")]
    UnsupportedAlignment {
        /// Alignment requested.
        align_bytes: usize,
        /// The largest alignment supported.
        most_bytes: usize,
    },
    /// The system's allocator refused.
    #[error("the system refused {requested_bytes} bytes")]
    System {
        /// Bytes requested of the system.
        requested_bytes: usize,
    },
}
