//! What an arena that records notes of its events, and the events themselves.
//!
//! With the feature `recorder`, an arena built with `ArenaBuilder::record` notes every request and
//! what became of it, and `Arena::recording` returns the notes as a [`Recording`]. Without the
//! feature an arena notes nothing, and this module has only the types. The crate
//! `frame-arena-trace` stores, sums up and draws recordings.

// The log's lock is the last of all in the order of locks, and nothing but a push of an event
// happens under it. Its memory is the process's, not the arena's.

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
