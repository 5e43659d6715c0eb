use std::collections::{HashMap, HashSet};

use anyhow::{Result, ensure};
use frame_arena_trace::{Action, Event, Fill, Trace};

/// The frames of a trace, as steps that can be replayed in any memory.
pub(crate) struct Program {
    pub(crate) frames: Vec<Frame>,
}

pub(crate) struct Frame {
    pub(crate) scope: usize,
    pub(crate) steps: Vec<Step>,
}

/// A step of a replay. Scopes have the numbers of the trace.
pub(crate) enum Step {
    Request(Request),
    /// A frame inside a frame.
    Frame(Frame),
    Stage {
        parent: usize,
        scope: usize,
        steps: Vec<Step>,
    },
    Scratch {
        parent: usize,
        scope: usize,
        steps: Vec<Step>,
    },
    /// Steps that run at once, on any threads.
    Tasks(Vec<Step>),
    /// A request of a buffer that ends on its own.
    Own(Request),
    /// Ends the buffer of that request.
    EndOwn(usize),
}

#[derive(Clone, Copy)]
pub(crate) struct Request {
    /// Its number in the trace.
    pub(crate) number: usize,
    pub(crate) scope: usize,
    pub(crate) bytes: usize,
    pub(crate) fill: Fill,
}

impl Program {
    /// Makes the program of a trace.
    ///
    /// # Errors
    /// If a frame was recorded on several threads, whose order was left to chance.
    pub(crate) fn new(trace: &Trace) -> Result<Self> {
        let mut builder = Builder::new(trace)?;
        for (index, event) in trace.events().iter().enumerate() {
            builder.follow(index, event)?;
        }
        let mut frames = builder.frames;
        frames.retain(|frame| !frame.steps.is_empty());
        for frame in &mut frames {
            gather_tasks(&mut frame.steps);
        }
        Ok(Self { frames })
    }

    /// Lets buffers that end on their own within a frame live to its end, for memory that cannot
    /// free a single buffer.
    pub(crate) fn keep_to_frame_end(&mut self) {
        for frame in &mut self.frames {
            let ends = |step: &Step| match step {
                Step::EndOwn(number) => Some(*number),
                _ => None,
            };
            let ended: HashSet<usize> = frame.steps.iter().filter_map(ends).collect();
            frame.steps.retain_mut(|step| match step {
                Step::Own(request) if ended.contains(&request.number) => {
                    let scope = frame.scope;
                    *step = Step::Request(Request { scope, ..*request });
                    true
                }
                Step::EndOwn(_) => false,
                _ => true,
            });
        }
    }

    /// The sizes of all requests, each once.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        let mut sizes = Vec::new();
        for frame in &self.frames {
            collect_sizes(&frame.steps, &mut sizes);
        }
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    }
}

/// A scope that is open while the trace is read.
struct Open {
    scope: usize,
    parent: Option<usize>,
    is_scratch: bool,
    steps: Vec<Step>,
    /// Whether it was closed, though scopes that were opened later may still be open.
    closed: bool,
}

struct Builder {
    frames: Vec<Frame>,
    open: Vec<Open>,
    thread: usize,
    scopes: usize,
    /// Numbers of the requests that end on their own, by the event that makes the request.
    own: HashMap<usize, usize>,
    /// The same numbers, by the event that ends the buffer.
    ends: HashMap<usize, usize>,
    /// Steps between frames.
    between: Vec<Step>,
}

impl Builder {
    fn new(trace: &Trace) -> Result<Self> {
        let mut own = HashMap::new();
        let mut ends = HashMap::new();
        for (number, allocation) in trace.allocations()?.iter().enumerate() {
            if allocation.scope.is_none() || allocation.detached.is_some() {
                own.insert(allocation.begin, number);
                ends.extend(allocation.end.map(|end| (end, number)));
            }
        }
        Ok(Self {
            frames: Vec::new(),
            open: Vec::new(),
            thread: 0,
            scopes: 0,
            own,
            ends,
            between: Vec::new(),
        })
    }

    fn follow(&mut self, index: usize, event: &Event) -> Result<()> {
        match event.action {
            Action::OpenFrame => {
                if self.open.is_empty() {
                    self.thread = event.thread;
                }
                self.open(None, false);
                self.open[0].steps.append(&mut self.between);
            }
            Action::OpenStage { parent, .. } => self.open(Some(parent), false),
            Action::OpenScratch { parent } => self.open(Some(parent), true),
            Action::Close { scope } => self.close(scope),
            Action::Request {
                scope, fill, bytes, ..
            } => {
                let own = self.own.get(&index).copied();
                let request = Request {
                    number: index,
                    scope: scope.unwrap_or_default(),
                    bytes,
                    fill,
                };
                self.push(match own {
                    Some(number) => Step::Own(Request { number, ..request }),
                    None => Step::Request(request),
                });
            }
            _ => {
                if let Some(&number) = self.ends.get(&index) {
                    self.push(Step::EndOwn(number));
                }
                return Ok(());
            }
        }
        ensure!(
            self.open.is_empty() || event.thread == self.thread,
            "a frame was recorded on several threads instead of one"
        );
        Ok(())
    }

    fn push(&mut self, step: Step) {
        let steps = self.open.last_mut().map(|open| &mut open.steps);
        steps.unwrap_or(&mut self.between).push(step);
    }

    fn open(&mut self, parent: Option<usize>, is_scratch: bool) {
        self.open.push(Open {
            scope: self.scopes,
            parent,
            is_scratch,
            steps: Vec::new(),
            closed: false,
        });
        self.scopes += 1;
    }

    /// Closes a scope as soon as all scopes that were opened later are closed.
    fn close(&mut self, scope: usize) {
        if let Some(open) = self.open.iter_mut().find(|open| open.scope == scope) {
            open.closed = true;
        }
        while let Some(ended) = self.open.pop_if(|open| open.closed) {
            let Open {
                scope,
                parent,
                is_scratch,
                steps,
                ..
            } = ended;
            match parent {
                None if self.open.is_empty() => self.frames.push(Frame { scope, steps }),
                None => self.push(Step::Frame(Frame { scope, steps })),
                Some(_) if steps.is_empty() => {}
                Some(parent) if is_scratch => self.push(Step::Scratch {
                    parent,
                    scope,
                    steps,
                }),
                Some(parent) => self.push(Step::Stage {
                    parent,
                    scope,
                    steps,
                }),
            }
        }
    }
}

/// Gathers scratches that directly follow each other into tasks.
fn gather_tasks(steps: &mut Vec<Step>) {
    let mut gathered: Vec<Step> = Vec::new();
    for mut step in steps.drain(..) {
        if let Step::Stage { steps, .. } | Step::Frame(Frame { steps, .. }) = &mut step {
            gather_tasks(steps);
        }
        match (gathered.last_mut(), step) {
            (Some(Step::Tasks(tasks)), step @ Step::Scratch { .. }) => tasks.push(step),
            (_, step @ Step::Scratch { .. }) => gathered.push(Step::Tasks(vec![step])),
            (_, step) => gathered.push(step),
        }
    }
    *steps = gathered;
}

fn collect_sizes(steps: &[Step], sizes: &mut Vec<usize>) {
    for step in steps {
        match step {
            Step::Request(request) | Step::Own(request) => sizes.push(request.bytes),
            Step::Stage { steps, .. }
            | Step::Scratch { steps, .. }
            | Step::Frame(Frame { steps, .. })
            | Step::Tasks(steps) => {
                collect_sizes(steps, sizes);
            }
            Step::EndOwn(_) => {}
        }
    }
}
