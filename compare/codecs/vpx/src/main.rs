//! Decodes VP9 streams by libvpx, with its own memory and with that of an arena.

#[path = "../../frame_buffers/decoder.rs"]
mod decoder;
#[path = "../library.rs"]
mod library;
#[path = "../../frame_buffers/stream.rs"]
mod stream;

fn main() -> anyhow::Result<()> {
    codecs_measure::scenarios::main(&stream::codec("libvpx"))
}
