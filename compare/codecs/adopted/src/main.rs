//! Decodes still pictures by decoders in Rust, with the system's memory and with that of an arena.

use frame_arena_hooks::global::FrameGlobal;

#[global_allocator]
static GLOBAL: FrameGlobal = FrameGlobal::new();

fn main() -> anyhow::Result<()> {
    codecs_measure::program::main("a decoder", &codecs_adopted::still::decode)
}
