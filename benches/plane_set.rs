//! Requests a set of three planes of 256 x 256 `f32` and returns it with its scope.

#[path = "support/counting.rs"]
mod counting;
#[path = "support/side_by_side.rs"]
mod side_by_side;
#[path = "support/strategies.rs"]
mod strategies;

use std::hint::black_box;

use criterion::Criterion;
use frame_arena::{Arena, Frame, PlaneAlloc, PlaneSet};
use side_by_side::SideBySide;
use strategies::{Fill, Rows, Strategy, Use, Wanted};

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;

const WANTED: Wanted = Wanted {
    count: 3,
    width: 256,
    height: 256,
};

fn main() {
    let smoke = std::env::args().any(|argument| argument == "--test");
    let mut criterion = Criterion::default().configure_from_args();
    SideBySide {
        title: "plane set 3 x 256 x 256",
        unit: "set",
        verified: WANTED,
        work: take,
        iterations: if smoke { 2 } else { 5000 },
        arenas: &[
            ("arena, stage", |fill| Box::new(StageSets::new(fill))),
            ("arena, frame", |fill| Box::new(FrameSets::new(fill))),
        ],
    }
    .run(&mut criterion);
}

/// Requests a set, writes one sample of each plane, and returns it.
fn take(strategy: &mut dyn Strategy) {
    strategy.with_planes(WANTED, &mut |planes| {
        for plane in 0..WANTED.count {
            let row = black_box(planes.row_mut(plane, 100 + plane));
            row[plane] = 1.0;
        }
    });
}

impl Rows for PlaneSet<'_, f32> {
    fn row_mut(&mut self, plane: usize, y: usize) -> &mut [f32] {
        self.plane_mut(plane).into_rows().nth(y).unwrap()
    }
}

/// A set of a frame.
struct FrameSets {
    arena: Arena,
    fill: Fill,
}

impl FrameSets {
    fn new(fill: Fill) -> Self {
        Self {
            arena: counting::arena(),
            fill,
        }
    }
}

impl Strategy for FrameSets {
    fn with_planes(&mut self, wanted: Wanted, work: Use<'_>) {
        let frame = self.arena.frame();
        work(&mut request(&*frame, self.fill, wanted));
    }
}

fn request<S: PlaneAlloc>(scope: &S, fill: Fill, wanted: Wanted) -> PlaneSet<'_, f32> {
    let Wanted {
        count,
        width,
        height,
    } = wanted;
    let planes = match fill {
        Fill::Zero => scope.planes(count, width, height),
        Fill::Stale => scope.stale_planes(count, width, height),
    };
    planes.unwrap()
}

/// A set of a stage, in a frame that stays open to the end of the process.
struct StageSets {
    frame: &'static Frame,
    fill: Fill,
}

impl StageSets {
    fn new(fill: Fill) -> Self {
        Self {
            frame: Box::leak(Box::new(counting::arena().frame())),
            fill,
        }
    }
}

impl Strategy for StageSets {
    fn with_planes(&mut self, wanted: Wanted, work: Use<'_>) {
        let stage = self.frame.stage("set");
        work(&mut request(&*stage, self.fill, wanted));
    }
}
