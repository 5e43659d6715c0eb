//! libvpx 1.12, its decoder of VP9.

#![allow(unsafe_code, reason = "calls a C library")]

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::ptr;

use frame_arena_hooks::frame_buffers::{GetFrameBuffer, ReleaseFrameBuffer};

use crate::decoder::{Context, Picture, functions};

/// `VPX_DECODER_ABI_VERSION`.
pub(crate) const ABI_VERSION: c_int = 12;

/// `vpx_codec_dec_cfg_t`.
#[repr(C)]
pub(crate) struct Config {
    threads: c_uint,
    width: c_uint,
    height: c_uint,
}

impl Config {
    pub(crate) fn of_threads(threads: c_uint) -> Self {
        Self {
            threads,
            width: 0,
            height: 0,
        }
    }
}

/// `vpx_image_t`, up to the fields that are read.
#[repr(C)]
pub(crate) struct Image {
    format: c_int,
    color_space: c_int,
    range: c_int,
    width: c_uint,
    height: c_uint,
    bit_depth: c_uint,
    shown_width: c_uint,
    shown_height: c_uint,
    rendered: [c_uint; 2],
    chroma_shift: [c_uint; 2],
    planes: [*const u8; 4],
    stride_bytes: [c_int; 4],
}

impl Image {
    /// The streams have 8 bits.
    pub(crate) fn picture(&self) -> Picture {
        Picture {
            width: self.shown_width,
            height: self.shown_height,
            chroma_shift: self.chroma_shift,
            sample_bytes: 1,
            planes: [self.planes[0], self.planes[1], self.planes[2]],
            stride_bytes: [
                self.stride_bytes[0],
                self.stride_bytes[1],
                self.stride_bytes[2],
            ],
        }
    }
}

functions!("vpx", Config, Image);

unsafe extern "C" {
    #[link_name = "vpx_codec_vp9_dx"]
    pub(crate) fn interface() -> *const c_void;
    fn vpx_codec_decode(
        context: *mut Context,
        data: *const u8,
        bytes: c_uint,
        private: *mut c_void,
        deadline: isize,
    ) -> c_int;
}

/// Decodes a packet.
///
/// # Safety
/// The context is initialized.
pub(crate) unsafe fn decode(context: &mut Context, packet: &[u8]) -> c_int {
    let bytes = packet.len() as c_uint;
    // SAFETY: the packet has these bytes.
    unsafe { vpx_codec_decode(context, packet.as_ptr(), bytes, ptr::null_mut(), 0) }
}
