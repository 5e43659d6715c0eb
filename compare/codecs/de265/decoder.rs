//! libde265's C interface, and a decode of a stream with it.

#![allow(unsafe_code, reason = "calls a C library")]

use std::ffi::{c_int, c_void};
use std::ptr;

use frame_arena::Arena;
use frame_arena_hooks::libde265::{De265Functions, De265Hook, De265Image, De265ImageAllocation};

/// Bytes that a decoder is given at once.
pub(crate) const PART_BYTES: usize = 4096;

/// `DE265_ERROR_WAITING_FOR_INPUT_DATA`.
const WAITING: c_int = 13;

unsafe extern "C" {
    fn de265_new_decoder() -> *mut c_void;
    fn de265_start_worker_threads(context: *mut c_void, threads: c_int) -> c_int;
    fn de265_free_decoder(context: *mut c_void) -> c_int;
    fn de265_push_data(
        context: *mut c_void,
        data: *const u8,
        bytes: c_int,
        time: i64,
        userdata: *mut c_void,
    ) -> c_int;
    fn de265_flush_data(context: *mut c_void) -> c_int;
    fn de265_decode(context: *mut c_void, more: *mut c_int) -> c_int;
    fn de265_get_warning(context: *mut c_void) -> c_int;
    fn de265_get_next_picture(context: *mut c_void) -> *const De265Image;
    fn de265_get_image_plane(
        image: *const De265Image,
        channel: c_int,
        stride: *mut c_int,
    ) -> *const u8;
    fn de265_get_image_width(image: *const De265Image, channel: c_int) -> c_int;
    fn de265_get_image_height(image: *const De265Image, channel: c_int) -> c_int;
    fn de265_get_bits_per_pixel(image: *const De265Image, channel: c_int) -> c_int;
    fn de265_get_image_plane_user_data(image: *const De265Image, channel: c_int) -> *mut c_void;
    fn de265_set_image_plane(
        image: *mut De265Image,
        channel: c_int,
        memory: *mut c_void,
        stride: c_int,
        userdata: *mut c_void,
    );
    fn de265_set_image_allocation_functions(
        context: *mut c_void,
        allocation: *const De265ImageAllocation,
        userdata: *mut c_void,
    );
}

/// A hook for the linked library. It zeroes nothing, as version 1.0.11 of the library does not.
pub(crate) fn hook(arena: &Arena) -> De265Hook {
    let functions = De265Functions {
        set_image_plane: de265_set_image_plane,
        get_image_plane_user_data: de265_get_image_plane_user_data,
        get_bits_per_pixel: de265_get_bits_per_pixel,
    };
    // SAFETY: the functions are the library's.
    unsafe { De265Hook::stale(arena, functions) }
}

/// A decoder. `context` is one of the library.
pub(crate) struct Decoder<'h> {
    context: *mut c_void,
    /// Keeps the hook for as long as the decoder exists.
    _hook: Option<&'h De265Hook>,
}

/// A decoded picture, valid until the decoder is used again.
pub(crate) struct Picture(*const De265Image);

impl<'h> Decoder<'h> {
    /// Opens a decoder that decodes on its caller's thread, or on more than one of its own.
    pub(crate) fn open(threads: c_int, hook: Option<&'h De265Hook>) -> Self {
        // SAFETY: the hook outlives the decoder by its lifetime.
        let context = unsafe {
            let context = de265_new_decoder();
            if let Some(hook) = hook {
                let allocation = hook.allocation();
                de265_set_image_allocation_functions(context, &allocation, hook.userdata());
            }
            if threads > 1 {
                de265_start_worker_threads(context, threads);
            }
            context
        };
        Self {
            context,
            _hook: hook,
        }
    }

    /// Decodes the next bytes of a stream.
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        each: &mut dyn FnMut(&Picture),
    ) -> Result<(), c_int> {
        // SAFETY: the library copies the bytes.
        unsafe {
            let length = bytes.len() as c_int;
            de265_push_data(self.context, bytes.as_ptr(), length, 0, ptr::null_mut());
        }
        self.advance(each)
    }

    /// Decodes what is left at the end of a stream.
    pub(crate) fn flush(&mut self, each: &mut dyn FnMut(&Picture)) -> Result<(), c_int> {
        // SAFETY: the context is valid.
        unsafe { de265_flush_data(self.context) };
        self.advance(each)
    }

    fn advance(&mut self, each: &mut dyn FnMut(&Picture)) -> Result<(), c_int> {
        loop {
            let mut more = 0;
            // SAFETY: the context is valid.
            let (done, warning, picture) = unsafe {
                let done = de265_decode(self.context, &mut more);
                let warning = de265_get_warning(self.context);
                (done, warning, de265_get_next_picture(self.context))
            };
            if !picture.is_null() {
                each(&Picture(picture));
            }
            match (done, warning) {
                (WAITING, 0) => return Ok(()),
                (0, 0) if more == 0 => return Ok(()),
                (0, 0) => {}
                (0, error) | (error, _) => return Err(error),
            }
        }
    }
}

impl Drop for Decoder<'_> {
    fn drop(&mut self) {
        // SAFETY: the context is valid, and not used any more.
        unsafe { de265_free_decoder(self.context) };
    }
}

impl Picture {
    /// Calls `each` with every row of every plane.
    pub(crate) fn rows(&self, each: &mut dyn FnMut(&[u8])) {
        for channel in 0..3 {
            let mut stride = 0;
            // SAFETY: the picture is valid, and has rows of this length at this distance.
            unsafe {
                let plane = de265_get_image_plane(self.0, channel, &mut stride);
                let bits = de265_get_bits_per_pixel(self.0, channel);
                let columns = de265_get_image_width(self.0, channel) as usize;
                let rows = de265_get_image_height(self.0, channel) as usize;
                let bytes = if bits > 8 { 2 * columns } else { columns };
                for y in 0..rows {
                    each(std::slice::from_raw_parts(
                        plane.add(y * stride as usize),
                        bytes,
                    ));
                }
            }
        }
    }
}
