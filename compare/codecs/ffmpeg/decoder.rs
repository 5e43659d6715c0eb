//! A decode of a stream by FFmpeg, through the C code of this folder.

#![allow(unsafe_code, reason = "calls C code")]

use std::ffi::{CString, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;

use frame_arena::{AllocError, Arena};
use frame_arena_capi::{
    FA_STALE, fa_arena, fa_arena_destroy, fa_ffmpeg_alloc, fa_ffmpeg_free, fa_ffmpeg_hook,
    fa_ffmpeg_picture, fa_hook, fa_hook_destroy, fa_hook_take_refusal, fa_refusal, fa_status,
};

/// Functions that only the C code calls, so that the linker keeps them.
#[used]
static FOR_C: (
    unsafe extern "C" fn(*const fa_hook, *const usize, *mut fa_ffmpeg_picture) -> fa_status,
    unsafe extern "C" fn(*mut c_void, *mut u8),
) = (fa_ffmpeg_alloc, fa_ffmpeg_free);

unsafe extern "C" {
    fn decode_open(
        name: *const c_char,
        threads: c_int,
        hook: *mut c_void,
        error: *mut c_int,
    ) -> *mut c_void;
    fn decode_reopen(decode: *mut c_void, name: *const c_char) -> c_int;
    fn decode_next(decode: *mut c_void) -> c_int;
    fn decode_rows(
        decode: *mut c_void,
        row: unsafe extern "C" fn(user: *mut c_void, start: *const u8, bytes: usize),
        user: *mut c_void,
    );
    fn decode_close(decode: *mut c_void);
}

/// A hook of the C interface. It zeroes nothing, as FFmpeg's own pool does not when a buffer is
/// used again.
pub(crate) struct Hook(*mut fa_hook);

// SAFETY: hooks may be used on any threads.
unsafe impl Sync for Hook {}

impl Hook {
    pub(crate) fn new(arena: &Arena) -> Self {
        let mut arena = fa_arena::from_arena(arena).unwrap();
        let mut hook = ptr::null_mut();
        // SAFETY: the arena is a handle until it is destroyed.
        unsafe {
            assert_eq!(fa_ffmpeg_hook(arena, FA_STALE, &mut hook), fa_status::FA_OK);
            assert_eq!(fa_arena_destroy(&mut arena), fa_status::FA_OK);
        }
        Self(hook)
    }

    #[allow(dead_code, reason = "for tests")]
    pub(crate) fn take_refusal(&self) -> Option<AllocError> {
        let mut refusal = fa_refusal {
            status: fa_status::FA_OK,
            requested_bytes: 0,
            in_use_bytes: 0,
            limit_bytes: 0,
        };
        // SAFETY: the hook is a handle until it is dropped.
        let taken = unsafe { fa_hook_take_refusal(self.0, &mut refusal) };
        assert_eq!(taken, fa_status::FA_OK);
        match refusal.status {
            fa_status::FA_OK => None,
            fa_status::FA_LIMIT_EXCEEDED => Some(AllocError::LimitExceeded {
                requested_bytes: refusal.requested_bytes,
                in_use_bytes: refusal.in_use_bytes,
                limit_bytes: refusal.limit_bytes,
            }),
            other => panic!("refused: {other:?}"),
        }
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        // SAFETY: no decoder uses the hook any more, as they borrow it.
        unsafe { fa_hook_destroy(&mut self.0) };
    }
}

fn name_of(file: &Path) -> CString {
    CString::new(file.as_os_str().as_bytes()).unwrap()
}

/// An open file and its decoder. `decode` is one of `decode_open`.
pub(crate) struct Decoder<'h> {
    decode: *mut c_void,
    /// Keeps the hook for as long as the decoder is open.
    _hook: Option<&'h Hook>,
}

impl<'h> Decoder<'h> {
    pub(crate) fn open(file: &Path, threads: c_int, hook: Option<&'h Hook>) -> Result<Self, i32> {
        let name = name_of(file);
        let pointer = hook.map_or(ptr::null_mut(), |hook| hook.0.cast());
        let mut error = 0;
        // SAFETY: the hook outlives the decoder by its lifetime.
        let decode = unsafe { decode_open(name.as_ptr(), threads, pointer, &mut error) };
        match decode.is_null() {
            true => Err(error),
            false => Ok(Self {
                decode,
                _hook: hook,
            }),
        }
    }

    /// Goes on with the next file, of the same codec.
    #[allow(dead_code, reason = "for the program")]
    pub(crate) fn reopen(&mut self, file: &Path) -> Result<(), i32> {
        // SAFETY: the decode is open.
        match unsafe { decode_reopen(self.decode, name_of(file).as_ptr()) } {
            error if error < 0 => Err(error),
            _ => Ok(()),
        }
    }

    /// Decodes the next picture. Returns whether there was one.
    pub(crate) fn next(&mut self) -> Result<bool, i32> {
        // SAFETY: the decode is open.
        match unsafe { decode_next(self.decode) } {
            0 => Ok(false),
            error if error < 0 => Err(error),
            _ => Ok(true),
        }
    }

    /// Calls `each` with every row of every plane of the picture.
    pub(crate) fn rows(&self, mut each: &mut dyn FnMut(&[u8])) {
        /// # Safety
        /// `user` is that of `rows`, and `start` has `bytes` bytes.
        unsafe extern "C" fn row(user: *mut c_void, start: *const u8, bytes: usize) {
            // SAFETY: as the caller promises.
            unsafe {
                let each = &mut *user.cast::<&mut dyn FnMut(&[u8])>();
                each(std::slice::from_raw_parts(start, bytes));
            }
        }
        // SAFETY: the decode is open and has a picture.
        unsafe { decode_rows(self.decode, row, ptr::from_mut(&mut each).cast()) };
    }
}

impl Drop for Decoder<'_> {
    fn drop(&mut self) {
        // SAFETY: the decode is open, and not used any more.
        unsafe { decode_close(self.decode) };
    }
}
