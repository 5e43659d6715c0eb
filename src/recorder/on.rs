use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use super::{Action, Event, MemoryClass, Recording};
use crate::allocator_calls::calling_allocator;
use crate::grant::Fill;
use crate::sync::{Mutex, lock, thread_index};
use crate::{AllocError, Kind};

/// The log of an arena that records.
#[derive(Clone)]
pub(crate) struct Recorder(Option<Arc<Log>>);

struct Log {
    started: Instant,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    names: Vec<&'static str>,
    events: Vec<Event>,
    /// Numbers of threads in this log by their index in the process.
    threads: HashMap<usize, usize>,
    scopes: usize,
    memory: usize,
    charges: usize,
    /// Events for which there was no memory, and all events after the first of these, so that the
    /// recording has no gaps.
    lost: u64,
}

/// An open scope in the log.
pub(crate) struct ScopeTag {
    log: Recorder,
    scope: usize,
}

/// A block or run in the log. Dropping it logs the release to the system.
pub(crate) struct MemoryTag {
    log: Recorder,
    memory: usize,
}

/// A charge in the log.
pub(crate) struct ChargeTag {
    log: Recorder,
    charge: usize,
}

/// The place of a grant.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    memory: usize,
    offset: usize,
}

impl Recorder {
    pub(crate) fn new(on: bool) -> Self {
        Self(on.then(|| {
            Arc::new(Log {
                started: Instant::now(),
                entries: Mutex::new(Entries::default()),
            })
        }))
    }

    /// Events that could not be recorded.
    pub(crate) fn lost(&self) -> u64 {
        self.0.as_deref().map_or(0, |log| lock(&log.entries).lost)
    }

    /// A copy of the events so far.
    pub(crate) fn recording(&self) -> Result<Option<Recording>, AllocError> {
        let Some(log) = self.0.as_deref() else {
            return Ok(None);
        };
        let entries = lock(&log.entries);
        let (names, events) = (copied(&entries.names)?, copied(&entries.events)?);
        Ok(Some(Recording::new(names, events)))
    }

    /// Logs the action that `action` makes from the entries before it. Returns the number that
    /// `action` returns, or an unused number if nothing is recorded.
    fn log(&self, action: impl FnOnce(&mut Entries) -> (Action, usize)) -> usize {
        let Some(log) = &self.0 else {
            return usize::MAX;
        };
        let mut entries = lock(&log.entries);
        let entries = &mut *entries;
        if !entries.has_room() {
            entries.lost += 1;
            return usize::MAX;
        }
        let next = entries.threads.len();
        let thread = *entries.threads.entry(thread_index()).or_insert(next);
        let (action, number) = action(entries);
        entries.events.push(Event {
            time_ns: u64::try_from(log.started.elapsed().as_nanos()).unwrap_or(u64::MAX),
            thread,
            action,
        });
        number
    }

    fn note(&self, action: Action) {
        self.log(|_| (action, 0));
    }

    fn open(&self, action: impl FnOnce(&mut Entries) -> Action) -> ScopeTag {
        let scope = self.log(|entries| {
            let action = action(entries);
            (action, next(&mut entries.scopes))
        });
        ScopeTag {
            log: self.clone(),
            scope,
        }
    }

    pub(crate) fn frame(&self) -> ScopeTag {
        self.open(|_| Action::OpenFrame)
    }

    /// Logs that a block or run was taken from the system.
    pub(crate) fn made(&self, class: MemoryClass, bytes: usize) -> MemoryTag {
        let memory = self.log(|entries| (Action::Make { class, bytes }, next(&mut entries.memory)));
        MemoryTag {
            log: self.clone(),
            memory,
        }
    }

    /// Logs a request of memory outside all scopes.
    pub(crate) fn detached(&self, place: Place, bytes: usize, kind: Kind, fill: Fill) {
        self.note(request(None, place, bytes, kind, fill));
    }
}

impl Entries {
    /// Whether there is memory to log one more event, with a thread and a name that may be new.
    /// After one refusal, it stays false.
    fn has_room(&mut self) -> bool {
        let reserve = || {
            self.events.try_reserve(1).is_ok()
                && self.names.try_reserve(1).is_ok()
                && self.threads.try_reserve(1).is_ok()
        };
        self.lost == 0 && calling_allocator(reserve)
    }
}

impl ScopeTag {
    pub(crate) fn stage(&self, name: &'static str) -> Self {
        let parent = self.scope;
        self.log.open(|entries| {
            let known = entries.names.iter().position(|&other| other == name);
            let name = known.unwrap_or_else(|| {
                entries.names.push(name);
                entries.names.len() - 1
            });
            Action::OpenStage { parent, name }
        })
    }

    pub(crate) fn scratch(&self) -> Self {
        let parent = self.scope;
        self.log.open(|_| Action::OpenScratch { parent })
    }

    pub(crate) fn request(&self, place: Place, bytes: usize, kind: Kind, fill: Fill) {
        self.log
            .note(request(Some(self.scope), place, bytes, kind, fill));
    }

    /// Logs that a charge was admitted.
    pub(crate) fn charge(&self, bytes: usize) -> ChargeTag {
        let scope = self.scope;
        let charge = self.log.log(|entries| {
            let charge = next(&mut entries.charges);
            (Action::Charge { scope, bytes }, charge)
        });
        ChargeTag {
            log: self.log.clone(),
            charge,
        }
    }

    pub(crate) fn close(&self) {
        self.log.note(Action::Close { scope: self.scope });
    }
}

impl MemoryTag {
    /// The tag of memory that no arena has taken yet.
    pub(crate) const NONE: Self = Self {
        log: Recorder(None),
        memory: 0,
    };

    pub(crate) fn place(&self, offset: usize) -> Place {
        Place {
            memory: self.memory,
            offset,
        }
    }

    pub(crate) fn reuse(&self) {
        self.log.note(Action::Reuse {
            memory: self.memory,
        });
    }

    pub(crate) fn keep(&self) {
        self.log.note(Action::Keep {
            memory: self.memory,
        });
    }

    pub(crate) fn detach(&self) {
        self.log.note(Action::Detach {
            memory: self.memory,
        });
    }
}

impl Drop for MemoryTag {
    fn drop(&mut self) {
        self.log.note(Action::Release {
            memory: self.memory,
        });
    }
}

impl ChargeTag {
    /// Logs the end of a charge. Call this before others can take the bytes.
    pub(crate) fn end(&self) {
        self.log.note(Action::Discharge {
            charge: self.charge,
        });
    }
}

impl Place {
    /// The place of a grant of nothing, which is not recorded.
    pub(crate) const NONE: Self = Self {
        memory: 0,
        offset: 0,
    };
}

fn copied<T: Copy>(items: &[T]) -> Result<Vec<T>, AllocError> {
    let mut copy = Vec::new();
    let refused = AllocError::System {
        requested_bytes: size_of_val(items),
    };
    let reserved = calling_allocator(|| copy.try_reserve_exact(items.len()));
    reserved.map_err(|_| refused)?;
    copy.extend_from_slice(items);
    Ok(copy)
}

fn next(count: &mut usize) -> usize {
    *count += 1;
    *count - 1
}

fn request(scope: Option<usize>, place: Place, bytes: usize, kind: Kind, fill: Fill) -> Action {
    Action::Request {
        scope,
        kind,
        fill: match fill {
            Fill::Zero => super::Fill::Zeroed,
            Fill::Stale => super::Fill::Stale,
        },
        bytes,
        memory: place.memory,
        offset: place.offset,
    }
}
