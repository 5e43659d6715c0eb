use std::collections::TryReserveError;

use frame_arena::Kind;

use crate::list::add;
use crate::{Action, Level};

/// Follows the events of a trace: refuses one that cannot come next, and counts bytes.
pub(crate) struct Check {
    scopes: Vec<Scope>,
    memory: Vec<Memory>,
    charges: Vec<Option<usize>>,
    pub(crate) level: Level,
}

struct Scope {
    open: bool,
    is_scratch: bool,
    /// Live bytes that end with it.
    live_bytes: usize,
}

struct Memory {
    bytes: usize,
    state: State,
    requests: usize,
    /// Bytes requested from it since it was taken.
    served_bytes: usize,
    /// The scope of the last request in it.
    scope: Option<usize>,
    detached: bool,
}

#[derive(PartialEq)]
enum State {
    InUse,
    Retained,
    Released,
}

/// The reason why an event cannot follow the ones before it.
#[derive(Debug)]
pub(crate) enum Problem {
    Inconsistent(&'static str),
    NoMemory(TryReserveError),
}

impl From<&'static str> for Problem {
    fn from(problem: &'static str) -> Self {
        Self::Inconsistent(problem)
    }
}

impl From<TryReserveError> for Problem {
    fn from(refused: TryReserveError) -> Self {
        Self::NoMemory(refused)
    }
}

type Step = Result<(), Problem>;

impl Check {
    pub(crate) fn new() -> Self {
        Self {
            scopes: Vec::new(),
            memory: Vec::new(),
            charges: Vec::new(),
            level: Level::default(),
        }
    }

    /// Counts the next event. `names` is the number of stage names.
    pub(crate) fn follow(&mut self, action: &Action, names: usize) -> Step {
        match *action {
            Action::OpenFrame => self.open(None, false),
            Action::OpenStage { parent, name } if name < names => self.open(Some(parent), false),
            Action::OpenStage { .. } => Err("undefined stage name".into()),
            Action::OpenScratch { parent } => self.open(Some(parent), true),
            Action::Close { scope } => self.close(scope),
            Action::Request { .. } => self.request(action),
            Action::Detach { memory } => self.detach(memory),
            Action::Make { bytes, .. } => self.make(bytes),
            Action::Reuse { memory } => {
                let memory = in_state(&mut self.memory, memory, State::Retained)?;
                memory.state = State::InUse;
                self.level.retained_bytes -= memory.bytes;
                self.level.in_use_bytes += memory.bytes;
                Ok(())
            }
            Action::Keep { memory } => {
                self.take_back(memory, State::Retained)?;
                self.level.retained_bytes += self.memory[memory].bytes;
                Ok(())
            }
            Action::Release { memory } => self.release(memory),
            Action::Charge { scope, bytes } => self.charge(scope, bytes),
            Action::Discharge { charge } => {
                let charge = self.charges.get_mut(charge).and_then(Option::take);
                self.level.charged_bytes -= charge.ok_or("undefined or ended charge")?;
                Ok(())
            }
        }
    }

