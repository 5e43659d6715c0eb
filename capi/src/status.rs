#![allow(unsafe_code, reason = "exported functions")]

use std::ffi::{c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};

use frame_arena::AllocError;

/// The result of a function. `FA_OK` is 0; errors are negative.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum fa_status {
    /// Success.
    FA_OK = 0,
    /// The arena's limit does not admit the request, even with all retained memory released.
    FA_LIMIT_EXCEEDED = -1,
    /// The system has no memory.
    FA_SYSTEM_REFUSED = -2,
    /// The size exceeds the address space.
    FA_SIZE_OVERFLOW = -3,
    /// An alignment is not a power of two up to 2 MiB.
    FA_UNSUPPORTED_ALIGNMENT = -4,
    /// A pointer is null that must not be, or a value has no meaning.
    FA_INVALID_ARGUMENT = -5,
    /// A handle was closed before, or belongs to a function of another kind.
    FA_INVALID_HANDLE = -6,
    /// A fault of this library. It was reported on standard error.
    FA_INTERNAL = -7,
}

use fa_status::{
    FA_INTERNAL, FA_INVALID_ARGUMENT, FA_INVALID_HANDLE, FA_LIMIT_EXCEEDED, FA_OK,
    FA_SIZE_OVERFLOW, FA_SYSTEM_REFUSED, FA_UNSUPPORTED_ALIGNMENT,
};

/// A flag of requests: memory is not zeroed first. It has bytes of earlier requests from the same
/// arena, which may be those of other users' pictures, and must be overwritten wholly.
pub const FA_STALE: u32 = 1;

impl From<AllocError> for fa_status {
    fn from(error: AllocError) -> Self {
        match error {
            AllocError::LimitExceeded { .. } => FA_LIMIT_EXCEEDED,
            AllocError::System { .. } => FA_SYSTEM_REFUSED,
            AllocError::SizeOverflow { .. } => FA_SIZE_OVERFLOW,
            AllocError::UnsupportedAlignment { .. } => FA_UNSUPPORTED_ALIGNMENT,
            _ => FA_INTERNAL,
        }
    }
}

/// Whether memory is stale, by the flags of a request.
pub(crate) fn is_stale(flags: u32) -> Result<bool, fa_status> {
    match flags {
        0 => Ok(false),
        FA_STALE => Ok(true),
        _ => Err(FA_INVALID_ARGUMENT),
    }
}

/// Runs the body of an exported function. A panic must not reach C code.
pub(crate) fn returning(body: impl FnOnce() -> Result<(), fa_status>) -> fa_status {
    match or_if_panicked(Err(FA_INTERNAL), body) {
        Ok(()) => FA_OK,
        Err(status) => status,
    }
}

/// Runs the body of an exported function that returns no status.
pub(crate) fn or_if_panicked<T>(panicked: T, body: impl FnOnce() -> T) -> T {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(returned) => returned,
        Err(payload) => {
            // Dropping it could panic again.
            std::mem::forget(payload);
            panicked
        }
    }
}

/// Returns a message in English for a status, a string that is never freed. Any thread may call it.
#[unsafe(no_mangle)]
pub extern "C" fn fa_status_message(status: c_int) -> *const c_char {
    const MESSAGES: [(fa_status, &std::ffi::CStr); 8] = [
        (FA_OK, c"success"),
        (
            FA_LIMIT_EXCEEDED,
            c"the memory limit of the arena is exceeded",
        ),
        (FA_SYSTEM_REFUSED, c"the system refused memory"),
        (FA_SIZE_OVERFLOW, c"the size exceeds the address space"),
        (
            FA_UNSUPPORTED_ALIGNMENT,
            c"the alignment is not a power of two up to 2 MiB",
        ),
        (
            FA_INVALID_ARGUMENT,
            c"an argument is null or has no meaning",
        ),
        (
            FA_INVALID_HANDLE,
            c"the handle was closed before, or is of another kind",
        ),
        (FA_INTERNAL, c"a fault of frame-arena"),
    ];
    let known = MESSAGES.iter().find(|(known, _)| *known as c_int == status);
    known
        .map_or(c"unknown status", |(_, message)| message)
        .as_ptr()
}

/// Returns the version of the library, such as "0.1.0", a string that is never freed.
#[unsafe(no_mangle)]
pub extern "C" fn fa_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}
