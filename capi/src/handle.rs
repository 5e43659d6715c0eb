//! Handles: opaque pointers that C code holds.
#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use frame_arena::try_box;

use crate::out;
use crate::status::fa_status;

/// A type of handles, declared in C without its contents.
///
/// A handle is the address of a [`Record`] of `Value`, cast.
pub(crate) trait Opaque: Sized + 'static {
    /// What a handle refers to. Any thread may use and end it.
    type Value: Send + Sync + 'static;
    /// Tells handles of this type from others.
    const MARK: u64;

    /// Records of handles that were closed.
    fn spares() -> &'static Spares<Self::Value>;
}

/// What a handle points to.
///
/// Invariants: a record is never freed. While `mark` is that of a type, `value` is there, and is
/// only read. While it is 0, the record is in the list of spares, or belongs to the one call that
/// makes or closes the handle.
///
/// So a stale handle is recognized, until its record serves another handle.
#[repr(C)]
pub(crate) struct Record<V> {
    mark: AtomicU64,
    value: UnsafeCell<Option<V>>,
    /// The next spare record. Used under the lock of the list.
    next: UnsafeCell<Option<NonNull<Record<V>>>>,
}

/// A list of spare records.
pub(crate) struct Spares<V>(Mutex<Option<NonNull<Record<V>>>>);

// SAFETY: the records in the list are used under the lock, and have no values.
unsafe impl<V> Sync for Spares<V> {}

impl<V> Spares<V> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    fn take(&self) -> Option<NonNull<Record<V>>> {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let record = (*first)?;
        // SAFETY: records are never freed. This one is in the list, whose lock is held.
        *first = unsafe { (*record.as_ref().next.get()).take() };
        Some(record)
    }

    /// Adds a record, which belongs to the caller and has no value.
    fn put(&self, record: NonNull<Record<V>>) {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: records are never freed, and this one belongs to the caller.
        unsafe { *record.as_ref().next.get() = first.replace(record) };
    }
}

/// A new record, which has no value and belongs to the caller.
fn new_record<V>() -> Result<NonNull<Record<V>>, fa_status> {
    let record = try_box(Record {
        mark: AtomicU64::new(0),
        value: UnsafeCell::new(None),
        next: UnsafeCell::new(None),
    })?;
    Ok(NonNull::from(Box::leak(record)))
}

/// Makes a handle.
pub(crate) fn make<O: Opaque>(value: O::Value) -> Result<*mut O, fa_status> {
    let record = match O::spares().take() {
        Some(record) => record,
        None => new_record()?,
    };
    // SAFETY: records are never freed, and this one belongs to this call.
    unsafe {
        *record.as_ref().value.get() = Some(value);
        record.as_ref().mark.store(O::MARK, Ordering::Release);
    }
    Ok(record.as_ptr().cast())
}

/// Returns the value of a handle.
///
/// # Errors
/// `FA_INVALID_ARGUMENT` for null, `FA_INVALID_HANDLE` for a handle that was closed, or of another
/// type.
///
/// # Safety
/// `handle` is null, or came from [`make`] for whatever type. It is not closed during `'h`.
pub(crate) unsafe fn get<'h, O: Opaque>(handle: *const O) -> Result<&'h O::Value, fa_status> {
    let handle = NonNull::new(handle.cast_mut()).ok_or(fa_status::FA_INVALID_ARGUMENT)?;
    // SAFETY: every record starts with its mark and is never freed.
    if unsafe { handle.cast::<AtomicU64>().as_ref() }.load(Ordering::Acquire) != O::MARK {
        return Err(fa_status::FA_INVALID_HANDLE);
    }
    // SAFETY: by the mark, the handle is the address of such a record, whose value is there and
    // only read.
    let value = unsafe { &*handle.cast::<Record<O::Value>>().as_ref().value.get() };
    value.as_ref().ok_or(fa_status::FA_INVALID_HANDLE)
}

/// Writes to `place` a handle of what `make_of` makes of the value of another handle, or null if
/// there is an error.
///
/// # Errors
/// `FA_INVALID_ARGUMENT` if `place` is null; those of [`get`], `make_of` and [`make`].
///
/// # Safety
/// `from` is as for [`get`]. `place` is null or may be written.
pub(crate) unsafe fn derive<F: Opaque, O: Opaque>(
    from: *const F,
    place: *mut *mut O,
    make_of: impl FnOnce(&F::Value) -> Result<O::Value, fa_status>,
) -> Result<(), fa_status> {
    // SAFETY: as the caller promises.
    let from = unsafe {
        out::write(place, std::ptr::null_mut())?;
        get(from)?
    };
    let made = make(make_of(from)?)?;
    // SAFETY: as the caller promises.
    unsafe { out::write(place, made) }
}

/// Closes the handle at `place`, which becomes null, and returns its value: `None` if `place` or
/// the handle is null. If two calls close a handle, one of them gets the value.
///
/// # Errors
/// `FA_INVALID_HANDLE` as for [`get`].
///
/// # Safety
/// `place` is null, or nobody else uses it, and the handle there is as for [`get`]. Nobody uses the
/// handle any more.
pub(crate) unsafe fn close<O: Opaque>(place: *mut *mut O) -> Result<Option<O::Value>, fa_status> {
    let Some(mut place) = NonNull::new(place) else {
        return Ok(None);
    };
    // SAFETY: as the caller promises.
    let handle = std::mem::replace(unsafe { place.as_mut() }, std::ptr::null_mut());
    let Some(handle) = NonNull::new(handle) else {
        return Ok(None);
    };
    // SAFETY: every record starts with its mark and is never freed.
    let mark = unsafe { handle.cast::<AtomicU64>().as_ref() };
    if mark
        .compare_exchange(O::MARK, 0, Ordering::AcqRel, Ordering::Relaxed)
        .is_err()
    {
        return Err(fa_status::FA_INVALID_HANDLE);
    }
    let record = handle.cast::<Record<O::Value>>();
    // SAFETY: by its former mark, the handle is the address of such a record. It belongs to this
    // call, as the mark is 0 now.
    let value = unsafe { (*record.as_ref().value.get()).take() };
    O::spares().put(record);
    Ok(value)
}

/// Declares a type of handles.
macro_rules! opaque {
    ($name:ident, $value:ty, $mark:literal) => {
        impl $crate::handle::Opaque for $name {
            type Value = $value;
            const MARK: u64 = u64::from_le_bytes(*$mark);

            fn spares() -> &'static $crate::handle::Spares<$value> {
                static SPARES: $crate::handle::Spares<$value> = $crate::handle::Spares::new();
                &SPARES
            }
        }
    };
}
pub(crate) use opaque;
