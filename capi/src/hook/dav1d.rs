//! Picture buffers of dav1d.
#![allow(unsafe_code, reason = "exported functions")]

use std::ffi::{c_int, c_void};

use frame_arena_hooks::dav1d::{Dav1dHook, Dav1dPicture, OUT_OF_MEMORY, release_picture};

use super::{Hook, fa_hook, hook_of, make_hook};
use crate::arena::fa_arena;
use crate::status::{fa_status, or_if_panicked};

/// Makes a hook for dav1d, which the caller destroys with `fa_hook_destroy`:
///
/// ```c
/// settings.allocator.cookie = hook;
/// settings.allocator.alloc_picture_callback = fa_dav1d_alloc;
/// settings.allocator.release_picture_callback = fa_dav1d_release;
/// ```
///
/// Pictures are not zeroed, as those of dav1d's own pool.
///
/// Errors: `FA_SYSTEM_REFUSED`, `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`; `*hook` is null then.
///
/// # Safety
/// `arena` is null or a handle. `hook` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_dav1d_hook(
    arena: *const fa_arena,
    hook: *mut *mut fa_hook,
) -> fa_status {
    // SAFETY: as the caller promises.
    unsafe {
        make_hook(arena, hook, |arena| {
            Ok(Hook::Dav1d(Dav1dHook::try_new(arena)?))
        })
    }
}

/// The value of `Dav1dPicAllocator.alloc_picture_callback`; `hook` is the value of `cookie`.
/// Returns 0, `DAV1D_ERR(ENOMEM)` or `DAV1D_ERR(EINVAL)`, which the decode returns.
///
/// # Safety
/// As dav1d calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_dav1d_alloc(picture: *mut Dav1dPicture, hook: *mut c_void) -> c_int {
    or_if_panicked(OUT_OF_MEMORY, || {
        // SAFETY: as the caller promises.
        let Some(hook) = (unsafe { hook_of!(Dav1d, hook) }) else {
            return OUT_OF_MEMORY;
        };
        let allocator = hook.allocator();
        match allocator.alloc_picture_callback {
            // SAFETY: as the caller promises, and the cookie is that of the hook.
            Some(alloc) => unsafe { alloc(picture, allocator.cookie) },
            None => OUT_OF_MEMORY,
        }
    })
}

/// The value of `Dav1dPicAllocator.release_picture_callback`. It does not use the hook.
///
/// # Safety
/// As dav1d calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_dav1d_release(picture: *mut Dav1dPicture, hook: *mut c_void) {
    // SAFETY: as the caller promises.
    or_if_panicked((), || unsafe { release_picture(picture, hook) });
}
