//! Times of the shortest operations. `counts` counts their instructions.

#[path = "support/paths.rs"]
mod paths;

use std::time::Instant;

use frame_arena::Arena;
use paths::{PATHS, PLANES_IN_SCOPE};

fn main() {
    let smoke = std::env::args().any(|argument| argument == "--test");
    let times = if smoke { PLANES_IN_SCOPE } else { 200_000 };
    let arena = Arena::new();
    println!("| operation | ns |\n|---|---|");
    for (name, path) in PATHS {
        path(&arena, PLANES_IN_SCOPE);
        let start = Instant::now();
        path(&arena, times);
        println!(
            "| {name} | {:.0} |",
            start.elapsed().as_nanos() as f64 / f64::from(times)
        );
    }
}
