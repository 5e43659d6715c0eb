//! Picture buffers of libde265.
#![allow(unsafe_code, reason = "exported functions")]

use std::ffi::{c_int, c_void};

use frame_arena_hooks::libde265::{De265Functions, De265Hook, De265Image, De265ImageSpec};

use super::{Hook, fa_hook, hook_of, make_hook};
use crate::arena::fa_arena;
use crate::out;
use crate::status::{fa_status, is_stale, or_if_panicked};

/// Functions of libde265 that the callbacks call. This library does not link it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct fa_de265_functions {
    /// `de265_set_image_plane`.
    pub set_image_plane: Option<
        unsafe extern "C" fn(
            image: *mut De265Image,
            channel: c_int,
            memory: *mut c_void,
            stride: c_int,
            userdata: *mut c_void,
        ),
    >,
    /// `de265_get_image_plane_user_data`.
    pub get_image_plane_user_data:
        Option<unsafe extern "C" fn(image: *const De265Image, channel: c_int) -> *mut c_void>,
    /// `de265_get_bits_per_pixel`.
    pub get_bits_per_pixel:
        Option<unsafe extern "C" fn(image: *const De265Image, channel: c_int) -> c_int>,
}

impl fa_de265_functions {
    fn checked(self) -> Option<De265Functions> {
        Some(De265Functions {
            set_image_plane: self.set_image_plane?,
            get_image_plane_user_data: self.get_image_plane_user_data?,
            get_bits_per_pixel: self.get_bits_per_pixel?,
        })
    }
}

/// Makes a hook for libde265, which the caller destroys with `fa_hook_destroy`, after the last
/// decoder is freed:
///
/// ```c
/// const struct fa_de265_functions functions = {
///     de265_set_image_plane, de265_get_image_plane_user_data, de265_get_bits_per_pixel,
/// };
/// struct de265_image_allocation allocation = { fa_de265_get, fa_de265_release };
/// fa_de265_hook(arena, 0, &functions, &hook);
/// de265_set_image_allocation_functions(decoder, &allocation, hook);
/// ```
///
/// Pictures are zeroed, or with `FA_STALE` in `flags` not. The samples of valid streams are the
/// same.
///
/// Errors: `FA_SYSTEM_REFUSED`, `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`; `*hook` is null then.
///
/// # Safety
/// `arena` is null or a handle. `functions` is null or valid, with functions of the library that
/// calls the hook. `hook` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_de265_hook(
    arena: *const fa_arena,
    flags: u32,
    functions: *const fa_de265_functions,
    hook: *mut *mut fa_hook,
) -> fa_status {
    // SAFETY: as the caller promises.
    unsafe {
        make_hook(arena, hook, |arena| {
            let functions = out::read(functions)?.checked();
            let functions = functions.ok_or(fa_status::FA_INVALID_ARGUMENT)?;
            let made = De265Hook::try_new(arena, functions, !is_stale(flags)?)?;
            Ok(Hook::De265(made))
        })
    }
}

/// The value of `de265_image_allocation.get_buffer`; `hook` is the user data. Returns 1, or 0 if
/// there is no memory.
///
/// # Safety
/// As libde265 calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_de265_get(
    decoder: *mut c_void,
    spec: *mut De265ImageSpec,
    image: *mut De265Image,
    hook: *mut c_void,
) -> c_int {
    or_if_panicked(0, || {
        // SAFETY: as the caller promises.
        let Some(hook) = (unsafe { hook_of!(De265, hook) }) else {
            return 0;
        };
        match hook.allocation().get_buffer {
            // SAFETY: as the caller promises, and the user data is that of the hook.
            Some(get) => unsafe { get(decoder, spec, image, hook.userdata()) },
            None => 0,
        }
    })
}

/// The value of `de265_image_allocation.release_buffer`.
///
/// # Safety
/// As libde265 calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_de265_release(
    decoder: *mut c_void,
    image: *mut De265Image,
    hook: *mut c_void,
) {
    or_if_panicked((), || {
        // SAFETY: as the caller promises.
        if let Some(hook) = unsafe { hook_of!(De265, hook) }
            && let Some(release) = hook.allocation().release_buffer
        {
            // SAFETY: as the caller promises, and the user data is that of the hook.
            unsafe { release(decoder, image, hook.userdata()) };
        }
    });
}
