//! Bytes retained after frames of unevenly split groups, over the peak of live bytes: for the
//! arena, and for a `bumpalo::Bump` per thread that is reset at the end of each frame.

#[path = "support/uneven.rs"]
mod uneven;

use frame_arena::{Arena, Retention};
use uneven::{BumpPerThread, MIB, Memory, Numbers};

fn main() {
    let smoke = std::env::args().any(|argument| argument == "--test");
    let frames = if smoke { 2 } else { 60 };
    println!("bytes over live bytes after {frames} frames: retained (peak held)\n");
    println!("| work | threads | live MiB | arena | arena, keep all | bumpalo per thread |");
    println!("|---|---|---|---|---|---|");
    for live_mib in if smoke { &[8][..] } else { &[106, 32, 8] } {
        let live = live_mib * MIB;
        for threads in [2, 8, 16] {
            let work = Work {
                threads,
                frames,
                live,
            };
            work.measure(
                "groups, stolen",
                uneven::decode_stolen,
                uneven::decode_stolen,
            );
            work.measure(
                "groups, skewed",
                uneven::decode_skewed,
                uneven::decode_skewed,
            );
        }
        let work = Work {
            threads: 16,
            frames,
            live,
        };
        work.measure("frames, unlike", decode_unlike, decode_unlike);
        let work = Work {
            live: 2 * live,
            ..work
        };
        work.measure("frames, pairs", decode_pairs, decode_pairs);
    }
}

/// Frames of one size, two at once.
fn decode_pairs<M: Memory>(
    memory: &M,
    pool: &rayon::ThreadPool,
    rounds: usize,
    total: usize,
    numbers: &mut Numbers,
) {
    uneven::decode_frame_parallel(memory, pool, rounds, total, &[1, 1], numbers);
}

/// Frames of different sizes, four at once.
fn decode_unlike<M: Memory>(
    memory: &M,
    pool: &rayon::ThreadPool,
    rounds: usize,
    total: usize,
    numbers: &mut Numbers,
) {
    uneven::decode_frame_parallel(memory, pool, rounds, total, &[1, 2, 3, 4], numbers);
}

type Decode<M> = fn(&M, &rayon::ThreadPool, usize, usize, &mut Numbers);

#[derive(Clone, Copy)]
struct Work {
    threads: usize,
    frames: usize,
    live: usize,
}

impl Work {
    /// Prints the line of one kind of work; the two functions do the same.
    fn measure(self, name: &str, arena: Decode<Arena>, bumps: Decode<BumpPerThread>) {
        let pool = uneven::pool(self.threads);
        let decaying = Arena::new();
        arena(&decaying, &pool, self.frames, self.live, &mut Numbers(1));
        let live = decaying.snapshot().peak_bytes;
        let keeping = Arena::builder().retention(Retention::KeepAll).build();
        arena(&keeping, &pool, self.frames, self.live, &mut Numbers(1));
        let bump = BumpPerThread::new(self.threads);
        bumps(&bump, &pool, self.frames, self.live, &mut Numbers(1));
        println!(
            "| {name} | {} | {:.1} | {} | {} | {} |",
            self.threads,
            live as f64 / MIB as f64,
            ratios(&decaying, live),
            ratios(&keeping, live),
            ratios(&bump, live)
        );
    }
}

fn ratios<M: Memory>(memory: &M, live: usize) -> String {
    let over = |bytes: usize| bytes as f64 / live as f64;
    let retained = over(memory.retained_bytes());
    format!("{retained:.2} ({:.2})", over(memory.peak_held_bytes()))
}
