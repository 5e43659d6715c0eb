use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::DerefMut;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use rayon::prelude::*;

use crate::counted::{in_engine, in_strategy};
use crate::memory::{Fill, Memory, Scope, Scratch};
use crate::pattern;
use crate::program::{Frame, Program, Request, Step};

/// Counts over all replays of a load.
#[derive(Default)]
pub(crate) struct Counts {
    live_bytes: AtomicUsize,
    peak_bytes: AtomicUsize,
    wrong: AtomicUsize,
}

impl Counts {
    /// Returns the most bytes that were live at once.
    pub(crate) fn peak_bytes(&self) -> usize {
        self.peak_bytes.load(Relaxed)
    }

    /// Returns how often a buffer had wrong bytes: other than were written, or not zeros at first.
    pub(crate) fn wrong(&self) -> usize {
        self.wrong.load(Relaxed)
    }

    fn begin(&self, bytes: usize) {
        let live = self.live_bytes.fetch_add(bytes, Relaxed) + bytes;
        self.peak_bytes.fetch_max(live, Relaxed);
    }

    fn end(&self, bytes: usize, right: bool) {
        self.live_bytes.fetch_sub(bytes, Relaxed);
        self.wrong.fetch_add(usize::from(!right), Relaxed);
    }
}

/// One round of one decoder.
#[derive(Clone, Copy)]
pub(crate) struct Turn<'r> {
    pub(crate) counts: &'r Counts,
    pub(crate) decoder: usize,
    pub(crate) round: usize,
    /// Whether zeroed buffers are read before they are written. Reading costs additional page
    /// faults, so measured rounds do not check.
    pub(crate) check_zeros: bool,
}

/// A buffer and the word of the pattern that was written to it.
struct Live<B> {
    buffer: B,
    word: u64,
}

impl<B: DerefMut<Target = [u8]>> Live<B> {
    fn begin(turn: Turn<'_>, request: &Request, take: impl FnOnce() -> B) -> Self {
        turn.counts.begin(request.bytes);
        let mut buffer = in_strategy(take);
        let bytes = buffer.len();
        let zeroed = turn.check_zeros && request.fill == Fill::Zeroed;
        let right = bytes == request.bytes && (!zeroed || pattern::is_written(&buffer, 0));
        if !right {
            turn.counts.wrong.fetch_add(1, Relaxed);
        }
        let word = pattern::word(turn.decoder, turn.round, request.number);
        pattern::write(&mut buffer, word);
        Self { buffer, word }
    }

    fn end(self, turn: Turn<'_>) {
        let right = pattern::is_written(&self.buffer, self.word);
        turn.counts.end(self.buffer.len(), right);
        in_strategy(|| drop(self.buffer));
    }
}

/// An open frame or stage in any memory.
trait OpenScope: Sync {
    fn request(&self, turn: Turn<'_>, request: &Request);
    fn stage(&self, turn: Turn<'_>, scope: usize, steps: &[Step], around: Around<'_>);
    fn scratch(&self, turn: Turn<'_>, scope: usize, steps: &[Step], around: Around<'_>);
}

/// An open scratch in any memory.
trait OpenScratch {
    fn request(&self, turn: Turn<'_>, request: &Request);
}

/// The memory of a decoder: frames, and buffers that end on their own.
trait OpenMemory: Sync {
    fn frame(&self, turn: Turn<'_>, frame: &Frame, around: &[(usize, &dyn OpenScope)]);
    fn request(&self, turn: Turn<'_>, request: &Request);
    fn end(&self, turn: Turn<'_>, number: usize);
}

/// Surroundings of a step: the open scopes by number, and the scratches of the task.
#[derive(Clone, Copy)]
struct Around<'a> {
    memory: &'a dyn OpenMemory,
    scopes: &'a [(usize, &'a dyn OpenScope)],
    scratches: &'a [(usize, &'a dyn OpenScratch)],
}

impl<'a> Around<'a> {
    fn scope(&self, number: usize) -> &'a dyn OpenScope {
        let mut scopes = self.scopes.iter().rev();
        let found = scopes.find(|(other, _)| *other == number);
        found.expect("an open scope").1
    }

    fn scratch(&self, number: usize) -> Option<&'a dyn OpenScratch> {
        let found = self.scratches.iter().find(|(other, _)| *other == number);
        found.map(|&(_, scratch)| scratch)
    }
}

fn run_steps(turn: Turn<'_>, steps: &[Step], around: Around<'_>) {
    for step in steps {
        run_step(turn, step, around);
    }
}

