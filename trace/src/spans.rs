use frame_arena::Kind;

use crate::check::Check;
use crate::{Action, Event, Fill, Level, MemoryClass, Trace};

/// From when to when a scope was open. Times are indices of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeSpan {
    /// What it was.
    pub role: ScopeRole,
    /// The scope that it was opened in; none for a frame.
    pub parent: Option<usize>,
    /// The frame's scope: its own number for a frame.
    pub frame: usize,
    /// The innermost stage's name: its own, or for a scratch that of what it was opened in;
    /// `(frame)` where there is none.
    pub stage: String,
    /// The event that opened it.
    pub begin: usize,
    /// The event that closed it, if it was closed.
    pub end: Option<usize>,
}

/// What a scope is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeRole {
    /// A frame.
    Frame,
    /// A stage of a frame.
    Stage,
    /// A scratch, or a run for the collections of a scope.
    Scratch,
}

/// A request and how long it lived. Times are indices of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The scope that it was requested from; none for a plane that was requested detached.
    pub scope: Option<usize>,
    /// The kind.
    pub kind: Kind,
    /// Whether it was cleared.
    pub fill: Fill,
    /// Requested bytes.
    pub bytes: usize,
    /// The block or run that served it.
    pub memory: usize,
    /// Bytes from the beginning of that.
    pub offset: usize,
    /// The requesting thread.
    pub thread: usize,
    /// The event of the request.
    pub begin: usize,
    /// The event that moved it out of its scope, if one did.
    pub detached: Option<usize>,
    /// The event that ended it, if one did: its scope was closed, or its memory came back if it was
    /// detached.
    pub end: Option<usize>,
}

/// A block or run and when it was there. Times are indices of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemorySpan {
    /// What it is.
    pub class: MemoryClass,
    /// Bytes taken from the system.
    pub bytes: usize,
    /// The event in which it came from the system.
    pub begin: usize,
    /// The event in which it went back, if it did.
    pub end: Option<usize>,
    /// When it was in use: the events in which it was taken and came back, or `None` if it did not.
    pub uses: Vec<(usize, Option<usize>)>,
}

impl Trace {
    /// The bytes after each event.
    pub fn levels(&self) -> Vec<Level> {
        let mut check = Check::new();
        let level = |event: &Event| {
            let followed = check.follow(&event.action, self.names.len());
            debug_assert_eq!(followed, Ok(()));
            check.level
        };
        self.events.iter().map(level).collect()
    }

    /// All scopes, by their number.
    pub fn scopes(&self) -> Vec<ScopeSpan> {
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
            scopes.push(ScopeSpan {
                role,
                parent,
                frame: parent.map_or(scopes.len(), |parent| scopes[parent].frame),
                stage: name.map_or_else(inherited, str::to_owned),
                begin,
                end: None,
            });
        }
        scopes
    }

    /// All requests, in order.
    pub fn allocations(&self) -> Vec<Allocation> {
        let mut allocations: Vec<Allocation> = Vec::new();
        let mut of_scope: Vec<Vec<usize>> = Vec::new();
        let mut last_in: Vec<Option<usize>> = Vec::new();
        for (index, event) in self.events.iter().enumerate() {
            match event.action {
                Action::OpenFrame | Action::OpenStage { .. } | Action::OpenScratch { .. } => {
                    of_scope.push(Vec::new());
                }
                Action::Make { .. } => last_in.push(None),
                Action::Request { .. } => {
                    let allocation = allocation(index, event);
                    last_in[allocation.memory] = Some(allocations.len());
                    if let Some(scope) = allocation.scope {
                        of_scope[scope].push(allocations.len());
                    }
                    allocations.push(allocation);
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
        allocations
    }

    /// All blocks and runs, by their number.
    pub fn memory(&self) -> Vec<MemorySpan> {
        let mut memory: Vec<MemorySpan> = Vec::new();
        for (index, event) in self.events.iter().enumerate() {
            match event.action {
                Action::Make { class, bytes } => memory.push(MemorySpan {
                    class,
                    bytes,
                    begin: index,
                    end: None,
                    uses: vec![(index, None)],
                }),
                Action::Reuse { memory: number } => memory[number].uses.push((index, None)),
                Action::Keep { memory: number } => memory[number].end_use(index),
                Action::Release { memory: number } => {
                    memory[number].end_use(index);
                    memory[number].end = Some(index);
                }
                _ => {}
            }
        }
        memory
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
