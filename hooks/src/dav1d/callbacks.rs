//! The C structs of dav1d, and the callbacks that it calls.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_uint, c_void};
use std::ptr;

use frame_arena::RawLayout;

use super::layout::{ALIGN_BYTES, Planes};
use crate::lent::{lend, take_back};
use crate::source::Source;

/// `DAV1D_ERR(ENOMEM)`: error codes of dav1d are negated error codes of POSIX (`common.h` line 52).
pub const OUT_OF_MEMORY: c_int = -12;

/// `DAV1D_ERR(EINVAL)`.
pub const INVALID: c_int = -22;

/// The C struct `Dav1dPictureParameters` (`picture.h` lines 42 to 47).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Dav1dPictureParameters {
    /// Samples per row.
    pub w: c_int,
    /// Rows.
    pub h: c_int,
    /// The `Dav1dPixelLayout`: 0 for 4:0:0, 1 for 4:2:0, 2 for 4:2:2, 3 for 4:4:4.
    pub layout: c_uint,
    /// Bits per sample.
    pub bpc: c_int,
}

/// The first fields of the C struct `Dav1dPicture` (`picture.h` lines 49 to 65). They are the same
/// in dav1d 1.0 and rav1d 1.1. Later fields, which the hook does not use, are not.
#[repr(C)]
#[derive(Debug)]
pub struct Dav1dPicture {
    /// The sequence header.
    pub seq_hdr: *mut c_void,
    /// The frame header.
    pub frame_hdr: *mut c_void,
    /// The first sample of each plane.
    pub data: [*mut c_void; 3],
    /// Bytes from row to row, of luma and of chroma.
    pub stride: [isize; 2],
    /// Size and format.
    pub p: Dav1dPictureParameters,
}

/// The C struct `Dav1dPicAllocator` (`picture.h` lines 98 to 137).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Dav1dPicAllocator {
    /// Passed to the callbacks.
    pub cookie: *mut c_void,
    /// Allocates the planes of a picture.
    pub alloc_picture_callback:
        Option<unsafe extern "C" fn(picture: *mut Dav1dPicture, cookie: *mut c_void) -> c_int>,
    /// Frees the planes of a picture.
    pub release_picture_callback:
        Option<unsafe extern "C" fn(picture: *mut Dav1dPicture, cookie: *mut c_void)>,
}

impl Dav1dPicAllocator {
    pub(super) fn of(source: &Source) -> Self {
        Self {
            cookie: ptr::from_ref(source).cast_mut().cast(),
            alloc_picture_callback: Some(alloc),
            release_picture_callback: Some(release_picture),
        }
    }

    /// Returns the same allocator as another declaration of the C struct, such as that of a `-sys`
    /// crate or of rav1d.
    ///
    /// # Safety
    /// `T` declares the C struct `Dav1dPicAllocator`: a pointer and two function pointers, of the
    /// types above or of types with the same representation.
    ///
    /// # Panics
    /// If `T` has another size or alignment.
    pub unsafe fn declared_as<T>(self) -> T {
        assert_eq!(
            (size_of::<T>(), align_of::<T>()),
            (size_of::<Self>(), align_of::<Self>()),
            "not a declaration of Dav1dPicAllocator"
        );
        // SAFETY: as the caller promises, and the sizes are the same.
        unsafe { std::mem::transmute_copy(&self) }
    }
}

/// Allocates the planes of `picture`.
///
/// # Safety
/// `picture` points to a `Dav1dPicture` that nobody else uses meanwhile. `cookie` points to a
/// [`Source`].
unsafe extern "C" fn alloc(picture: *mut Dav1dPicture, cookie: *mut c_void) -> c_int {
    // SAFETY: promised by the caller.
    let (picture, source) = unsafe { (&mut *picture, &*cookie.cast::<Source>()) };
    let parameters = picture.p;
    let planes = Planes::new(
        parameters.w,
        parameters.h,
        parameters.layout,
        parameters.bpc,
    );
    let Some(planes) = planes else {
        return INVALID;
    };
    let layout = RawLayout::new(planes.bytes)
        .align_bytes(ALIGN_BYTES)
        .padding_bytes(ALIGN_BYTES);
    let Ok(buffer) = source.stale(layout) else {
        return OUT_OF_MEMORY;
    };
    let start = lend(buffer).as_ptr();
    picture.data = planes.starts.map(|offset| match offset {
        Some(offset) => start.wrapping_add(offset).cast(),
        None => ptr::null_mut(),
    });
    picture.stride = planes.strides.map(|bytes| bytes as isize);
    0
}

/// Frees the planes of `picture`: the callback [`Dav1dPicAllocator::release_picture_callback`] of
/// every hook. It uses nothing but the address of the first plane, so that it may run after the
/// hook has ended; `cookie` may be anything.
///
/// # Safety
/// `picture` points to a `Dav1dPicture` whose `data` a hook's allocator set, and whose planes
/// nobody uses any more.
pub unsafe extern "C" fn release_picture(picture: *mut Dav1dPicture, cookie: *mut c_void) {
    let _ = cookie;
    // SAFETY: promised by the caller.
    let address = unsafe { (*picture).data[0] }.addr();
    // SAFETY: `alloc` lent the buffer at this address, which was initialized. dav1d, which is not
    // Rust, and rav1d write samples to it, which are integers. Nobody uses the planes any more.
    unsafe { take_back(address) };
}