fn run_step(turn: Turn<'_>, step: &Step, around: Around<'_>) {
    match step {
        Step::Request(request) => match around.scratch(request.scope) {
            Some(scratch) => scratch.request(turn, request),
            None => around.scope(request.scope).request(turn, request),
        },
        Step::Stage {
            parent,
            scope,
            steps,
        } => around.scope(*parent).stage(turn, *scope, steps, around),
        Step::Scratch {
            parent,
            scope,
            steps,
        } => around.scope(*parent).scratch(turn, *scope, steps, around),
        Step::Tasks(tasks) => {
            let Around { memory, scopes, .. } = around;
            tasks.par_iter().with_max_len(1).for_each(|task| {
                let around = Around {
                    memory,
                    scopes,
                    scratches: &[],
                };
                run_step(turn, task, around);
            });
        }
        Step::Frame(frame) => around.memory.frame(turn, frame, around.scopes),
        Step::Own(request) => around.memory.request(turn, request),
        Step::EndOwn(number) => around.memory.end(turn, *number),
    }
}

struct InScope<'s, S: Scope + 's> {
    scope: &'s S,
    live: Mutex<Vec<Live<S::Buffer<'s>>>>,
}

impl<'s, S: Scope> OpenScope for InScope<'s, S> {
    fn request(&self, turn: Turn<'_>, request: &Request) {
        let take = || self.scope.buffer(request.bytes, request.fill);
        let live = Live::begin(turn, request, take);
        self.live.lock().unwrap().push(live);
    }

    fn stage(&self, turn: Turn<'_>, scope: usize, steps: &[Step], around: Around<'_>) {
        let mut run = |stage: &S| in_engine(|| run_scope(stage, turn, scope, steps, around));
        in_strategy(|| self.scope.with_stage(&mut run));
    }

    fn scratch(&self, turn: Turn<'_>, scope: usize, steps: &[Step], around: Around<'_>) {
        let mut run = |scratch: &S::Scratch<'_>| {
            in_engine(|| run_scratch(scratch, turn, scope, steps, around));
        };
        in_strategy(|| self.scope.with_scratch(&mut run));
    }
}

fn run_scope<S: Scope>(
    scope: &S,
    turn: Turn<'_>,
    number: usize,
    steps: &[Step],
    around: Around<'_>,
) {
    let open = InScope {
        scope,
        live: Mutex::default(),
    };
    let mut scopes = around.scopes.to_vec();
    scopes.push((number, &open));
    let inside = Around {
        scopes: &scopes,
        ..around
    };
    run_steps(turn, steps, inside);
    drop(scopes);
    for live in open.live.into_inner().unwrap() {
        live.end(turn);
    }
}

struct InScratch<'s, S: Scratch + 's> {
    scratch: &'s S,
    live: RefCell<Vec<Live<S::Buffer<'s>>>>,
}

impl<S: Scratch> OpenScratch for InScratch<'_, S> {
    fn request(&self, turn: Turn<'_>, request: &Request) {
        let take = || self.scratch.buffer(request.bytes, request.fill);
        let live = Live::begin(turn, request, take);
        self.live.borrow_mut().push(live);
    }
}

fn run_scratch<S: Scratch>(
    scratch: &S,
    turn: Turn<'_>,
    number: usize,
    steps: &[Step],
    around: Around<'_>,
) {
    let open = InScratch {
        scratch,
        live: RefCell::default(),
    };
    let mut scratches = around.scratches.to_vec();
    scratches.push((number, &open));
    let inside = Around {
        scratches: &scratches,
        ..around
    };
    run_steps(turn, steps, inside);
    drop(scratches);
    for live in open.live.into_inner() {
        live.end(turn);
    }
}

/// One decoder, with its buffers that end on their own.
pub(crate) struct Decoder<'m, M: Memory> {
    memory: &'m M,
    own: Mutex<HashMap<usize, Live<M::Own<'m>>>>,
}

impl<'m, M: Memory> Decoder<'m, M> {
    pub(crate) fn new(memory: &'m M) -> Self {
        Self {
            memory,
            own: Mutex::default(),
        }
    }

    /// Makes the requests of all frames of a program, on the rayon pool of the caller.
    pub(crate) fn replay(&self, turn: Turn<'_>, program: &Program) {
        for frame in &program.frames {
            self.frame(turn, frame, &[]);
        }
        for (_, live) in self.own.lock().unwrap().drain() {
            live.end(turn);
        }
    }
}

impl<M: Memory> OpenMemory for Decoder<'_, M> {
    fn frame(&self, turn: Turn<'_>, frame: &Frame, around: &[(usize, &dyn OpenScope)]) {
        let around = Around {
            memory: self,
            scopes: around,
            scratches: &[],
        };
        let mut run = |scope: &M::Scope| {
            in_engine(|| run_scope(scope, turn, frame.scope, &frame.steps, around));
        };
        in_strategy(|| self.memory.with_frame(&mut run));
    }

    fn request(&self, turn: Turn<'_>, request: &Request) {
        let take = || self.memory.own(request.bytes, request.fill);
        let live = Live::begin(turn, request, take);
        self.own.lock().unwrap().insert(request.number, live);
    }

    fn end(&self, turn: Turn<'_>, number: usize) {
        let ended = self.own.lock().unwrap().remove(&number);
        ended.expect("a request before its end").end(turn);
    }
}
