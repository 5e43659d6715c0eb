//! A new arena as the oracle: if nothing is open, a program of requests has the same outcome in a
//! used arena as in a new one, to the byte of every refusal.

use std::any::Any;
use std::sync::atomic::{AtomicUsize, Ordering};

use frame_arena::{
    AllocError, Arena, FramePlan, PictureLayout, PlanRequest, PlaneAlloc, RawLayout, Scope,
};

use super::collections::Plain;
use super::tape::Tape;

/// Counts compared requests, and refused ones.
pub(crate) static COMPARED: AtomicUsize = AtomicUsize::new(0);
pub(crate) static REFUSED: AtomicUsize = AtomicUsize::new(0);

/// The outcome of a request, and the bytes in use then.
#[derive(Debug, PartialEq)]
struct Outcome {
    refused: Option<AllocError>,
    /// Whether a vector was refused; its error has no details.
    is_refused: bool,
    in_use_bytes: usize,
    charged_bytes: usize,
}

/// A program in one arena.
struct Trial<'a> {
    arena: &'a Arena,
    outcomes: Vec<Outcome>,
    /// Memory outside of all scopes.
    held: Vec<Box<dyn Any>>,
}

/// Runs a random program in both arenas, which have the same limit and nothing in use.
pub(crate) fn compare(used: &Arena, new: &Arena, tape: &mut Tape<'_>) {
    let program: Vec<u8> = (0..tape.pick(100)).map(|_| tape.byte()).collect();
    let outcomes = [used, new].map(|arena| Trial::run(arena, &program));
    assert_eq!(outcomes[0], outcomes[1]);
    COMPARED.fetch_add(outcomes[0].len(), Ordering::Relaxed);
    let refused = outcomes[0].iter().filter(|outcome| outcome.is_refused);
    REFUSED.fetch_add(refused.count(), Ordering::Relaxed);
}

fn bytes(tape: &mut Tape<'_>) -> usize {
    let most = [300, 5000, 60_000, 400_000][tape.pick(4)];
    1 + tape.below(65536) * most / 65536
}

fn layout(tape: &mut Tape<'_>) -> PictureLayout {
    PictureLayout::yuv420(1 + 2 * tape.pick(256), 1 + tape.pick(200)).border(tape.pick(40))
}

impl<'a> Trial<'a> {
    fn run(arena: &'a Arena, program: &[u8]) -> Vec<Outcome> {
        let mut trial = Self {
            arena,
            outcomes: Vec::new(),
            held: Vec::new(),
        };
        let mut tape = Tape::new(program);
        while !tape.is_at_end() {
            match tape.pick(4) {
                0 => trial.outside(&mut tape),
                1 => trial.reserve(&mut tape),
                2 => trial.part(&mut tape),
                _ => trial.frame(&mut tape),
            }
        }
        trial.held.clear();
        trial.note(Ok(()));
        trial.outcomes
    }

    fn note<T>(&mut self, outcome: Result<T, AllocError>) -> Option<T> {
        let (made, refused) = match outcome {
            Ok(made) => (Some(made), None),
            Err(refused) => (None, Some(refused)),
        };
        let is = self.arena.snapshot();
        self.outcomes.push(Outcome {
            refused,
            is_refused: refused.is_some(),
            in_use_bytes: is.in_use_bytes,
            charged_bytes: is.charged_bytes,
        });
        made
    }

    /// Records the outcome of a request outside all frames, and holds its memory.
    fn keep(&mut self, outcome: Result<impl Any, AllocError>) {
        if let Some(made) = self.note(outcome) {
            self.held.push(Box::new(made));
        }
    }

    fn outside(&mut self, tape: &mut Tape<'_>) {
        let arena = self.arena;
        match tape.pick(8) {
            0 => self.keep(arena.detached_plane::<u16>(bytes(tape), 1 + tape.pick(3))),
            1 => self.keep(arena.stale_detached_planes::<u8>(3, bytes(tape), 1)),
            2 => self.keep(arena.detached_picture::<u8>(&layout(tape))),
            3 => {
                let picture = arena.stale_detached_picture::<u8>(&layout(tape));
                self.keep(picture.map(|picture| picture.into_shared()));
            }
            4 => {
                let layout = RawLayout::new(bytes(tape)).align_bytes(64 << tape.pick(7));
                self.keep(arena.raw_buffer(layout));
            }
            5 => self.owned(tape),
            _ if self.held.is_empty() => {}
            _ => {
                let index = tape.pick(self.held.len());
                drop(self.held.swap_remove(index));
                self.note(Ok(()));
            }
        }
    }

