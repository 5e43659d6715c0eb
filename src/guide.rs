//! Guides: a page with examples for each common task.
//!
//! * [Frames in structs](structs): a push decoder that returns to its caller in the middle of a
//!   frame.
//! * [Reference pictures](references): planes and pictures that outlive their frame, and a
//!   decoded-picture buffer.
//! * [Buffers of C code](buffers): memory for a foreign decoder's callbacks.
//! * [Collections](collections): `Vec`, `Box` and `hashbrown` maps in scopes.
//! * [Limits in a server](limits): a byte limit, tenants, waiting for room, and retention.
//!
//! The words *block*, *run*, *record*, *piece* and *retained* are explained in the
//! [crate's documentation](crate#where-memory-comes-from).

pub mod buffers;
pub mod collections;
pub mod limits;
pub mod references;
pub mod structs;
