//! Structs and pointers that exported functions read and write for their caller.
#![allow(unsafe_code)]

use crate::status::fa_status;

/// Writes `value` to `place`.
///
/// # Errors
/// `FA_INVALID_ARGUMENT` for null.
///
/// # Safety
/// `place` is null, or may be written.
pub(crate) unsafe fn write<T>(place: *mut T, value: T) -> Result<(), fa_status> {
    if place.is_null() {
        return Err(fa_status::FA_INVALID_ARGUMENT);
    }
    // SAFETY: as the caller promises.
    unsafe { place.write(value) };
    Ok(())
}

/// Reads what is at `place`.
///
/// # Errors
/// `FA_INVALID_ARGUMENT` for null.
///
/// # Safety
/// `place` is null, or has a valid value.
pub(crate) unsafe fn read<T: Copy>(place: *const T) -> Result<T, fa_status> {
    if place.is_null() {
        return Err(fa_status::FA_INVALID_ARGUMENT);
    }
    // SAFETY: as the caller promises.
    Ok(unsafe { place.read() })
}
