//! Checks of libvpx.

#[path = "../../frame_buffers/checks.rs"]
mod checks;
#[path = "../../frame_buffers/decoder.rs"]
mod decoder;
#[path = "../library.rs"]
mod library;
#[path = "../../frame_buffers/tests.rs"]
mod tests;

const PROGRAM: &str = env!("CARGO_BIN_EXE_codecs-vpx");

/// The start of the names of its streams.
const STREAMS: &str = "vp9-";
