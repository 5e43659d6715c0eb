//! What an arena that records notes of its events; nothing without the feature.
//!
//! The log's lock is the last of all in the order of locks, and nothing but a push of an event
//! happens under it. Its memory is the process's, not the arena's.

#[cfg(not(feature = "recorder"))]
mod off;
#[cfg(feature = "recorder")]
mod on;

#[cfg(not(feature = "recorder"))]
pub(crate) use off::{ChargeTag, MemoryTag, Place, Recorder, ScopeTag};
#[cfg(feature = "recorder")]
pub(crate) use on::{ChargeTag, MemoryTag, Place, Recorder, ScopeTag};

/// What a piece of memory is, for its record.
#[derive(Clone, Copy)]
pub(crate) enum RecordedClass {
    Block,
    Run,
}
