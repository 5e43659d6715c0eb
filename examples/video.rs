//! A video decoder that keeps eight pictures and shows them in another order than it decodes them:
//! `cargo run --release --example video`.
//!
//! Each picture is predicted from two earlier ones, also beyond their edges, where the prediction
//! reads borders. A display thread shows pictures in order. The size of the pictures changes twice.
//! Once the arena is warm, a frame makes no call to the global allocator and no page fault. All
//! pictures equal those of a decoder that uses vectors.

#[path = "../tests/zero_alloc/count.rs"]
mod count;
#[path = "video/decoder.rs"]
mod decoder;
#[path = "video/display.rs"]
mod display;
#[path = "video/naive.rs"]
mod naive;
#[path = "video/stream.rs"]
mod stream;

use count::{Costs, Counting};
use decoder::Decoder;
use display::Display;
use frame_arena::{AllocError, Arena};
use stream::Segment;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const SEGMENTS: [Segment; 3] = [
    Segment {
        width: 1280,
        height: 720,
        groups: 5,
    },
    Segment {
        width: 854,
        height: 480,
        groups: 5,
    },
    Segment {
        width: 1280,
        height: 720,
        groups: 5,
    },
];

/// Frames after a change of size until the arena has taken the memory that they need and released
/// the rest. It retains the need of the last 16 frames.
const COLD_FRAMES: usize = 24;

fn main() -> Result<(), AllocError> {
    let arena = Arena::new();
    let display = Display::default();
    let frames = SEGMENTS.iter().map(Segment::frames).sum();
    let mut costs = Vec::with_capacity(frames);
    let shown = std::thread::scope(|scope| {
        let shown = scope.spawn(|| display.run(frames));
        let outcome = decode(&arena, &display, &mut costs);
        display.end();
        outcome.map(|()| shown.join().expect("no panic"))
    })?;
    assert_eq!(shown, naive::checksums(&SEGMENTS), "pictures");
    println!(
        "{} pictures as a decoder with vectors has them",
        shown.len()
    );

    let mut costs = costs.into_iter();
    for segment in SEGMENTS {
        let all: Vec<Costs> = costs.by_ref().take(segment.frames()).collect();
        let (cold, warm) = all.split_at(COLD_FRAMES);
        let largest = |costs: &[Costs], of: fn(&Costs) -> u64| costs.iter().map(of).max();
        let [calls, faults]: [fn(&Costs) -> u64; 2] =
            [|costs| costs.calls, |costs| costs.minor_faults];
        println!(
            "{} x {}: allocator calls and page faults per frame: at most {} and {} in the first \
             {COLD_FRAMES} frames, {} and {} in the {} behind",
            segment.width,
            segment.height,
            largest(cold, calls).unwrap_or(0),
            largest(cold, faults).unwrap_or(0),
            largest(warm, calls).unwrap_or(0),
            largest(warm, faults).unwrap_or(0),
            warm.len()
        );
        assert!(warm.iter().all(|costs| *costs == Costs::default()));
    }
    let snapshot = arena.snapshot();
    println!(
        "{} runs made, {} reused, at most {} bytes held",
        snapshot.runs_made, snapshot.runs_reused, snapshot.peak_held_bytes
    );
    assert_eq!(snapshot.live_bytes, 0);
    Ok(())
}

/// Decodes all segments, and records the costs of each frame.
fn decode(arena: &Arena, display: &Display, costs: &mut Vec<Costs>) -> Result<(), AllocError> {
    let mut decoder = Decoder::new(arena, display);
    for segment in SEGMENTS {
        for index in 0..segment.frames() {
            let before = Costs::now();
            decoder.decode(&segment, index)?;
            costs.push(Costs::now().since(before));
        }
    }
    Ok(())
}
