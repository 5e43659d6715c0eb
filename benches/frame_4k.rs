//! One 4K frame of nine `f32` planes whose every page is touched.

#[path = "support/counting.rs"]
mod counting;
#[path = "support/side_by_side.rs"]
mod side_by_side;
#[path = "support/strategies.rs"]
mod strategies;

use std::time::Duration;

use criterion::Criterion;
use frame_arena::{Arena, Plane, PlaneAlloc};
use side_by_side::SideBySide;
use strategies::{Fill, Rows, Strategy, Use, Wanted};

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;

const WANTED: Wanted = Wanted {
    count: 9,
    width: 3840,
    height: 2160,
};
const PAGE_SAMPLES: usize = 1024;

fn main() {
    let smoke = std::env::args().any(|argument| argument == "--test");
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    SideBySide {
        title: "4K frame of 9 planes",
        unit: "frame",
        verified: Wanted {
            height: if smoke { 216 } else { WANTED.height },
            ..WANTED
        },
        work: touch,
        iterations: if smoke { 1 } else { 8 },
        arenas: &[("arena", |fill| {
            Box::new(ArenaPlanes {
                arena: counting::arena(),
                fill,
            })
        })],
    }
    .run(&mut criterion);
}

/// Requests the planes of a frame, writes a sample in every page, reads the samples back, and
/// returns the planes.
fn touch(strategy: &mut dyn Strategy) {
    let mut sum = 0;
    strategy.with_planes(WANTED, &mut |planes| {
        for pass in 0..2 {
            for plane in 0..WANTED.count {
                for y in 0..WANTED.height {
                    for sample in planes.row_mut(plane, y).iter_mut().step_by(PAGE_SAMPLES) {
                        match pass {
                            0 => *sample = (plane + 1) as f32,
                            _ => sum += *sample as usize,
                        }
                    }
                }
            }
        }
    });
    let touched = WANTED.width.div_ceil(PAGE_SAMPLES) * WANTED.height;
    assert_eq!(
        sum,
        touched * (1..=WANTED.count).sum::<usize>(),
        "a wrong sample"
    );
}

/// Up to nine planes of a frame, each requested by itself.
struct ArenaPlanes {
    arena: Arena,
    fill: Fill,
}

impl Rows for [Option<Plane<'_, f32>>; 9] {
    fn row_mut(&mut self, plane: usize, y: usize) -> &mut [f32] {
        self[plane].as_mut().unwrap().row_mut(y)
    }
}

impl Strategy for ArenaPlanes {
    fn with_planes(&mut self, wanted: Wanted, work: Use<'_>) {
        let frame = self.arena.frame();
        let mut planes: [Option<Plane<'_, f32>>; 9] = std::array::from_fn(|index| {
            (index < wanted.count).then(|| match self.fill {
                Fill::Zero => frame.plane(wanted.width, wanted.height).unwrap(),
                Fill::Stale => frame.stale_plane(wanted.width, wanted.height).unwrap(),
            })
        });
        work(&mut planes);
    }
}
