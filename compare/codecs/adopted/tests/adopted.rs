//! Checks of decoders in Rust whose large allocations an arena adopts.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use codecs_adopted::still;
use codecs_measure::{checks, streams};
use frame_arena::Arena;
use frame_arena_hooks::global::FrameGlobal;

#[global_allocator]
static GLOBAL: FrameGlobal = FrameGlobal::new();

const PROGRAM: &str = env!("CARGO_BIN_EXE_codecs-adopted");

/// Small allocations are not adopted. The system's heap keeps their pages, so that faults are those
/// of the arena's memory.
const KEEPING: (&str, &str) = (
    "GLIBC_TUNABLES",
    "glibc.malloc.trim_threshold=1000000000:glibc.malloc.mmap_threshold=1000000000",
);

#[test]
fn samples_are_the_same_and_warm_pictures_fault_no_pages() {
    for file in streams::starting_with("still-640x480") {
        // Four pictures each time.
        let [_, arena] = checks::same_samples(Path::new(PROGRAM), 20, &file, &[KEEPING]);
        // The pages in which the system's heap grows at first, over all pictures.
        assert!(arena.faults < 1.0);
    }
}

#[test]
fn samples_of_scenarios_are_the_same() {
    let mut pictures = streams::starting_with("still-");
    pictures.retain(|file| file.extension().is_some_and(|extension| extension == "png"));
    checks::same_samples_in_scenarios(Path::new(PROGRAM), &pictures);
}

#[test]
fn adopting_takes_one_percent_more_instructions_at_most() {
    for file in streams::starting_with("still-640x480.png") {
        checks::instructions(Path::new(PROGRAM), 2, &file);
    }
}

#[test]
fn a_limit_is_an_error_and_the_next_picture_decodes() {
    let find = |name| streams::starting_with(name).into_iter().next();
    let (Some(large), Some(small)) = (find("still-640x480.jxl"), find("still-640x480.png")) else {
        return;
    };
    let arena = Arena::builder().limit_bytes(3 << 20).build();
    let decode = |path: &Path| still::decode(path, &fs::read(path).unwrap(), Some(&arena));
    for _ in 0..2 {
        let refused = decode(&large).unwrap_err();
        assert!(refused.to_string().contains("exceeded the arena's limit"));
        decode(&small).unwrap();
    }
    let snapshot = arena.snapshot();
    assert_eq!(snapshot.in_use_bytes, 0);
    assert!(snapshot.peak_held_bytes <= 3 << 20);
}

/// 16 threads decode pictures of several formats at once, each in another order. The arena holds at
/// most 1.1 times what is live, and the 4 MiB that small arenas may retain in addition.
#[test]
fn mixed_pictures_hold_what_they_need() {
    const THREADS: usize = 16;
    let files: Vec<PathBuf> = streams::starting_with("still-640x480")
        .into_iter()
        .filter(|file| {
            let extension = file.extension().unwrap_or_default();
            // exr decodes on threads of its own, which keep 124 KiB or more beyond a picture.
            extension != "jxl" && extension != "exr"
        })
        .collect();
    if files.is_empty() {
        return;
    }
    let arena = Arena::new();
    thread::scope(|scope| {
        for index in 0..THREADS {
            let (files, arena) = (&files, &arena);
            scope.spawn(move || {
                for step in 0..20 * files.len() {
                    let path = &files[(step + index) % files.len()];
                    still::decode(path, &fs::read(path).unwrap(), Some(arena)).unwrap();
                }
            });
        }
    });
    let snapshot = arena.snapshot();
    checks::held_over_live(&snapshot);
    assert_eq!(snapshot.in_use_bytes, 0);
    let bound_bytes = snapshot.peak_bytes + snapshot.peak_bytes / 10 + (4 << 20);
    assert!(snapshot.peak_held_bytes <= bound_bytes);
}
