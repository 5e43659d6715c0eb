//! Memory taken from the system: blocks that many small requests are bumped in, and runs that serve one large request.
//!
//! `unsafe` of the library lives here, in [`crate::plane`]'s rectangle and where scopes lend granted memory.

mod block;
mod chain;
mod pages;
mod poison;
mod run;

pub(crate) use block::{Block, BlockClass};
pub(crate) use chain::Chain;
pub(crate) use pages::Source;
pub(crate) use run::Run;

use std::ops::Range;
use std::ptr::NonNull;

use crate::layout::PAGE_BYTES;
use crate::recorder::Place;

/// Writes a zero to each page of memory that is not handed out, so that the system maps it now and not in a later frame, when
/// the memory is used deeper than before.
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
/// Invariants: `start` is aligned to [`crate::layout::ROW_ALIGN_BYTES`]; `bytes` bytes from it are initialised, lie in one
/// block or run, and belong to no other `Granted` until that block or run is handed back or dropped.
pub(crate) struct Granted {
    start: NonNull<u8>,
    bytes: usize,
    /// The bytes that may differ from zero.
    pub(crate) stale: Range<usize>,
    /// Some of the bytes were never granted before: the request was not served by reuse alone.
    pub(crate) fresh: bool,
    /// Where it is, for the record.
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

    /// The granted bytes.
    ///
    /// # Safety
    /// The block or run that made this grant is neither handed back nor dropped during `'s`.
    #[allow(unsafe_code)]
    pub(crate) unsafe fn into_slice<'s>(self) -> &'s mut [u8] {
        // SAFETY: by the invariants of the type the bytes are initialised and exclusively this grant's, which is consumed; the
        // caller keeps them granted during 's. An empty grant is dangling but aligned and of length zero.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.bytes) }
    }
}
