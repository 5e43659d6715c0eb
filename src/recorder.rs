//! Recordings of an arena, and their events.
//!
//! With the feature `recorder`, an arena built with `ArenaBuilder::record` records every request
//! and its outcome, and `Arena::recording` returns them as a [`Recording`]. Without the feature,
//! arenas record nothing, and this module has only the types. The crate `frame-arena-trace` stores,
//! sums up and draws recordings.

// The log's lock is the last in the order of locks, and only pushing an event happens under it. The
// log's memory comes from the global allocator, not from the arena.

mod event;
#[cfg(not(feature = "recorder"))]
mod off;
#[cfg(feature = "recorder")]
mod on;

pub use event::{Action, Event, Fill, MemoryClass, Recording};

#[cfg(not(feature = "recorder"))]
pub(crate) use off::{ChargeTag, MemoryTag, Place, Recorder, ScopeTag};
#[cfg(feature = "recorder")]
pub(crate) use on::{ChargeTag, MemoryTag, Place, Recorder, ScopeTag};
