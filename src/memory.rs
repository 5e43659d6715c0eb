//! Memory taken from the system: blocks, which bump many small requests, and runs, which serve one
//! large request or several medium ones.
//!
//! Granted bytes are initialized. `ARCHITECTURE.md` lists the other modules with `unsafe`.

mod block;
mod boxed;
mod chain;
mod pages;
mod poison;
mod run;
mod run_assembly;
mod shared;

pub(crate) use block::Block;
pub(crate) use boxed::OnceBox;
pub use boxed::try_box;
pub(crate) use chain::{Chain, Linked};
pub(crate) use pages::{Pages, Source};
pub(crate) use poison::{RED_ZONE_BYTES, RETURNED, poison, unpoison};
pub(crate) use run::Run;
pub(crate) use run_assembly::Donor;
pub(crate) use shared::Shared;

use std::ops::Range;
use std::ptr::NonNull;

use crate::layout::PAGE_BYTES;
use crate::recorder::Place;

/// Writes a zero to each page of memory that is not granted, so that the system maps it immediately
/// and not in a later frame that uses more of it.
///
/// # Safety
/// The `bytes` bytes from `start` are the caller's to write, and hold nothing or zeros.
#[allow(unsafe_code)]
unsafe fn touch_pages(start: NonNull<u8>, bytes: usize) {
    for offset in (0..bytes).step_by(PAGE_BYTES) {
        // SAFETY: inside the caller's memory.
        unsafe { start.add(offset).write_volatile(0) };
    }
}

/// Memory granted by a block or a run.
///
/// Invariants: `start` is aligned to [`crate::layout::ROW_ALIGN_BYTES`]; `bytes` bytes from it are
/// initialized (except in a grant of [`Run::grant_uninit`]), lie in one block or run, and belong to
/// no other `Granted` until that block or run is returned or dropped.
pub(crate) struct Granted {
    start: NonNull<u8>,
    bytes: usize,
    /// The bytes that may differ from zero.
    pub(crate) stale: Range<usize>,
    /// Whether some of the bytes were never granted before, so that the request is a miss.
    pub(crate) fresh: bool,
    /// Its place, for recordings.
    pub(crate) place: Place,
}

impl Granted {
    /// A grant of nothing.
    pub(crate) fn empty() -> Self {
        #[repr(align(64))]
        struct Aligned;
        Self {
            start: NonNull::<Aligned>::dangling().cast(),
            bytes: 0,
            stale: 0..0,
            fresh: false,
            place: Place::NONE,
        }
    }

    /// The first byte. The pointer may be offset to all granted bytes.
    pub(crate) fn start(&self) -> NonNull<u8> {
        self.start
    }

    /// The granted bytes.
    ///
    /// # Safety
    /// The block or run that made this grant is neither returned nor dropped during `'s`. The bytes
    /// were not granted uninitialized.
    #[allow(unsafe_code)]
    pub(crate) unsafe fn into_slice<'s>(self) -> &'s mut [u8] {
        // SAFETY: by the invariants of the type, the bytes are initialized and belong only to this
        // grant, which is consumed; the caller keeps them granted during 's. An empty grant is
        // dangling but aligned and of length zero.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.bytes) }
    }
}
