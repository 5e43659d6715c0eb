//! Libraries with the heap's functions.

#[path = "../library.rs"]
mod library;

use codecs_measure::instructions;
use frame_arena::Arena;
use library::{Heap, LIBRARIES, NO_MEMORY, ROOM};

const PROGRAM: &str = env!("CARGO_BIN_EXE_codecs-libraries");

#[test]
fn results_are_the_same_and_a_limit_is_the_library_s_error() {
    for library in LIBRARIES {
        let Some(file) = library.file() else {
            continue;
        };
        let own = library.decode(None, &file, ROOM).unwrap();
        assert!(own.len() > 500_000);
        let arena = Arena::new();
        let heap = Heap::new(&arena);
        let mut made = 0;
        for round in 0..4 {
            let frame = arena.frame();
            assert!(library.decode(Some(&heap), &file, ROOM).unwrap() == own);
            drop(frame);
            let snapshot = arena.snapshot();
            assert!(round < 2 || snapshot.runs_made == made);
            made = snapshot.runs_made;
        }
        heap.trim();
        assert_eq!(arena.snapshot().in_use_bytes, 0);
        let need = arena.snapshot().peak_held_bytes;
        eprintln!("{}: {} KiB, {made} runs", library.name, need >> 10);

        for (limit_bytes, fits) in [(4 << 10, false), (need / 2, false), (need, true)] {
            let arena = Arena::builder().limit_bytes(limit_bytes).build();
            let heap = Heap::new(&arena);
            for _ in 0..2 {
                let decoded = library.decode(Some(&heap), &file, ROOM);
                match fits {
                    true => assert!(decoded.is_ok_and(|decoded| decoded == own)),
                    false => assert_eq!(decoded.err(), Some(NO_MEMORY), "{}", library.name),
                }
            }
            heap.trim();
            assert_eq!(arena.snapshot().in_use_bytes, 0);
        }
    }
}

/// A decode takes at most one percent more instructions than with malloc.
#[test]
fn instructions() {
    for library in LIBRARIES {
        if library.file().is_none() {
            continue;
        }
        let of_decode = |memory: &str| {
            let of = |decodes: &str| {
                instructions::of(PROGRAM.as_ref(), &[library.name, memory, decodes]).unwrap()
            };
            (of("12") - of("2")) / 10
        };
        let [own, heap] = ["own", "arena"].map(of_decode);
        eprintln!("{}: own {own}, heap {heap} instructions", library.name);
        assert!(heap as f64 <= own as f64 * 1.01);
    }
}
