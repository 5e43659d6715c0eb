//! Decodes still pictures by decoders in Rust, with the process's memory and with that of an arena.
//! The environment chooses the process's allocator, as for `compare-clients`.

use std::env;
use std::path::Path;

use codecs_adopted::allocator::ChosenAllocator;
use codecs_adopted::still;
use frame_arena_hooks::global::FrameGlobal;

#[global_allocator]
static GLOBAL: FrameGlobal<ChosenAllocator> = FrameGlobal::wrapping(ChosenAllocator);

fn main() -> anyhow::Result<()> {
    let last = env::args().next_back().unwrap_or_default();
    let extension = Path::new(&last).extension().and_then(|last| last.to_str());
    codecs_measure::scenarios::main(&still::codec(extension.unwrap_or_default()))
}
