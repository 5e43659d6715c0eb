//! The strategies that are compared.

use std::alloc::System;

use frame_arena::ArenaBuilder;
use frame_arena::Retention::{Decay, KeepAll, UpTo};
use mimalloc::MiMalloc;
use tikv_jemallocator::Jemalloc;

use crate::arena;
use crate::bumps::{BumpPerThread, Herds};
use crate::counted::Counted;
use crate::heap::Heap;
use crate::measure::{Strategy, strategy};
use crate::pools::{EmptiedPool, ExactPool, Recycler, ThreadPools};
use crate::scoped::Pools;

/// All strategies, in the order of the tables.
pub(crate) fn all() -> Vec<Strategy> {
    vec![
        strategy("Vec, system", |_| Heap::new(Counted(System))),
        strategy("Vec, mimalloc", |_| Heap::new(Counted(MiMalloc))),
        strategy("Vec, jemalloc", |_| Heap::new(Counted(Jemalloc))),
        strategy("exact pool, cleared", |_| ExactPool::new()),
        strategy("exact pool, emptied when refused", |_| EmptiedPool::new()),
        strategy("pool per thread", |setup| ThreadPools::new(setup.threads)),
        strategy("recycler", |setup| Recycler::new(&setup.sizes)),
        strategy("bumpalo per thread", |setup| {
            BumpPerThread::new(setup.threads)
        })
        .kept_to_frame_end(),
        strategy("bumpalo-herd", |_| Herds::new()).kept_to_frame_end(),
        strategy("bump-scope pool", |_| Pools::new()).kept_to_frame_end(),
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
