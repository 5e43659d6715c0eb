//! The decoder of `examples/video.rs`: once the arena is warm, pictures that are predicted from
//! shared ones and shown by another thread in another order need no call to the global allocator
//! and no page fault. The pictures are correct.

#[path = "../../examples/video/decoder.rs"]
mod decoder;
#[path = "../../examples/video/display.rs"]
mod display;
#[path = "../../examples/video/naive.rs"]
mod naive;
#[path = "../../examples/video/stream.rs"]
mod stream;

use std::thread;

use decoder::Decoder;
use display::Display;
use frame_arena::{Arena, Retention};
use stream::Segment;

use super::count::Costs;

const SEGMENTS: [Segment; 4] = [
    Segment {
        width: 256,
        height: 144,
        groups: 4,
    },
    Segment {
        width: 171,
        height: 97,
        groups: 4,
    },
    Segment {
        width: 321,
        height: 181,
        groups: 4,
    },
    Segment {
        width: 256,
        height: 144,
        groups: 4,
    },
];

/// More frames than the arena retains unused memory for.
const COLD_FRAMES: usize = 24;

/// The checksums of the pictures as shown, and the costs of each frame.
fn decode(arena: &Arena, segments: &[Segment]) -> (Vec<u64>, Vec<Costs>) {
    let display = Display::default();
    let frames = segments.iter().map(Segment::frames).sum();
    let mut costs = Vec::with_capacity(frames);
    let shown = thread::scope(|scope| {
        let shown = scope.spawn(|| display.run(frames));
        let mut decoder = Decoder::new(arena, &display);
        for segment in segments {
            for index in 0..segment.frames() {
                let before = Costs::now();
                decoder.decode(segment, index).expect("memory");
                costs.push(Costs::now().since(before));
            }
        }
        display.end();
        shown.join().expect("no panic")
    });
    let snapshot = arena.snapshot();
    assert_eq!((snapshot.live_bytes, snapshot.in_use_bytes), (0, 0));
    (shown, costs)
}

/// Faults are not checked under AddressSanitizer, whose shadow memory faults too.
fn is_quiet(costs: &Costs) -> bool {
    costs.calls == 0 && (cfg!(frame_arena_asan) || costs.minor_faults == 0)
}

pub(crate) fn warm_frames_neither_allocate_nor_fault() {
    let right = naive::checksums(&SEGMENTS);
    // With small blocks, each picture is a large request with a run of its own.
    for builder in [Arena::builder(), Arena::builder().block_bytes(16 << 10)] {
        assert_once("after a change of size", || {
            let (shown, costs) = decode(&builder.build(), &SEGMENTS);
            assert!(shown == right, "the pictures are others");
            let mut rest = &costs[..];
            SEGMENTS.iter().all(|segment| {
                let (frames, behind) = rest.split_at(segment.frames());
                rest = behind;
                frames[COLD_FRAMES..].iter().all(is_quiet)
            })
        });
    }
    // If everything is retained, a change of size costs nothing the second time.
    assert_once("where all is kept", || {
        let arena = Arena::builder().retention(Retention::KeepAll).build();
        let twice = [SEGMENTS, SEGMENTS].concat();
        let (shown, costs) = decode(&arena, &twice);
        assert!(shown == [&right[..], &right[..]].concat());
        costs[right.len()..].iter().all(is_quiet)
    });
}

/// Asserts that a decode is quiet in one of three attempts, as the counts are those of the process,
/// which also does other work.
fn assert_once(name: &str, is_quiet: impl Fn() -> bool) {
    let quiet = (0..3).position(|_| is_quiet());
    println!("{name}: quiet in attempt {quiet:?}");
    assert!(quiet.is_some(), "{name}: costs of warm frames");
}
