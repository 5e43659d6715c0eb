//! Recorded decodes, replayed in memory of several strategies; `compare/strategies` has those of
//! other crates.

#[path = "support/replay.rs"]
mod replay;

use std::alloc::System;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: replay::Counted<System> = replay::Counted(System);

fn main() -> ExitCode {
    replay::run(&replay::strategies())
}