    /// Makes owned scopes, and keeps only their planes.
    fn owned(&mut self, tape: &mut Tape<'_>) {
        let Some(frame) = self.note(self.arena.owned_frame()) else {
            return;
        };
        self.keep(frame.owned_plane::<u8>(bytes(tape), 1));
        let Some(stage) = self.note(frame.owned_stage("stage")) else {
            return;
        };
        drop(frame);
        for _ in 0..1 + tape.pick(3) {
            self.keep(stage.owned_slice::<u16>(bytes(tape)));
        }
    }

    /// Makes a share, allotted or not, and keeps it.
    fn part(&mut self, tape: &mut Tape<'_>) {
        let limit_bytes = 2 * bytes(tape);
        let own = match tape.pick(2) {
            0 => self.note(self.arena.share(limit_bytes)),
            _ => self.note(self.arena.allot(limit_bytes)),
        };
        let Some(own) = own else {
            return;
        };
        for _ in 0..1 + tape.pick(3) {
            self.keep(own.detached_plane::<u8>(bytes(tape), 1));
            let slice = own.with_frame(|frame| frame.slice::<u8>(bytes(tape)).map(drop));
            self.note(slice);
        }
        self.held.push(Box::new(own));
    }

    /// Makes a plan, its reserve, and a frame that keeps to the plan.
    fn reserve(&mut self, tape: &mut Tape<'_>) {
        let requests: Vec<usize> = (0..tape.pick(6)).map(|_| bytes(tape)).collect();
        let in_stage = tape.pick(requests.len() + 1);
        let mut plan = FramePlan::new(self.arena);
        let planned = plan.frame(|frame| {
            let (of_stage, of_frame) = requests.split_at(in_stage);
            for &bytes in of_frame {
                frame.bytes(bytes)?;
            }
            frame.stage("stage", |stage| {
                of_stage.iter().try_for_each(|&bytes| stage.bytes(bytes))
            })
        });
        self.note(planned);
        let Some(reserved) = self.note(self.arena.reserve(&plan)) else {
            return;
        };
        let frame = reserved.frame();
        let (of_stage, of_frame) = requests.split_at(in_stage);
        for &bytes in of_frame {
            assert!(frame.slice::<u8>(bytes).is_ok(), "as planned");
        }
        let stage = frame.stage("stage");
        for &bytes in of_stage {
            assert!(stage.slice::<u8>(bytes).is_ok(), "as planned");
        }
        self.note(Ok(()));
    }

    fn frame(&mut self, tape: &mut Tape<'_>) {
        let frame = self.arena.frame();
        self.scope(&frame, tape, 0);
        drop(frame);
        self.note(Ok(()));
    }

    fn scope(&mut self, scope: &Scope, tape: &mut Tape<'_>, depth: usize) {
        let (mut charges, mut lists) = (Vec::new(), Plain::new());
        while !tape.is_at_end() {
            match tape.pick(12) {
                0..3 => drop(self.note(scope.slice::<u8>(bytes(tape)).map(drop))),
                3 => {
                    let planes =
                        scope.stale_planes::<u16>(3, 1 + tape.pick(200), 1 + tape.pick(40));
                    self.note(planes.map(drop));
                }
                4 => drop(self.note(scope.picture::<u8>(&layout(tape)).map(drop))),
                5 => {
                    let plane = scope.plane::<u8>(bytes(tape), 1);
                    self.keep(plane.and_then(|plane| scope.detach(plane)));
                }
                6 => {
                    let charge = self.note(scope.charge(bytes(tape)));
                    charges.extend(charge);
                }
                7 if depth < 3 => self.scope(&scope.stage("stage"), tape, depth + 1),
                8 => {
                    let scratch = scope.scratch();
                    let mut lists = Plain::new();
                    for _ in 0..1 + tape.pick(4) {
                        self.note(scratch.slice::<u8>(bytes(tape)).map(drop));
                        self.list(lists.reserve(&scratch, bytes(tape)));
                    }
                }
                9 | 10 => self.list(lists.reserve(scope, bytes(tape))),
                _ => break,
            }
        }
    }

    fn list(&mut self, is_granted: bool) {
        self.note(Ok(()));
        let outcome = self.outcomes.last_mut().expect("an outcome");
        outcome.is_refused = !is_granted;
    }
}
