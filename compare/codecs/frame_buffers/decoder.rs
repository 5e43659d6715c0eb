//! A decode of a stream by libvpx or libaom, whose C interfaces differ in prefixes and fields:
//! `library.rs` of each package has those.

#![allow(unsafe_code, reason = "calls a C library")]

use std::ffi::{c_int, c_uint};
use std::ptr;

use frame_arena_hooks::frame_buffers::FrameBufferHook;

use crate::library;

/// `vpx_codec_ctx_t` or `aom_codec_ctx_t`, with room.
#[repr(C)]
pub(crate) struct Context([usize; 32]);

/// A decoded picture, as the library has it.
pub(crate) struct Picture {
    pub(crate) width: c_uint,
    pub(crate) height: c_uint,
    /// By how many bits chroma is smaller, across and down.
    pub(crate) chroma_shift: [c_uint; 2],
    pub(crate) sample_bytes: usize,
    pub(crate) planes: [*const u8; 3],
    pub(crate) stride_bytes: [c_int; 3],
}

/// Declares the functions of a library with a prefix, which takes the configuration of type
/// `$config` and returns pictures of type `$picture`.
macro_rules! functions {
    ($prefix:literal, $config:ty, $picture:ty) => {
        unsafe extern "C" {
            #[link_name = concat!($prefix, "_codec_dec_init_ver")]
            pub(crate) fn init(
                context: *mut Context,
                interface: *const c_void,
                config: *const $config,
                flags: c_int,
                version: c_int,
            ) -> c_int;
            #[link_name = concat!($prefix, "_codec_set_frame_buffer_functions")]
            pub(crate) fn set_frame_buffer_functions(
                context: *mut Context,
                get: Option<GetFrameBuffer>,
                release: Option<ReleaseFrameBuffer>,
                private: *mut c_void,
            ) -> c_int;
            #[link_name = concat!($prefix, "_codec_get_frame")]
            pub(crate) fn get_frame(
                context: *mut Context,
                next: *mut *const c_char,
            ) -> *const $picture;
            #[link_name = concat!($prefix, "_codec_destroy")]
            pub(crate) fn destroy(context: *mut Context) -> c_int;
        }
    };
}
pub(crate) use functions;

/// A decoder. `context` is initialized by the library.
pub(crate) struct Decoder<'h> {
    context: Box<Context>,
    /// Keeps the hook for as long as the decoder exists.
    _hook: Option<&'h FrameBufferHook>,
}

impl<'h> Decoder<'h> {
    pub(crate) fn open(threads: u32, hook: Option<&'h FrameBufferHook>) -> Result<Self, c_int> {
        let config = library::Config::of_threads(threads);
        let mut context = Box::new(Context([0; 32]));
        // SAFETY: the struct has room. The hook outlives the decoder by its lifetime.
        let set = unsafe {
            let interface = library::interface();
            let version = library::ABI_VERSION;
            let init = library::init(&mut *context, interface, &config, 0, version);
            if init != 0 {
                return Err(init);
            }
            hook.map_or(0, |hook| {
                let functions = hook.functions();
                library::set_frame_buffer_functions(
                    &mut *context,
                    functions.cb_get,
                    functions.cb_release,
                    functions.cb_priv,
                )
            })
        };
        let decoder = Self {
            context,
            _hook: hook,
        };
        if set == 0 { Ok(decoder) } else { Err(set) }
    }

    /// Decodes a packet.
    pub(crate) fn decode(
        &mut self,
        packet: &[u8],
        each: &mut dyn FnMut(&Picture),
    ) -> Result<(), c_int> {
        // SAFETY: the context is initialized.
        match unsafe { library::decode(&mut self.context, packet) } {
            0 => {}
            error => return Err(error),
        }
        let mut next = ptr::null();
        loop {
            // SAFETY: the context is initialized. A picture is valid until the decoder is used
            // again.
            let picture = unsafe { library::get_frame(&mut *self.context, &mut next).as_ref() };
            let Some(picture) = picture else {
                break;
            };
            each(&picture.picture());
        }
        Ok(())
    }
}

impl Drop for Decoder<'_> {
    fn drop(&mut self) {
        // SAFETY: the context is initialized, and not used any more.
        unsafe { library::destroy(&mut *self.context) };
    }
}

impl Picture {
    /// Calls `each` with every row of every plane.
    pub(crate) fn rows(&self, each: &mut dyn FnMut(&[u8])) {
        for channel in 0..3 {
            let halved = |size: c_uint, shift: c_uint| {
                let shift = if channel > 0 { shift } else { 0 };
                ((size + shift) >> shift) as usize
            };
            let row_bytes = halved(self.width, self.chroma_shift[0]) * self.sample_bytes;
            let stride_bytes = self.stride_bytes[channel] as isize;
            for y in 0..halved(self.height, self.chroma_shift[1]) {
                // SAFETY: the plane has rows of this length at this distance.
                let row = unsafe {
                    let start = self.planes[channel].offset(stride_bytes * y as isize);
                    std::slice::from_raw_parts(start, row_bytes)
                };
                each(row);
            }
        }
    }
}
