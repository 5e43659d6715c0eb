//! The requests of recorded decodes, made again of other memory: every buffer is written wholly
//! with a pattern of its own, and looked at again before it ends.

#[path = "replay/arena.rs"]
mod arena;
#[path = "replay/counted.rs"]
mod counted;
#[path = "replay/engine.rs"]
mod engine;
#[path = "replay/heap.rs"]
mod heap;
#[path = "replay/loads.rs"]
mod loads;
#[path = "replay/measure.rs"]
mod measure;
#[path = "replay/memory.rs"]
mod memory;
#[path = "replay/options.rs"]
mod options;
#[path = "replay/pattern.rs"]
mod pattern;
#[path = "replay/pools.rs"]
mod pools;
#[path = "replay/pressure.rs"]
mod pressure;
#[path = "replay/process.rs"]
mod process;
#[path = "replay/program.rs"]
mod program;
#[path = "replay/table.rs"]
mod table;

use frame_arena::ArenaBuilder;

pub(crate) use counted::Counted;
pub(crate) use measure::{Strategy, strategy};
pub(crate) use table::run;

/// What a program needs to add strategies of its own.
#[allow(unused_imports)]
pub(crate) mod peers {
    pub(crate) use super::heap::{Heap, HeapBuffer};
    pub(crate) use super::memory::{Fill, Memory, Scope, Scratch};
}

/// The strategies that need nothing but the standard library and the project's own dependencies.
pub(crate) fn strategies() -> Vec<Strategy> {
    use frame_arena::Retention::{Decay, KeepAll, UpTo};
    vec![
        strategy("Vec, system", |_| {
            heap::Heap::new(Counted(std::alloc::System))
        }),
        strategy("exact pool, cleared", |_| pools::ExactPool::new()),
        strategy("exact pool, emptied when refused", |_| {
            pools::EmptiedPool::new()
        }),
        strategy("pool per thread", |setup| {
            pools::ThreadPools::new(setup.threads)
        }),
        strategy("recycler", |setup| pools::Recycler::new(&setup.sizes)),
        arena("arena, decay 16", |builder| builder),
        arena("arena, small pages", |builder| builder.huge_pages(false)),
        arena("arena, heap", |builder| builder.global_allocator()),
        arena("arena, decay 1", |builder| {
            builder.retention(Decay { frames: 1 })
        }),
        arena("arena, keep all", |builder| builder.retention(KeepAll)),
        arena("arena, up to 1 MiB", |builder| {
            builder.retention(UpTo { bytes: 1 << 20 })
        }),
    ]
}

fn arena(name: &'static str, options: fn(ArenaBuilder) -> ArenaBuilder) -> Strategy {
    strategy(name, move |setup| arena::new(setup, options))
}
