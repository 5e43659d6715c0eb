//! Measures the heap for C libraries beside malloc: `codecs-heap load malloc|arena THREADS`.

#[path = "../load.rs"]
mod load;

use std::env;

use frame_arena::Arena;
use frame_arena_hooks::heap::HeapHook;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [memory, most_log2, threads] = &arguments[..] else {
        eprintln!("usage: codecs-heap malloc|arena LOG2-OF-LARGEST-SIZE THREADS");
        std::process::exit(2);
    };
    let load = load::Load {
        most_log2: most_log2.parse().expect("a number"),
        threads: threads.parse().expect("a number"),
    };
    let before = load::resident_bytes();
    let arena = Arena::new();
    // As around a decode: without, each piece that returns would count as the end of a frame.
    let frame = arena.frame();
    let hook = HeapHook::new(&arena);
    let functions = match memory.as_str() {
        "malloc" => load::MALLOC,
        _ => load::Functions::of(hook.zstd()),
    };
    let measured = load.run(functions, || load::resident_bytes() - before);
    println!(
        "{:.0} ns for alloc and free, {} KiB requested, {} KiB resident",
        measured.nanos,
        measured.live_bytes >> 10,
        measured.resident_bytes >> 10
    );
    drop(frame);
}