    fn open_scope(&mut self, scope: usize) -> Result<&mut Scope, &'static str> {
        let scope = self.scopes.get_mut(scope).filter(|scope| scope.open);
        scope.ok_or("a scope that is not open")
    }

    fn open(&mut self, parent: Option<usize>, is_scratch: bool) -> Step {
        if let Some(parent) = parent {
            let parent = self.open_scope(parent)?;
            if parent.is_scratch && !is_scratch {
                return Err("a stage in a scratch".into());
            }
        }
        let scope = Scope {
            open: true,
            is_scratch,
            live_bytes: 0,
        };
        Ok(add(&mut self.scopes, scope)?)
    }

    fn close(&mut self, scope: usize) -> Step {
        let scope = self.open_scope(scope)?;
        scope.open = false;
        self.level.live_bytes -= scope.live_bytes;
        Ok(())
    }

    fn request(&mut self, action: &Action) -> Step {
        let Action::Request {
            scope,
            kind,
            bytes,
            memory,
            offset,
            ..
        } = *action
        else {
            return Ok(());
        };
        let of_scratch = match scope {
            Some(scope) => Some(self.open_scope(scope)?.is_scratch),
            None => None,
        };
        let is_outside = matches!(kind, Kind::Detached | Kind::Raw);
        // A piece of memory for collections is recorded as a scratch in its scope.
        let is_piece = kind == Kind::Collection && of_scratch == Some(true);
        if (kind == Kind::Scratch || is_piece, is_outside)
            != (of_scratch == Some(true), of_scratch.is_none())
        {
            return Err("a kind that the scope does not serve".into());
        }
        let memory = in_state(&mut self.memory, memory, State::InUse)?;
        if bytes > memory.bytes - memory.served_bytes || offset > memory.bytes - bytes {
            return Err("a request outside the room of its memory".into());
        }
        let first = memory.requests == 0;
        if !first && (memory.detached || scope.is_none() || memory.scope != scope) {
            return Err("a request in memory of another scope".into());
        }
        memory.requests += 1;
        memory.served_bytes += bytes;
        memory.scope = scope;
        memory.detached = scope.is_none();
        let live_bytes = match of_scratch {
            Some(true) if first => memory.bytes,
            Some(true) => 0,
            _ => bytes,
        };
        self.level.live_bytes += live_bytes;
        if let Some(scope) = scope {
            self.scopes[scope].live_bytes += live_bytes;
        }
        Ok(())
    }

    fn detach(&mut self, memory: usize) -> Step {
        let memory = in_state(&mut self.memory, memory, State::InUse)?;
        let (Some(scope), 1, false) = (memory.scope, memory.requests, memory.detached) else {
            return Err("detached memory that does not serve one plane of a scope".into());
        };
        memory.detached = true;
        let bytes = memory.served_bytes;
        let scope = self.open_scope(scope)?;
        if scope.is_scratch {
            return Err("a plane detached from a scratch".into());
        }
        scope.live_bytes -= bytes;
        Ok(())
    }

    fn make(&mut self, bytes: usize) -> Step {
        self.hold(bytes)?;
        self.level.in_use_bytes += bytes;
        let memory = Memory {
            bytes,
            state: State::InUse,
            requests: 0,
            served_bytes: 0,
            scope: None,
            detached: false,
        };
        Ok(add(&mut self.memory, memory)?)
    }

    /// Ends the use of memory.
    fn take_back(&mut self, memory: usize, state: State) -> Step {
        let memory = in_state(&mut self.memory, memory, State::InUse)?;
        let still_open = memory.scope.is_some_and(|scope| self.scopes[scope].open);
        if memory.detached {
            self.level.live_bytes -= memory.served_bytes;
        } else if still_open {
            return Err("memory returned before its scope ended".into());
        }
        self.level.in_use_bytes -= memory.bytes;
        memory.state = state;
        memory.requests = 0;
        memory.served_bytes = 0;
        memory.scope = None;
        memory.detached = false;
        Ok(())
    }

    fn release(&mut self, memory: usize) -> Step {
        if let Ok(memory) = in_state(&mut self.memory, memory, State::Retained) {
            memory.state = State::Released;
            self.level.retained_bytes -= memory.bytes;
            return Ok(());
        }
        self.take_back(memory, State::Released)
    }

    fn charge(&mut self, scope: usize, bytes: usize) -> Step {
        self.open_scope(scope)?;
        self.hold(bytes)?;
        self.level.charged_bytes += bytes;
        Ok(add(&mut self.charges, Some(bytes))?)
    }

    /// Checks that all held bytes, with `bytes` more, fit the address space.
    fn hold(&self, bytes: usize) -> Step {
        let held = self.level.held_bytes().checked_add(bytes);
        held.map(|_| ())
            .ok_or("more memory than an address space has".into())
    }
}

fn in_state(
    memory: &mut [Memory],
    number: usize,
    state: State,
) -> Result<&mut Memory, &'static str> {
    let memory = memory
        .get_mut(number)
        .filter(|memory| memory.state == state);
    memory.ok_or("undefined memory, or memory in another state")
}
