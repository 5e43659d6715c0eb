//! Picture buffers of FFmpeg.
#![allow(unsafe_code, reason = "exported functions")]

use std::ffi::c_void;
use std::ptr;

use frame_arena_hooks::ffmpeg::{FfmpegHook, free_picture};

use super::{Hook, fa_hook, hook_of, make_hook};
use crate::arena::fa_arena;
use crate::out;
use crate::status::{fa_status, is_stale, or_if_panicked, returning};

/// The memory of a picture of FFmpeg.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct fa_ffmpeg_picture {
    /// The first byte of each plane, for `AVFrame.data`; null for a plane without bytes.
    pub planes: [*mut u8; 4],
    /// The buffer with all planes, for `av_buffer_create`.
    pub buffer: *mut u8,
    /// Bytes of the buffer.
    pub bytes: usize,
}

/// Makes a hook for FFmpeg's decoders, which the caller destroys with `fa_hook_destroy`. It serves
/// a `get_buffer2` callback of the caller's, because the structs that the callback uses differ from
/// version to version of FFmpeg: `fa_ffmpeg_alloc` allocates, and `av_buffer_create(picture.buffer,
/// picture.bytes, fa_ffmpeg_free, NULL, 0)` makes the reference.
///
/// Pictures are zeroed, or with `FA_STALE` in `flags` not. The samples of valid streams are the
/// same.
///
/// Errors: `FA_SYSTEM_REFUSED`, `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`; `*hook` is null then.
///
/// # Safety
/// `arena` is null or a handle. `hook` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_ffmpeg_hook(
    arena: *const fa_arena,
    flags: u32,
    hook: *mut *mut fa_hook,
) -> fa_status {
    // SAFETY: as the caller promises.
    unsafe {
        make_hook(arena, hook, |arena| {
            let made = match is_stale(flags)? {
                true => FfmpegHook::stale(arena),
                false => FfmpegHook::new(arena),
            };
            Ok(Hook::Ffmpeg(made))
        })
    }
}

/// Allocates planes of the given sizes in bytes, each at a multiple of 64 bytes and with 64 bytes
/// behind it that may be read and written. Any thread may call it.
///
/// Errors: `FA_LIMIT_EXCEEDED`, `FA_SYSTEM_REFUSED`, `FA_SIZE_OVERFLOW`, `FA_INVALID_ARGUMENT`,
/// `FA_INVALID_HANDLE`; `*picture` has no memory then. `get_buffer2` returns `AVERROR(ENOMEM)` for
/// all of them.
///
/// # Safety
/// `hook` is null or a handle. `plane_bytes` is null or has four values. `picture` is null or may
/// be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_ffmpeg_alloc(
    hook: *const fa_hook,
    plane_bytes: *const usize,
    picture: *mut fa_ffmpeg_picture,
) -> fa_status {
    returning(|| {
        let none = fa_ffmpeg_picture {
            planes: [ptr::null_mut(); 4],
            buffer: ptr::null_mut(),
            bytes: 0,
        };
        // SAFETY: as the caller promises.
        let (hook, plane_bytes) = unsafe {
            out::write(picture, none)?;
            (
                hook_of!(Ffmpeg, hook),
                out::read(plane_bytes.cast::<[usize; 4]>())?,
            )
        };
        let made = hook
            .ok_or(fa_status::FA_INVALID_HANDLE)?
            .picture(plane_bytes)?;
        let made = fa_ffmpeg_picture {
            planes: made.planes,
            buffer: made.buffer,
            bytes: made.bytes,
        };
        // SAFETY: as the caller promises.
        unsafe { out::write(picture, made) }
    })
}

/// Frees the buffer of a picture: the argument `free` of `av_buffer_create`. It does not use
/// `opaque`, and may be called on any thread, also after the hook was destroyed. Does nothing for
/// null.
///
/// # Safety
/// `data` is null, or a buffer of `fa_ffmpeg_alloc` that was not freed before and that nobody uses
/// any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_ffmpeg_free(opaque: *mut c_void, data: *mut u8) {
    // SAFETY: as the caller promises.
    or_if_panicked((), || unsafe { free_picture(opaque, data) });
}
