//! Replays recorded decodes with frame-arena, with pools and with other crates. Every buffer is
//! wholly written with a unique pattern, and read again before it ends.

mod arena;
mod arguments;
mod asked;
mod bumps;
mod counted;
mod engine;
mod heap;
mod loads;
mod measure;
mod memory;
mod pattern;
mod pools;
mod pressure;
mod process;
mod program;
mod scoped;
mod strategies;
mod table;

use std::alloc::System;

use clap::Parser;
use counted::Counted;

#[global_allocator]
static ALLOCATOR: Counted<System> = Counted(System);

fn main() -> anyhow::Result<()> {
    table::run(&arguments::Arguments::parse())
}
