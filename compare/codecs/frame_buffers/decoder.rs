//! libvpx's C interface, and a decode of a stream with it.

#![allow(unsafe_code, reason = "calls a C library")]

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::ptr;

use frame_arena_hooks::frame_buffers::{FrameBufferHook, GetFrameBuffer, ReleaseFrameBuffer};

/// `VPX_DECODER_ABI_VERSION` of libvpx 1.12.
const ABI_VERSION: c_int = 12;

/// `vpx_codec_ctx_t`, with room.
#[repr(C)]
struct Context([usize; 32]);

/// `vpx_codec_dec_cfg_t`.
#[repr(C)]
struct Config {
    threads: c_uint,
    width: c_uint,
    height: c_uint,
}

/// `vpx_image_t`, up to the fields that are read.
#[repr(C)]
pub(crate) struct Picture {
    format: c_int,
    color_space: c_int,
    range: c_int,
    width: c_uint,
    height: c_uint,
    bit_depth: c_uint,
    shown_width: c_uint,
    shown_height: c_uint,
    rendered: [c_uint; 2],
    x_chroma_shift: c_uint,
    y_chroma_shift: c_uint,
    planes: [*const u8; 4],
    stride: [c_int; 4],
}

unsafe extern "C" {
    fn vpx_codec_vp9_dx() -> *const c_void;
    fn vpx_codec_dec_init_ver(
        context: *mut Context,
        interface: *const c_void,
        config: *const Config,
        flags: c_int,
        version: c_int,
    ) -> c_int;
    fn vpx_codec_set_frame_buffer_functions(
        context: *mut Context,
        get: Option<GetFrameBuffer>,
        release: Option<ReleaseFrameBuffer>,
        private: *mut c_void,
    ) -> c_int;
    fn vpx_codec_decode(
        context: *mut Context,
        data: *const u8,
        bytes: c_uint,
        private: *mut c_void,
        deadline: isize,
    ) -> c_int;
    fn vpx_codec_get_frame(context: *mut Context, next: *mut *const c_char) -> *const Picture;
    fn vpx_codec_destroy(context: *mut Context) -> c_int;
}

/// A decoder. `context` is initialized by the library.
pub(crate) struct Decoder<'h> {
    context: Box<Context>,
    /// Keeps the hook for as long as the decoder exists.
    _hook: Option<&'h FrameBufferHook>,
}

impl<'h> Decoder<'h> {
    pub(crate) fn open(threads: u32, hook: Option<&'h FrameBufferHook>) -> Result<Self, c_int> {
        let config = Config {
            threads,
            width: 0,
            height: 0,
        };
        let mut context = Box::new(Context([0; 32]));
        // SAFETY: the struct has room. The hook outlives the decoder by its lifetime.
        let set = unsafe {
            let interface = vpx_codec_vp9_dx();
            let init = vpx_codec_dec_init_ver(&mut *context, interface, &config, 0, ABI_VERSION);
            if init != 0 {
                return Err(init);
            }
            hook.map_or(0, |hook| {
                let functions = hook.functions();
                vpx_codec_set_frame_buffer_functions(
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
        let bytes = packet.len() as c_uint;
        // SAFETY: the context is initialized, and the packet has `bytes` bytes.
        let decoded = unsafe {
            vpx_codec_decode(
                &mut *self.context,
                packet.as_ptr(),
                bytes,
                ptr::null_mut(),
                0,
            )
        };
        if decoded != 0 {
            return Err(decoded);
        }
        let mut next = ptr::null();
        loop {
            // SAFETY: the context is initialized. A picture is valid until the decoder is used
            // again.
            let picture = unsafe { vpx_codec_get_frame(&mut *self.context, &mut next).as_ref() };
            let Some(picture) = picture else {
                break;
            };
            each(picture);
        }
        Ok(())
    }
}

impl Drop for Decoder<'_> {
    fn drop(&mut self) {
        // SAFETY: the context is initialized, and not used any more.
        unsafe { vpx_codec_destroy(&mut *self.context) };
    }
}

impl Picture {
    /// Calls `each` with every row of every plane of 8 bits.
    pub(crate) fn rows(&self, each: &mut dyn FnMut(&[u8])) {
        for channel in 0..3 {
            let is_chroma = channel > 0;
            let halved = |size: c_uint, shift: c_uint| {
                let shift = if is_chroma { shift } else { 0 };
                ((size + shift) >> shift) as usize
            };
            let columns = halved(self.shown_width, self.x_chroma_shift);
            for y in 0..halved(self.shown_height, self.y_chroma_shift) {
                // SAFETY: the plane has rows of this length at this distance.
                let row = unsafe {
                    let start =
                        self.planes[channel].offset(self.stride[channel] as isize * y as isize);
                    std::slice::from_raw_parts(start, columns)
                };
                each(row);
            }
        }
    }
}
