use std::collections::TryReserveError;

use frame_arena::Kind;

use crate::check::{Check, Problem};
use crate::list::{add, with_room};
use crate::{Action, Event, Fill, Level, MemoryClass, Trace};

/// A scope and the time in which it was open. Times are indices of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeSpan {
    /// Frame, stage or scratch.
    pub role: ScopeRole,
    /// The scope that it was opened in; none for a frame.
    pub parent: Option<usize>,
    /// The frame's scope: its own number for a frame.
    pub frame: usize,
    /// The name of the innermost stage: its own, or for a scratch that of the scope that it was
    /// opened in; `(frame)` outside of stages.
    pub stage: String,
    /// The event that opened it.
    pub begin: usize,
    /// The event that closed it, if it was closed.
    pub end: Option<usize>,
}

/// The kinds of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeRole {
    /// A frame.
    Frame,
    /// A stage of a frame.
    Stage,
    /// A scratch, or a run for the collections of a scope.
    Scratch,
}

/// A request and its lifetime. Times are indices of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The scope that it was requested from; none for a plane that was requested detached.
    pub scope: Option<usize>,
    /// The kind.
    pub kind: Kind,
    /// The initial contents.
    pub fill: Fill,
    /// Requested bytes.
    pub bytes: usize,
    /// The block or run that served it.
    pub memory: usize,
    /// Offset in it, in bytes.
    pub offset: usize,
    /// The requesting thread.
    pub thread: usize,
    /// The event of the request.
    pub begin: usize,
    /// The event that moved it out of its scope, if one did.
    pub detached: Option<usize>,
    /// The event that ended it, if any: the end of its scope or, if it was detached, the return of
    /// its memory.
    pub end: Option<usize>,
}

/// A block or run and its lifetime. Times are indices of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemorySpan {
    /// Block or run.
    pub class: MemoryClass,
    /// Bytes taken from the system.
    pub bytes: usize,
    /// The event in which it was taken from the system.
    pub begin: usize,
    /// The event in which it was released to the system, if any.
    pub end: Option<usize>,
    /// The events in which it was taken for use and in which it was returned, or `None` if it was
    /// not.
    pub uses: Vec<(usize, Option<usize>)>,
}

impl Trace {
    /// Returns the bytes after each event.
    ///
    /// # Errors
    /// No memory for the list.
    pub fn levels(&self) -> Result<Vec<Level>, TryReserveError> {
        let mut check = Check::new();
        let mut levels = with_room(self.events.len())?;
        for event in &self.events {
            match check.follow(&event.action, self.names.len()) {
                Err(Problem::NoMemory(refused)) => return Err(refused),
                followed => debug_assert!(followed.is_ok(), "{followed:?}"),
            }
            levels.push(check.level);
        }
        Ok(levels)
    }

    /// Returns all scopes, by their number.
    ///
    /// # Errors
    /// No memory for the list.
    pub fn scopes(&self) -> Result<Vec<ScopeSpan>, TryReserveError> {
        let mut scopes: Vec<ScopeSpan> = Vec::new();
        for (begin, event) in self.events.iter().enumerate() {
            let (role, parent, name) = match event.action {
                Action::OpenFrame => (ScopeRole::Frame, None, Some("(frame)")),
                Action::OpenStage { parent, name } => {
                    (ScopeRole::Stage, Some(parent), Some(&*self.names[name]))
                }
                Action::OpenScratch { parent } => (ScopeRole::Scratch, Some(parent), None),
                Action::Close { scope } => {
                    scopes[scope].end = Some(begin);
                    continue;
                }
                _ => continue,
            };
            let inherited = || parent.map_or(String::new(), |parent| scopes[parent].stage.clone());
            let scope = ScopeSpan {
                role,
                parent,
                frame: parent.map_or(scopes.len(), |parent| scopes[parent].frame),
                stage: name.map_or_else(inherited, str::to_owned),
                begin,
                end: None,
            };
            add(&mut scopes, scope)?;
        }
        Ok(scopes)
    }

    /// Returns all requests, in order.
    ///
    /// # Errors
    /// No memory for the list.
    pub fn allocations(&self) -> Result<Vec<Allocation>, TryReserveError> {
        let mut allocations: Vec<Allocation> = Vec::new();
        let mut of_scope: Vec<Vec<usize>> = Vec::new();
        let mut last_in: Vec<Option<usize>> = Vec::new();
        for (index, event) in self.events.iter().enumerate() {
            match event.action {
                Action::OpenFrame | Action::OpenStage { .. } | Action::OpenScratch { .. } => {
                    add(&mut of_scope, Vec::new())?;
                }
                Action::Make { .. } => add(&mut last_in, None)?,
                Action::Request { .. } => {
                    let allocation = allocation(index, event);
                    last_in[allocation.memory] = Some(allocations.len());
                    if let Some(scope) = allocation.scope {
                        add(&mut of_scope[scope], allocations.len())?;
                    }
                    add(&mut allocations, allocation)?;
                }
                Action::Detach { memory } => {
                    if let Some(last) = last_in[memory] {
                        allocations[last].detached = Some(index);
                    }
                }
                Action::Close { scope } => {
                    for ended in std::mem::take(&mut of_scope[scope]) {
                        let ended = &mut allocations[ended];
                        if ended.detached.is_none() {
                            ended.end = Some(index);
                        }
                    }
                }
                Action::Keep { memory } | Action::Release { memory } => {
                    if let Some(last) = last_in[memory].take() {
                        allocations[last].end.get_or_insert(index);
                    }
                }
                _ => {}
            }
        }
        Ok(allocations)
    }

    /// Returns all blocks and runs, by their number.
    ///
    /// # Errors
    /// No memory for the list.
    pub fn memory(&self) -> Result<Vec<MemorySpan>, TryReserveError> {
        let mut memory: Vec<MemorySpan> = Vec::new();
        for (index, event) in self.events.iter().enumerate() {
            match event.action {
                Action::Make { class, bytes } => {
                    let made = MemorySpan {
                        class,
                        bytes,
                        begin: index,
                        end: None,
                        uses: vec![(index, None)],
                    };
                    add(&mut memory, made)?;
                }
                Action::Reuse { memory: number } => add(&mut memory[number].uses, (index, None))?,
                Action::Keep { memory: number } => memory[number].end_use(index),
                Action::Release { memory: number } => {
                    memory[number].end_use(index);
                    memory[number].end = Some(index);
                }
                _ => {}
            }
        }
        Ok(memory)
    }
}

impl MemorySpan {
    fn end_use(&mut self, index: usize) {
        if let Some((_, end)) = self.uses.last_mut() {
            end.get_or_insert(index);
        }
    }
}

fn allocation(index: usize, event: &Event) -> Allocation {
    let Action::Request {
        scope,
        kind,
        fill,
        bytes,
        memory,
        offset,
    } = event.action
    else {
        unreachable!("only requests become allocations");
    };
    Allocation {
        scope,
        kind,
        fill,
        bytes,
        memory,
        offset,
        thread: event.thread,
        begin: index,
        detached: None,
        end: None,
    }
}
