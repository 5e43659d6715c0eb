//! Measures libraries with the heap for C libraries and with malloc:
//! `codecs-libraries LIBRARY own|arena DECODES`.

#[path = "../library.rs"]
mod library;

use std::env;

use codecs_measure::{allocations, process};
use frame_arena::Arena;
use library::{Heap, LIBRARIES, Library, ROOM};

/// Decodes again and again, and prints figures per decode after the second.
fn decodes(library: &Library, memory: &str, count: u32) {
    let file = library.file().expect("a file");
    let arena = Arena::new();
    let heap = (memory == "arena").then(|| Heap::new(&arena));
    let mut before = None;
    for at in 0..count {
        if at == 2 {
            before = Some((process::usage(), allocations::calls()));
        }
        let _frame = arena.frame();
        let decoded = library.decode(heap.as_ref(), &file, ROOM);
        assert!(decoded.is_ok_and(|decoded| !decoded.is_empty()));
    }
    let Some(((cpu, faults), calls)) = before else {
        return;
    };
    let per = |total: u64| total as f64 / f64::from(count - 2);
    let (cpu_now, faults_now) = process::usage();
    println!(
        "{} {memory}: {:.0} us, {:.1} faults, {:.1} allocations",
        library.name,
        per((cpu_now - cpu).as_micros() as u64),
        per(faults_now - faults),
        per(allocations::calls() - calls)
    );
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let known = |name: &str| LIBRARIES.iter().find(|library| library.name == name);
    match &arguments[..] {
        [name, memory, count] if known(name).is_some() => {
            decodes(
                known(name).unwrap(),
                memory,
                count.parse().expect("a number"),
            );
        }
        _ => {
            eprintln!("usage: codecs-libraries zstd|brotli|png|openexr own|arena DECODES");
            std::process::exit(2);
        }
    }
}
