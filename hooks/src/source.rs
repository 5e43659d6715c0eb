#[cfg(feature = "heap")]
use std::ptr::NonNull;

#[cfg(any(
    feature = "dav1d",
    feature = "ffmpeg",
    feature = "frame-buffers",
    feature = "libde265"
))]
use frame_arena::RawBuffer;
use frame_arena::{AllocError, Arena, RawLayout};

use crate::refusal::Refusal;

/// What the callbacks of a hook request memory from.
pub(crate) struct Source {
    arena: Arena,
    refusal: Refusal,
}

impl Source {
    pub(crate) fn new(arena: &Arena) -> Self {
        Self {
            arena: arena.clone(),
            refusal: Refusal::none(),
        }
    }

    /// Requests a buffer of zeros or of stale bytes. A refusal is noted.
    #[cfg(any(feature = "ffmpeg", feature = "frame-buffers", feature = "libde265"))]
    pub(crate) fn filled(
        &self,
        layout: RawLayout,
        is_zeroing: bool,
    ) -> Result<RawBuffer, AllocError> {
        match is_zeroing {
            true => self.note(self.arena.raw_buffer(layout)),
            false => self.stale(layout),
        }
    }

    /// Requests a buffer of stale bytes. A refusal is noted.
    #[cfg(any(
        feature = "dav1d",
        feature = "ffmpeg",
        feature = "frame-buffers",
        feature = "libde265"
    ))]
    pub(crate) fn stale(&self, layout: RawLayout) -> Result<RawBuffer, AllocError> {
        self.note(self.arena.stale_raw_buffer(layout))
    }

    /// Requests a buffer whose bytes may be uninitialized, reduced to its pointer. If the arena
    /// refuses and `trim` returns memory to it, the request is made again. A refusal is noted.
    #[cfg(feature = "heap")]
    pub(crate) fn uninit(
        &self,
        layout: RawLayout,
        trim: impl FnOnce() -> bool,
    ) -> Result<NonNull<u8>, AllocError> {
        let mut requested = self.arena.uninit_raw_buffer(layout);
        if requested.is_err() && trim() {
            requested = self.arena.uninit_raw_buffer(layout);
        }
        self.note(requested)
    }

    pub(crate) fn take_refusal(&self) -> Option<AllocError> {
        self.refusal.take()
    }

    fn note<T>(&self, requested: Result<T, AllocError>) -> Result<T, AllocError> {
        requested.inspect_err(|&refused| self.refusal.set(refused))
    }
}
