//! Traces: the memory of a decoder over time, from every request of an arena in order.
//!
//! A [`Trace`] is made from the [`Recording`] of an arena (feature `recorder` of `frame-arena`), or
//! from the events of any other allocator. It says when each scope was open, which requests it got,
//! which part of which block or run served each of them, and which memory the arena took from the
//! system. So the memory over time can be [drawn](MemoryMap), and the same requests can be replayed
//! with another allocator.
//!
//! ```
//! use frame_arena::{Arena, PlaneAlloc};
//! use frame_arena_trace::Trace;
//!
//! let arena = Arena::builder().record().build();
//! arena.with_frame(|frame| frame.plane::<f32>(640, 480).map(|_| ()))?;
//! let trace = Trace::from(arena.recording()?.expect("an arena that records"));
//! assert_eq!(trace.allocations()?[0].bytes, 640 * 480 * 4);
//!
//! let mut text = Vec::new();
//! trace.write_to(&mut text)?;
//! assert_eq!(Trace::read_from(&text[..])?, trace);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The text format
//!
//! [`Trace::write_to`] writes lines of ASCII, except for stage names, which are UTF-8. The first
//! line is `frame-arena trace 1`. Lines that start with `#` are comments. Fields are separated by
//! one space; numbers are decimal. Scopes, memory (blocks and runs), charges and names are each
//! numbered from 0 in the order of their first lines.
//!
//! Lines of the form `n NAME` and `t NUMBER` are no events. `n NAME` defines the next stage name,
//! up to the end of the line, and `t NUMBER` sets the thread of the following events. All other
//! lines are events: the nanoseconds since the event before, a letter, and its fields:
//!
//! | event | | fields |
//! |---|---|---|
//! | `f` | [`OpenFrame`](Action::OpenFrame) | |
//! | `s` | [`OpenStage`](Action::OpenStage) | parent scope, name |
//! | `w` | [`OpenScratch`](Action::OpenScratch) | parent scope |
//! | `e` | [`Close`](Action::Close) | scope |
//! | `r` | [`Request`](Action::Request) | scope or `-`, kind, fill (`z` zeroed, `s` stale), bytes, memory, offset |
//! | `d` | [`Detach`](Action::Detach) | memory |
//! | `m` | [`Make`](Action::Make) | class (`b` block, `r` run), bytes |
//! | `u` | [`Reuse`](Action::Reuse) | memory |
//! | `k` | [`Keep`](Action::Keep) | memory |
//! | `x` | [`Release`](Action::Release) | memory |
//! | `c` | [`Charge`](Action::Charge) | scope, bytes |
//! | `g` | [`Discharge`](Action::Discharge) | charge |
//!
//! A kind is `w` for scratch, `d` for detached, `c` for collections, `r` for raw buffers, or a
//! letter for the sample type (`f` f32, `i` i32, `s` i16, `u` u16, `b` u8, `o` any other) and the
//! number of dimensions (`2` plane, `3` plane set, `1` slice, `p` picture).

#![deny(missing_debug_implementations)]

mod check;
mod draw;
mod error;
mod level;
mod list;
mod read;
#[cfg(doctest)]
mod readme;
mod spans;
mod trace;
mod write;

pub use frame_arena::recorder::{Action, Event, Fill, MemoryClass, Recording};

pub use draw::MemoryMap;
pub use error::TraceError;
pub use level::Level;
pub use spans::{Allocation, MemorySpan, ScopeRole, ScopeSpan};
pub use trace::Trace;
