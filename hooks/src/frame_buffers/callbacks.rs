//! The C struct of libvpx and libaom, and the callbacks that they call.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::ptr;

use frame_arena::{AllocError, Arena, RawLayout, try_box};

use crate::lent::{lend, take_back};
use crate::source::Source;

/// The C structs `vpx_codec_frame_buffer_t` (`vpx_frame_buffer.h` lines 39 to 43) and
/// `aom_codec_frame_buffer_t`, which are the same.
#[repr(C)]
#[derive(Debug)]
pub struct CodecFrameBuffer {
    /// The first byte.
    pub data: *mut u8,
    /// The length in bytes.
    pub size: usize,
    /// The first byte, for the release callback.
    pub private: *mut c_void,
}

/// The callback that gets a buffer. Returns 0, or less for failure.
pub type GetFrameBuffer = unsafe extern "C" fn(
    private: *mut c_void,
    least_bytes: usize,
    buffer: *mut CodecFrameBuffer,
) -> c_int;

/// The callback that releases a buffer. Returns 0.
pub type ReleaseFrameBuffer =
    unsafe extern "C" fn(private: *mut c_void, buffer: *mut CodecFrameBuffer) -> c_int;

/// The arguments of `vpx_codec_set_frame_buffer_functions` and
/// `aom_codec_set_frame_buffer_functions`.
#[derive(Clone, Copy, Debug)]
pub struct FrameBufferFunctions {
    /// Gets a buffer.
    pub cb_get: Option<GetFrameBuffer>,
    /// Releases a buffer.
    pub cb_release: Option<ReleaseFrameBuffer>,
    /// Passed to the callbacks.
    pub cb_priv: *mut c_void,
}

/// Frame buffers from an arena, for decoders of libvpx (VP9) and libaom. One hook serves any number
/// of decoders, on any threads.
///
/// It must live until the last decoder with its [`functions`](Self::functions) is destroyed.
#[must_use]
pub struct FrameBufferHook {
    /// Its address is in `cb_priv`.
    shared: Box<Shared>,
}

struct Shared {
    source: Source,
    is_zeroing: bool,
}

impl Shared {
    fn new(arena: &Arena, is_zeroing: bool) -> Self {
        Self {
            source: Source::new(arena),
            is_zeroing,
        }
    }
}

impl FrameBufferHook {
    /// Makes a hook for buffers in `arena`, which are zeroed as the contract requires.
    pub fn new(arena: &Arena) -> Self {
        Self {
            shared: Box::new(Shared::new(arena, true)),
        }
    }

    /// Makes a hook for buffers in `arena` that are not zeroed, as those that the library's own
    /// pool uses again. Samples of valid streams are the same. Where a damaged stream leaves
    /// samples out, those of other pictures in the arena show, which may be other users' pictures.
    pub fn stale(arena: &Arena) -> Self {
        Self {
            shared: Box::new(Shared::new(arena, false)),
        }
    }

    /// Makes a hook as [`new`](Self::new) does, or as [`stale`](Self::stale) does. Both abort if
    /// the process has no memory for the hook.
    ///
    /// # Errors
    /// [`AllocError::System`] in that case.
    pub fn try_new(arena: &Arena, is_zeroing: bool) -> Result<Self, AllocError> {
        Ok(Self {
            shared: try_box(Shared::new(arena, is_zeroing))?,
        })
    }

    /// Returns the arguments for the decoder. They must be set before its first packet.
    pub fn functions(&self) -> FrameBufferFunctions {
        FrameBufferFunctions {
            cb_get: Some(get),
            cb_release: Some(release_buffer),
            cb_priv: ptr::from_ref::<Shared>(&self.shared).cast_mut().cast(),
        }
    }

    /// Returns the reason of the last buffer that the arena refused, once. The decoder reports it
    /// as its error for memory.
    pub fn take_refusal(&self) -> Option<AllocError> {
        self.shared.source.take_refusal()
    }
}

/// # Safety
/// `private` points to a [`Shared`], and `buffer` is valid.
unsafe extern "C" fn get(
    private: *mut c_void,
    least_bytes: usize,
    buffer: *mut CodecFrameBuffer,
) -> c_int {
    // SAFETY: promised by the caller.
    let (shared, buffer) = unsafe { (&*private.cast::<Shared>(), &mut *buffer) };
    let layout = RawLayout::new(least_bytes);
    let Ok(memory) = shared.source.filled(layout, shared.is_zeroing) else {
        return -1;
    };
    let start = lend(memory).as_ptr();
    *buffer = CodecFrameBuffer {
        data: start,
        size: least_bytes,
        private: start.cast(),
    };
    0
}

/// Releases a buffer: [`FrameBufferFunctions::cb_release`] of every hook. It uses nothing but the
/// buffer, so that it may run after the hook has ended; `private` may be anything. Returns 0.
///
/// # Safety
/// `buffer` is valid. Its fields came from a hook, or it was released before. Nobody uses its
/// memory any more.
pub unsafe extern "C" fn release_buffer(
    private: *mut c_void,
    buffer: *mut CodecFrameBuffer,
) -> c_int {
    let _ = private;
    // SAFETY: promised by the caller.
    let buffer = unsafe { &mut *buffer };
    let private = std::mem::replace(&mut buffer.private, ptr::null_mut());
    // SAFETY: `get` lent the buffer at this address, which was initialized; a released buffer has
    // null. Only the library wrote it, which is not Rust.
    unsafe { take_back(private.addr()) };
    0
}
