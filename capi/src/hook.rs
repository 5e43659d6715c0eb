//! Memory for decoders that already exist, through their allocation hooks.
#![allow(unsafe_code, reason = "exported functions")]

pub(crate) mod dav1d;
pub(crate) mod de265;
pub(crate) mod ffmpeg;
pub(crate) mod frame_buffers;
pub(crate) mod heap;

use frame_arena::AllocError;
use frame_arena_hooks::dav1d::Dav1dHook;
use frame_arena_hooks::ffmpeg::FfmpegHook;
use frame_arena_hooks::frame_buffers::FrameBufferHook;
use frame_arena_hooks::heap::HeapHook;
use frame_arena_hooks::libde265::De265Hook;

use crate::handle::{self, opaque};
use crate::out;
use crate::status::{fa_status, returning};

/// Memory of an arena for decoders of one library. Its address is what the library passes to its
/// callbacks. One hook serves any number of decoders, on any threads.
///
/// A hook must live until the last decoder that was opened with it is closed. Pictures and buffers
/// of dav1d, libvpx, libaom and FFmpeg may be released later; those of libde265 and allocations of
/// a heap may not.
///
/// If a callback is passed a hook of another kind, or one that was destroyed, it fails as if there
/// were no memory.
pub struct fa_hook {
    _opaque: [u8; 0],
}

opaque!(fa_hook, Hook, b"fa_hook\0");

/// The hook of one library.
pub(crate) enum Hook {
    Dav1d(Dav1dHook),
    De265(De265Hook),
    Ffmpeg(FfmpegHook),
    FrameBuffers(FrameBufferHook),
    Heap(HeapHook),
}

/// Why a hook's memory was refused.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct fa_refusal {
    /// The reason; `FA_OK` if nothing was refused.
    pub status: fa_status,
    /// Bytes requested. 0 for `FA_SIZE_OVERFLOW`.
    pub requested_bytes: usize,
    /// For `FA_LIMIT_EXCEEDED`: bytes that could not be released. Otherwise 0.
    pub in_use_bytes: usize,
    /// For `FA_LIMIT_EXCEEDED`: the limit. Otherwise 0.
    pub limit_bytes: usize,
}

impl fa_refusal {
    fn of(refused: Option<AllocError>) -> Self {
        let status = refused.map_or(fa_status::FA_OK, fa_status::from);
        let (requested_bytes, in_use_bytes, limit_bytes) = match refused {
            Some(AllocError::LimitExceeded {
                requested_bytes,
                in_use_bytes,
                limit_bytes,
            }) => (requested_bytes, in_use_bytes, limit_bytes),
            Some(AllocError::System { requested_bytes }) => (requested_bytes, 0, 0),
            _ => (0, 0, 0),
        };
        Self {
            status,
            requested_bytes,
            in_use_bytes,
            limit_bytes,
        }
    }
}

impl Hook {
    fn take_refusal(&self) -> Option<AllocError> {
        match self {
            Self::Dav1d(hook) => hook.take_refusal(),
            Self::De265(hook) => hook.take_refusal(),
            Self::Ffmpeg(hook) => hook.take_refusal(),
            Self::FrameBuffers(hook) => hook.take_refusal(),
            Self::Heap(hook) => hook.take_refusal(),
        }
    }
}

/// Makes a hook by `make` in the arena of a handle.
///
/// # Safety
/// `arena` is null or a handle. `hook` is null or may be written.
unsafe fn make_hook(
    arena: *const crate::arena::fa_arena,
    hook: *mut *mut fa_hook,
    make: impl FnOnce(&frame_arena::Arena) -> Result<Hook, fa_status>,
) -> fa_status {
    // SAFETY: as the caller promises.
    returning(|| unsafe { handle::derive(arena, hook, make) })
}

/// Returns one variant of the hook that a library passes to a callback.
macro_rules! hook_of {
    ($variant:ident, $hook:expr) => {
        match $crate::handle::get::<$crate::hook::fa_hook>($hook.cast()) {
            Ok($crate::hook::Hook::$variant(hook)) => Some(hook),
            _ => None,
        }
    };
}
use hook_of;

/// Destroys a hook and sets `*hook` to null. Does nothing for null.
///
/// Errors: `FA_INVALID_HANDLE` if the hook was destroyed before through another copy of the
/// pointer.
///
/// # Safety
/// `hook` is null, or points to null or a handle that no decoder and no thread uses any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_hook_destroy(hook: *mut *mut fa_hook) -> fa_status {
    // SAFETY: as the caller promises.
    returning(|| unsafe { handle::close(hook).map(drop) })
}

/// Writes to `refusal` why memory was last refused through a hook, and forgets it. Decoders report
/// each reason as the same error for memory. Any thread may call it.
///
/// Errors: `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`.
///
/// # Safety
/// `hook` is null or a handle. `refusal` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_hook_take_refusal(
    hook: *const fa_hook,
    refusal: *mut fa_refusal,
) -> fa_status {
    returning(|| {
        // SAFETY: as the caller promises.
        let hook = unsafe {
            out::write(refusal, fa_refusal::of(None))?;
            handle::get(hook)?
        };
        // SAFETY: as the caller promises.
        unsafe { out::write(refusal, fa_refusal::of(hook.take_refusal())) }
    })
}
