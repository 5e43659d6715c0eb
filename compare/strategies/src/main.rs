//! Recorded decodes, replayed in memory of frame-arena and of other crates. The engine, the loads
//! and the strategies that need no other crate are those of frame-arena's benchmark `replay`.

mod bumps;
#[path = "../../../benches/support/replay.rs"]
mod replay;
mod scoped;

use std::alloc::System;
use std::process::ExitCode;

use mimalloc::MiMalloc;
use replay::peers::Heap;
use replay::{Counted, strategy};
use tikv_jemallocator::Jemalloc;

#[global_allocator]
static ALLOCATOR: Counted<System> = Counted(System);

fn main() -> ExitCode {
    let mut strategies = replay::strategies();
    strategies.extend([
        strategy("Vec, mimalloc", |_| Heap::new(Counted(MiMalloc))),
        strategy("Vec, jemalloc", |_| Heap::new(Counted(Jemalloc))),
        strategy("bumpalo per thread", |setup| {
            bumps::BumpPerThread::new(setup.threads)
        })
        .kept_to_frame_end(),
        strategy("bumpalo-herd", |_| bumps::Herds::new()).kept_to_frame_end(),
        strategy("bump-scope pool", |_| scoped::Pools::new()).kept_to_frame_end(),
    ]);
    replay::run(&strategies)
}
