//! Picture buffers of the AV1 decoders dav1d and rav1d.
//!
//! dav1d has a pool for pictures already, but one per decoder, without a limit, and for one size at
//! a time. With this hook, the pictures of all decoders come from one arena, under its limit.
//!
//! # The contract
//!
//! Lines are those of `include/dav1d/picture.h` in dav1d 1.0.0.
//!
//! * Before dav1d writes a picture, it calls `alloc_picture_callback` (line 122) with the size and
//!   format in `p`. The callback sets `data` and `stride` and returns 0, or an error, which the
//!   decode returns.
//! * Planes start at multiples of 64 bytes. Width and height are rounded up to multiples of 128
//!   samples. 64 bytes behind the planes may be read and written (lines 103 to 107).
//! * When the decoder and its user no longer need the picture, dav1d calls
//!   `release_picture_callback` (line 135). With frame threads, that may happen on any of them
//!   (lines 126 to 131).
//! * rav1d 1.1 has the same struct and also requires that the memory is initialized
//!   (`include/dav1d/picture.rs` lines 568 to 580). It passes only `data` to the release callback
//!   (lines 640 to 643).
//!
//! Both decoders keep other memory too, for each frame thread several bytes per pixel, which no
//! hook covers.
//!
//! # Retention
//!
//! A stream has its most pictures at once for a few frames of each group of pictures, 16 or 32 in
//! common streams. An arena in which no frame is opened counts each returned picture as the end of
//! a frame, so the default [`Retention`](frame_arena::Retention) gives up the memory of a group's
//! last pictures before the next group needs it. An arena for video decays more slowly: over 128
//! frames, or some seconds. Pictures of all streams count together, so for 16 streams at once it is
//! 16 times as many.
//!
//! # An example
//!
//! ```
//! use frame_arena::{Arena, Retention};
//! use frame_arena_hooks::dav1d::Dav1dHook;
//!
//! let retention = Retention::Decay { frames: 128 };
//! let arena = Arena::builder().limit_bytes(64 << 20).retention(retention).build();
//! let hook = Dav1dHook::new(&arena);
//! let allocator = hook.allocator();
//! // settings.allocator = allocator;                               with the structs of this module
//! // settings.allocator = unsafe { allocator.declared_as() };      with those of another crate
//! // dav1d_open(&mut context, &settings); ... dav1d_close(&mut context);
//! # let _ = allocator;
//! assert_eq!(hook.take_refusal(), None);
//! drop(hook); // after dav1d_close
//! ```

mod callbacks;
mod layout;

pub use callbacks::{
    Dav1dPicAllocator, Dav1dPicture, Dav1dPictureParameters, INVALID, OUT_OF_MEMORY,
    release_picture,
};
use frame_arena::{AllocError, Arena, try_box};

use crate::source::Source;

/// Picture buffers from an arena, for decoders of dav1d or rav1d. One hook serves any number of
/// decoders, on any threads.
///
/// It must live until the last decoder that was opened with its [`allocator`](Self::allocator) is
/// closed. Pictures may be released later.
#[must_use]
pub struct Dav1dHook {
    /// Its address is in `Dav1dPicAllocator::cookie`.
    source: Box<Source>,
}

impl Dav1dHook {
    /// Makes a hook for pictures in `arena`.
    pub fn new(arena: &Arena) -> Self {
        Self {
            source: Box::new(Source::new(arena)),
        }
    }

    /// Makes a hook as [`new`](Self::new) does, which aborts if the process has no memory for it.
    ///
    /// # Errors
    /// [`AllocError::System`] in that case.
    pub fn try_new(arena: &Arena) -> Result<Self, AllocError> {
        Ok(Self {
            source: try_box(Source::new(arena))?,
        })
    }

    /// Returns the value for `Dav1dSettings::allocator`.
    pub fn allocator(&self) -> Dav1dPicAllocator {
        Dav1dPicAllocator::of(&self.source)
    }

    /// Returns the reason of the last picture that the arena refused, once. The decoder reports it
    /// as [`OUT_OF_MEMORY`].
    pub fn take_refusal(&self) -> Option<AllocError> {
        self.source.take_refusal()
    }
}
