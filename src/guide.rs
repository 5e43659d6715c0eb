//! Guides: one for each thing that an adopter asks first, with an example that runs.
//!
//! * [Frames in structs](structs): a push decoder that returns to its caller in the middle of a
//!   frame.
//! * [Reference pictures](references): what outlives its frame, and a decoded-picture buffer.
//! * [Buffers of C code](buffers): memory for a foreign decoder's callbacks.
//! * [Collections](collections): `Vec`, `Box` and `hashbrown` maps in scopes.
//! * [Limits in a server](limits): a byte limit, tenants, waiting for room, and what is retained.
//!
//! The words *block*, *run*, *record*, *piece* and *retained* are explained in the
//! [crate's documentation](crate#where-memory-comes-from).

pub mod buffers;
pub mod collections;
pub mod limits;
pub mod references;
pub mod structs;
