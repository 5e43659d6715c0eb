//! Traces: every request of an arena and what became of it, in order.
//!
//! A [`Trace`] is recorded by an arena that was built with `ArenaBuilder::record` (feature
//! `recorder`), or made from the events of anything else that grants memory. It tells when every
//! scope was open, what was requested from it, in which block or run that was served and where, and
//! what the arena took from the system for it. So the memory over time can be drawn from it, and
//! the same requests be made again elsewhere.
//!
//! ```
//! # #[cfg(feature = "recorder")] {
//! use frame_arena::{Arena, PlaneAlloc, trace::Trace};
//!
//! let arena = Arena::builder().record().build();
//! arena.with_frame(|frame| frame.plane::<f32>(640, 480).map(|_| ()))?;
//! let trace = arena.trace().expect("an arena that records");
//! assert_eq!(trace.allocations()[0].bytes, 640 * 480 * 4);
//!
//! let mut text = Vec::new();
//! trace.write_to(&mut text)?;
//! assert_eq!(Trace::read_from(&text[..])?, trace);
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The text format
//!
//! [`Trace::write_to`] writes lines of ASCII but for stage names, which are UTF-8. The first is
//! `frame-arena trace 1`. Lines that start with `#` are comments. Fields are separated by one
//! space; numbers are decimal. Scopes, memory (blocks and runs), charges and names are each
//! numbered from 0 in the order in which their first lines come.
//!
//! Two lines are no events: `n NAME` is the next stage name, up to the end of the line, and
//! `t NUMBER` says that the following events are of that thread. All others are events: the
//! nanoseconds since the event before, a letter, and what it needs:
//!
//! | event | | fields |
//! |---|---|---|
//! | `f` | [`OpenFrame`](Action::OpenFrame) | |
//! | `s` | [`OpenStage`](Action::OpenStage) | parent scope, name |
//! | `w` | [`OpenScratch`](Action::OpenScratch) | parent scope |
//! | `e` | [`Close`](Action::Close) | scope |
//! | `r` | [`Request`](Action::Request) | scope or `-`, kind, fill (`z` zeroed, `s` stale), bytes, memory, offset |
//! | `d` | [`Detach`](Action::Detach) | memory |
//! | `m` | [`Make`](Action::Make) | class (`b` block, `l` large block, `r` run), bytes |
//! | `u` | [`Reuse`](Action::Reuse) | memory |
//! | `k` | [`Keep`](Action::Keep) | memory |
//! | `x` | [`Release`](Action::Release) | memory |
//! | `c` | [`Charge`](Action::Charge) | scope, bytes |
//! | `g` | [`Discharge`](Action::Discharge) | charge |
//!
//! A kind is `w` for scratch, `d` for detached, `c` for collections, `r` for raw buffers, or a
//! letter for the sample type (`f` f32, `i` i32, `s` i16, `u` u16, `b` u8, `o` any other) and the
//! number of dimensions (`2` plane, `3` plane set, `1` slice, `p` picture).

mod check;
mod draw;
mod event;
mod read;
mod spans;
mod write;

pub use draw::MemoryMap;
pub use event::{Action, Event, Fill, MemoryClass};
pub use read::TraceError;
pub use spans::{Allocation, Level, MemorySpan, ScopeRole, ScopeSpan};

/// What happened in an arena, in order. The same event never depends on a later one.
///
/// Events are consistent, whether they were recorded, [given](Self::new) or
/// [read](Self::read_from): scopes are open when something is requested from them, memory is in use
/// when it serves, and no memory serves more bytes than it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    names: Vec<String>,
    events: Vec<Event>,
}

impl Trace {
    /// A trace of these events; `names` are the stage names that they refer to.
    ///
    /// # Errors
    /// [`TraceError::Inconsistent`] at the first event that cannot follow those before it.
    pub fn new(names: Vec<String>, events: Vec<Event>) -> Result<Self, TraceError> {
        let mut check = check::Check::new();
        for (index, event) in events.iter().enumerate() {
            check
                .follow(&event.action, names.len())
                .map_err(|problem| TraceError::Inconsistent { index, problem })?;
        }
        Ok(Self { names, events })
    }

    /// A trace of events that an arena recorded.
    #[cfg(feature = "recorder")]
    pub(crate) fn recorded(names: &[&'static str], events: &[Event]) -> Self {
        Self {
            names: names.iter().map(|&name| name.into()).collect(),
            events: events.to_vec(),
        }
    }

    /// All events; their index is the order.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The stage names, by their number in [`Action::OpenStage`].
    pub fn names(&self) -> &[String] {
        &self.names
    }
}
