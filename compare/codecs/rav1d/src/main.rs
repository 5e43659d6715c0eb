//! Decodes AV1 streams by rav1d, with its own memory and with that of an arena.

// It exports the C interface that `decoder` declares.
use rav1d as _;

#[path = "../../av1/decoder.rs"]
mod decoder;
#[path = "../../av1/stream.rs"]
mod stream;

fn main() -> anyhow::Result<()> {
    codecs_measure::scenarios::main(&stream::codec("rav1d"))
}
