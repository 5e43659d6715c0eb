//! The C structs of libde265, and the callbacks that it calls.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::ptr;

use frame_arena::{AllocError, Arena, RawLayout, try_box};

use super::layout::{ALIGN_BYTES, Planes};
use crate::lent::{lend, take_back};
use crate::source::Source;

/// The opaque C struct `de265_image`.
#[repr(C)]
#[derive(Debug)]
pub struct De265Image {
    opaque: [u8; 0],
}

/// The C struct `de265_image_spec` (`de265.h` lines 323 to 339).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct De265ImageSpec {
    /// The `de265_image_format`: 1 for 4:0:0, 2 for 4:2:0, 3 for 4:2:2, 4 for 4:4:4.
    pub format: c_int,
    /// Samples per row.
    pub width: c_int,
    /// Rows.
    pub height: c_int,
    /// Alignment of rows, in samples.
    pub alignment: c_int,
    /// Columns that are cropped on the left.
    pub crop_left: c_int,
    /// Columns that are cropped on the right.
    pub crop_right: c_int,
    /// Rows that are cropped at the top.
    pub crop_top: c_int,
    /// Rows that are cropped at the bottom.
    pub crop_bottom: c_int,
    /// Columns that are left.
    pub visible_width: c_int,
    /// Rows that are left.
    pub visible_height: c_int,
}

/// The C struct `de265_image_allocation` (`de265.h` lines 341 to 350).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct De265ImageAllocation {
    /// Allocates the planes of a picture. Returns 0 for failure.
    pub get_buffer: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            spec: *mut De265ImageSpec,
            image: *mut De265Image,
            userdata: *mut c_void,
        ) -> c_int,
    >,
    /// Frees the planes of a picture.
    pub release_buffer: Option<
        unsafe extern "C" fn(context: *mut c_void, image: *mut De265Image, userdata: *mut c_void),
    >,
}

/// The functions of the library that the callbacks call.
#[derive(Clone, Copy, Debug)]
pub struct De265Functions {
    /// `de265_set_image_plane` (`de265.h` line 359); `stride` is in bytes.
    pub set_image_plane: unsafe extern "C" fn(
        image: *mut De265Image,
        channel: c_int,
        memory: *mut c_void,
        stride: c_int,
        userdata: *mut c_void,
    ),
    /// `de265_get_image_plane_user_data` (`de265.h` line 186).
    pub get_image_plane_user_data:
        unsafe extern "C" fn(image: *const De265Image, channel: c_int) -> *mut c_void,
    /// `de265_get_bits_per_pixel` (`de265.h` line 183).
    pub get_bits_per_pixel: unsafe extern "C" fn(image: *const De265Image, channel: c_int) -> c_int,
}

/// Picture buffers from an arena, for decoders of libde265. One hook serves any number of decoders,
/// on any threads.
///
/// It must live until the last decoder with its [`allocation`](Self::allocation) is freed.
#[must_use]
pub struct De265Hook {
    /// Its address is in `userdata`.
    shared: Box<Shared>,
}

struct Shared {
    source: Source,
    functions: De265Functions,
    is_zeroing: bool,
}

impl Shared {
    fn new(arena: &Arena, functions: De265Functions, is_zeroing: bool) -> Self {
        Self {
            source: Source::new(arena),
            functions,
            is_zeroing,
        }
    }
}

impl De265Hook {
    /// Makes a hook for pictures in `arena`, which are zeroed first.
    ///
    /// # Safety
    /// The functions are those of the library that calls the hook.
    pub unsafe fn new(arena: &Arena, functions: De265Functions) -> Self {
        Self {
            shared: Box::new(Shared::new(arena, functions, true)),
        }
    }

    /// Makes a hook for pictures in `arena` that are not zeroed. Samples of valid streams are the
    /// same. Where a damaged stream leaves samples out, those of other pictures in the arena show,
    /// which may be other users' pictures.
    ///
    /// # Safety
    /// The functions are those of the library that calls the hook.
    pub unsafe fn stale(arena: &Arena, functions: De265Functions) -> Self {
        Self {
            shared: Box::new(Shared::new(arena, functions, false)),
        }
    }

    /// Makes a hook as [`new`](Self::new) does, or as [`stale`](Self::stale) does. Both abort if
    /// the process has no memory for the hook.
    ///
    /// # Errors
    /// [`AllocError::System`] in that case.
    ///
    /// # Safety
    /// The functions are those of the library that calls the hook.
    pub unsafe fn try_new(
        arena: &Arena,
        functions: De265Functions,
        is_zeroing: bool,
    ) -> Result<Self, AllocError> {
        Ok(Self {
            shared: try_box(Shared::new(arena, functions, is_zeroing))?,
        })
    }

    /// Returns the second argument of `de265_set_image_allocation_functions`, by value.
    pub fn allocation(&self) -> De265ImageAllocation {
        De265ImageAllocation {
            get_buffer: Some(get_buffer),
            release_buffer: Some(release_buffer),
        }
    }

    /// Returns the third argument of `de265_set_image_allocation_functions`.
    pub fn userdata(&self) -> *mut c_void {
        ptr::from_ref::<Shared>(&self.shared).cast_mut().cast()
    }

    /// Returns the reason of the last picture that the arena refused, once. The decoder reports it
    /// as `DE265_ERROR_OUT_OF_MEMORY`.
    pub fn take_refusal(&self) -> Option<AllocError> {
        self.shared.source.take_refusal()
    }
}

/// # Safety
/// `spec` and `image` are valid, and `userdata` points to a [`Shared`], whose functions are those
/// of the caller's library.
unsafe extern "C" fn get_buffer(
    _context: *mut c_void,
    spec: *mut De265ImageSpec,
    image: *mut De265Image,
    userdata: *mut c_void,
) -> c_int {
    // SAFETY: promised by the caller.
    let (spec, shared) = unsafe { (&*spec, &*userdata.cast::<Shared>()) };
    let functions = &shared.functions;
    // SAFETY: the image is valid.
    let bits = [0, 1].map(|channel| unsafe { (functions.get_bits_per_pixel)(image, channel) });
    let Some(planes) = Planes::new(spec.width, spec.height, spec.format, bits) else {
        return 0;
    };
    let layout = RawLayout::new(planes.bytes).align_bytes(ALIGN_BYTES);
    let Ok(buffer) = shared.source.filled(layout, shared.is_zeroing) else {
        return 0;
    };
    let start = lend(buffer).as_ptr();
    for (channel, plane) in (0..).zip(planes.planes) {
        let (memory, stride) = match plane {
            Some(plane) => (start.wrapping_add(plane.start).cast(), plane.stride_bytes),
            None => (ptr::null_mut(), 0),
        };
        // SAFETY: the image is valid. The plane has its rows at this distance.
        unsafe { (functions.set_image_plane)(image, channel, memory, stride, start.cast()) };
    }
    1
}

/// # Safety
/// `image` has planes of [`get_buffer`], which nobody uses any more. `userdata` is as there.
unsafe extern "C" fn release_buffer(
    _context: *mut c_void,
    image: *mut De265Image,
    userdata: *mut c_void,
) {
    // SAFETY: promised by the caller.
    let functions = unsafe { &(*userdata.cast::<Shared>()).functions };
    // SAFETY: the image is valid.
    let start = unsafe { (functions.get_image_plane_user_data)(image, 0) };
    // SAFETY: `get_buffer` lent the buffer at this address, which was initialized, and made it the
    // user data of the plane. Only libde265 wrote it, which is not Rust. Nobody uses the planes any
    // more.
    unsafe { take_back(start.addr()) };
}
