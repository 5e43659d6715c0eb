use crate::check::{Check, Problem};
use crate::{Event, Recording, TraceError};

/// The events of an arena, in order. No event depends on a later one.
///
/// Events are consistent, whether they were [recorded](Recording), [given](Self::new) or
/// [read](Self::read_from): scopes are open when something is requested from them, memory is in use
/// when it serves, and no memory serves more bytes than it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    pub(crate) names: Vec<String>,
    pub(crate) events: Vec<Event>,
}

impl Trace {
    /// Makes a trace of these events; `names` are the stage names that they refer to.
    ///
    /// # Errors
    /// [`TraceError::Inconsistent`] at the first event that cannot follow those before it;
    /// [`TraceError::NoMemory`].
    pub fn new(names: Vec<String>, events: Vec<Event>) -> Result<Self, TraceError> {
        let mut check = Check::new();
        for (index, event) in events.iter().enumerate() {
            let followed = check.follow(&event.action, names.len());
            followed.map_err(|problem| match problem {
                Problem::Inconsistent(problem) => TraceError::Inconsistent { index, problem },
                Problem::NoMemory(refused) => refused.into(),
            })?;
        }
        Ok(Self { names, events })
    }

    /// Returns all events in order.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Returns the stage names, by their number in [`Action::OpenStage`](crate::Action::OpenStage).
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

impl From<Recording> for Trace {
    /// An arena records consistent events only, so they are not checked again.
    fn from(recording: Recording) -> Self {
        let (names, events) = recording.into_parts();
        Self {
            names: names.into_iter().map(str::to_owned).collect(),
            events,
        }
    }
}
