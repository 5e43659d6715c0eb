//! Decodes AV1 streams by dav1d, with its own memory and with that of an arena.

#[path = "../../av1/decoder.rs"]
mod decoder;
#[path = "../../av1/stream.rs"]
mod stream;

fn main() -> anyhow::Result<()> {
    codecs_measure::scenarios::main(&stream::codec("dav1d"))
}
