//! Frame buffers of libvpx and libaom.
#![allow(unsafe_code, reason = "exported functions")]

use std::ffi::{c_int, c_void};

use frame_arena_hooks::frame_buffers::{CodecFrameBuffer, FrameBufferHook, release_buffer};

use super::{Hook, fa_hook, hook_of, make_hook};
use crate::arena::fa_arena;
use crate::status::{fa_status, is_stale, or_if_panicked};

/// The struct of libvpx.
pub(crate) type vpx_codec_frame_buffer = CodecFrameBuffer;
/// The struct of libaom, which is the same.
pub(crate) type aom_codec_frame_buffer = CodecFrameBuffer;

const FAILURE: c_int = -1;

/// Makes a hook for libvpx (VP9) or libaom (AV1), which the caller destroys with `fa_hook_destroy`:
///
/// ```c
/// vpx_codec_set_frame_buffer_functions(&codec, fa_vpx_get, fa_vpx_release, hook);
/// aom_codec_set_frame_buffer_functions(&codec, fa_aom_get, fa_aom_release, hook);
/// ```
///
/// Buffers are zeroed, or with `FA_STALE` in `flags` not. The samples of valid streams are the
/// same.
///
/// Errors: `FA_SYSTEM_REFUSED`, `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`; `*hook` is null then.
///
/// # Safety
/// `arena` is null or a handle. `hook` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_frame_buffer_hook(
    arena: *const fa_arena,
    flags: u32,
    hook: *mut *mut fa_hook,
) -> fa_status {
    // SAFETY: as the caller promises.
    unsafe {
        make_hook(arena, hook, |arena| {
            let made = FrameBufferHook::try_new(arena, !is_stale(flags)?)?;
            Ok(Hook::FrameBuffers(made))
        })
    }
}

/// # Safety
/// As a library calls it.
unsafe fn get(hook: *mut c_void, bytes: usize, buffer: *mut CodecFrameBuffer) -> c_int {
    or_if_panicked(FAILURE, || {
        // SAFETY: as the caller promises.
        let Some(hook) = (unsafe { hook_of!(FrameBuffers, hook) }) else {
            return FAILURE;
        };
        let functions = hook.functions();
        match functions.cb_get {
            // SAFETY: as the caller promises, and the pointer is that of the hook.
            Some(get) => unsafe { get(functions.cb_priv, bytes, buffer) },
            None => FAILURE,
        }
    })
}

/// # Safety
/// As a library calls it.
unsafe fn release(hook: *mut c_void, buffer: *mut CodecFrameBuffer) -> c_int {
    // SAFETY: as the caller promises.
    or_if_panicked(FAILURE, || unsafe { release_buffer(hook, buffer) })
}

/// The argument `cb_get` of `vpx_codec_set_frame_buffer_functions`; `hook` is that of `cb_priv`.
/// Returns 0, or -1 if there is no memory.
///
/// # Safety
/// As libvpx calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_vpx_get(
    hook: *mut c_void,
    bytes: usize,
    buffer: *mut vpx_codec_frame_buffer,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { get(hook, bytes, buffer) }
}

/// The argument `cb_release` of `vpx_codec_set_frame_buffer_functions`. It does not use the hook.
/// Returns 0.
///
/// # Safety
/// As libvpx calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_vpx_release(
    hook: *mut c_void,
    buffer: *mut vpx_codec_frame_buffer,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { release(hook, buffer) }
}

/// The argument `cb_get` of `aom_codec_set_frame_buffer_functions`, as `fa_vpx_get`.
///
/// # Safety
/// As libaom calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_aom_get(
    hook: *mut c_void,
    bytes: usize,
    buffer: *mut aom_codec_frame_buffer,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { get(hook, bytes, buffer) }
}

/// The argument `cb_release` of `aom_codec_set_frame_buffer_functions`, as `fa_vpx_release`.
///
/// # Safety
/// As libaom calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_aom_release(
    hook: *mut c_void,
    buffer: *mut aom_codec_frame_buffer,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { release(hook, buffer) }
}
