//! Buffers outside all frames.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr;

use frame_arena::RawLayout;
use frame_arena_hooks::lent::{lend, take_back};

use crate::arena::fa_arena;
use crate::handle;
use crate::out;
use crate::status::{fa_status, is_stale, or_if_panicked, returning};

/// Allocates `bytes` bytes that belong to no frame, aligned to `align_bytes`: a power of two up to
/// 2 MiB, or 0 for 64. `padding_bytes` more may be read and written behind them. They are zeroed,
/// or with `FA_STALE` in `flags` not.
///
/// The caller frees the buffer with `fa_buffer_free`, on any thread, also after the arena was
/// destroyed. A buffer takes whole pages, so it is meant for large ones; `fa_heap_alloc` is for
/// small ones.
///
/// Errors: `FA_LIMIT_EXCEEDED`, `FA_SYSTEM_REFUSED`, `FA_SIZE_OVERFLOW`,
/// `FA_UNSUPPORTED_ALIGNMENT`, `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`; `*buffer` is null then.
///
/// # Safety
/// `arena` is null or a handle. `buffer` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_buffer_alloc(
    arena: *const fa_arena,
    bytes: usize,
    align_bytes: usize,
    padding_bytes: usize,
    flags: u32,
    buffer: *mut *mut c_void,
) -> fa_status {
    returning(|| {
        // SAFETY: as the caller promises.
        let arena = unsafe {
            out::write(buffer, ptr::null_mut())?;
            handle::get(arena)?
        };
        let mut layout = RawLayout::new(bytes).padding_bytes(padding_bytes);
        if align_bytes > 0 {
            layout = layout.align_bytes(align_bytes);
        }
        let made = match is_stale(flags)? {
            true => arena.stale_raw_buffer(layout)?,
            false => arena.raw_buffer(layout)?,
        };
        // SAFETY: as the caller promises.
        unsafe { out::write(buffer, lend(made).as_ptr().cast()) }
    })
}

/// Frees a buffer of `fa_buffer_alloc`. Does nothing for null. Any thread may call it.
///
/// # Safety
/// `buffer` is null, or a buffer that was not freed before and that nobody uses any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_buffer_free(buffer: *mut c_void) {
    // SAFETY: as the caller promises, the buffer was lent, and not freed since. It was initialized,
    // and code that is not Rust wrote it.
    or_if_panicked((), || unsafe { take_back(buffer.addr()) });
}
