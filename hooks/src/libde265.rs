//! Picture buffers of the HEVC decoder libde265.
//!
//! The library allocates three planes for each picture, and frees them when the place in its
//! picture buffer is used again. With this hook, they are one buffer of an arena, which retains it.
//!
//! # The contract
//!
//! Lines are those of `libde265/de265.h` in libde265 1.0.11; the library's own allocation is in
//! `image.cc`.
//!
//! * `de265_set_image_allocation_functions` (line 354) sets the callbacks. `get_buffer` is given
//!   the size and the subsampling, calls `de265_set_image_plane` for each plane, and returns 1; or
//!   returns 0, which becomes `DE265_ERROR_OUT_OF_MEMORY` (line 94).
//! * `spec.format` does not say how many bits a sample has; `de265_get_bits_per_pixel` does.
//! * The stride that `de265_set_image_plane` is given is in bytes; the library divides it by the
//!   bytes of a sample. In samples, it is a multiple of `spec.alignment`. Planes start at multiples
//!   of 16 bytes and have 16 bytes behind them.
//! * Where a damaged stream has no data, the contents of the buffer show. Version 1.0.11 leaves its
//!   own planes as they are, later ones fill them with zeros.
//! * `release_buffer` may be called on the thread that decodes, and when the decoder is freed.
//!   Planes may have moved to another image meanwhile, together with their user data.
//!
//! Metadata of blocks is memory of the library's own, for each picture too.
//!
//! # An example
//!
//! ```no_run
//! use std::ffi::{c_int, c_void};
//!
//! use frame_arena::{Arena, Retention};
//! use frame_arena_hooks::libde265::{
//!     De265Functions, De265Hook, De265Image, De265ImageAllocation,
//! };
//!
//! # /*
//! unsafe extern "C" {
//!     fn de265_set_image_plane(
//!         image: *mut De265Image, channel: c_int, memory: *mut c_void, stride: c_int,
//!         userdata: *mut c_void,
//!     );
//!     fn de265_get_image_plane_user_data(image: *const De265Image, channel: c_int) -> *mut c_void;
//!     fn de265_get_bits_per_pixel(image: *const De265Image, channel: c_int) -> c_int;
//!     fn de265_set_image_allocation_functions(
//!         context: *mut c_void, allocation: *const De265ImageAllocation, userdata: *mut c_void,
//!     );
//! }
//! # */
//! # unsafe extern "C" fn de265_set_image_plane(
//! #     _: *mut De265Image, _: c_int, _: *mut c_void, _: c_int, _: *mut c_void) {}
//! # unsafe extern "C" fn de265_get_image_plane_user_data(_: *const De265Image, _: c_int)
//! #     -> *mut c_void { std::ptr::null_mut() }
//! # unsafe extern "C" fn de265_get_bits_per_pixel(_: *const De265Image, _: c_int) -> c_int { 8 }
//! # unsafe fn de265_set_image_allocation_functions(
//! #     _: *mut c_void, _: *const De265ImageAllocation, _: *mut c_void) {}
//! # let context = std::ptr::null_mut();
//! let functions = De265Functions {
//!     set_image_plane: de265_set_image_plane,
//!     get_image_plane_user_data: de265_get_image_plane_user_data,
//!     get_bits_per_pixel: de265_get_bits_per_pixel,
//! };
//! let arena = Arena::builder().retention(Retention::Decay { frames: 128 }).build();
//! // SAFETY: the functions are the library's.
//! let hook = unsafe { De265Hook::new(&arena, functions) };
//! // SAFETY: the hook lives until the decoder is freed.
//! unsafe {
//!     de265_set_image_allocation_functions(context, &hook.allocation(), hook.userdata());
//! }
//! ```

mod callbacks;
mod layout;

pub use callbacks::{De265Functions, De265Hook, De265Image, De265ImageAllocation, De265ImageSpec};
