//! Measures the heap for C libraries beside malloc: `codecs-heap malloc|arena LOG2 THREADS FRAME`.

#[path = "../load.rs"]
mod load;

use std::env;

use frame_arena::Arena;
use frame_arena_hooks::heap::HeapHook;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [memory, most_log2, threads, of_frame] = &arguments[..] else {
        eprintln!("usage: codecs-heap malloc|arena LOG2-OF-LARGEST-SIZE THREADS PIECES-OF-A-FRAME");
        std::process::exit(2);
    };
    let load = load::Load {
        most_log2: most_log2.parse().expect("a number"),
        threads: threads.parse().expect("a number"),
        of_frame: of_frame.parse().expect("a number"),
    };
    let before = load::resident_bytes();
    let arena = Arena::new();
    let hook = HeapHook::new(&arena);
    let (functions, arena) = match memory.as_str() {
        "malloc" => (load::MALLOC, None),
        _ => (load::Functions::of(hook.zstd()), Some(&arena)),
    };
    let measured = load.run(functions, arena, || load::resident_bytes() - before);
    println!(
        "{:.0} ns for alloc and free, {} KiB requested, {} KiB resident",
        measured.nanos,
        measured.live_bytes >> 10,
        measured.resident_bytes >> 10
    );
}
