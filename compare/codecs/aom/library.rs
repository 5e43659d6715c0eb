//! libaom 3.6, its decoder of AV1.

#![allow(unsafe_code, reason = "calls a C library")]

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::ptr;

use frame_arena_hooks::frame_buffers::{GetFrameBuffer, ReleaseFrameBuffer};

use crate::decoder::{Context, Picture, functions};

/// `AOM_DECODER_ABI_VERSION`.
pub(crate) const ABI_VERSION: c_int = 22;

/// `AOM_IMG_FMT_HIGHBITDEPTH`: samples have 16 bits.
const HIGH_BIT_DEPTH: c_int = 0x800;

/// `aom_codec_dec_cfg_t`.
#[repr(C)]
pub(crate) struct Config {
    threads: c_uint,
    width: c_uint,
    height: c_uint,
    allow_low_bit_depth: c_uint,
}

impl Config {
    pub(crate) fn of_threads(threads: c_uint) -> Self {
        Self {
            threads,
            width: 0,
            height: 0,
            allow_low_bit_depth: 1,
        }
    }
}

/// `aom_image_t`, up to the fields that are read.
#[repr(C)]
pub(crate) struct Image {
    format: c_int,
    colors: [c_int; 3],
    is_monochrome: c_int,
    chroma_position: c_int,
    range: c_int,
    width: c_uint,
    height: c_uint,
    bit_depth: c_uint,
    shown_width: c_uint,
    shown_height: c_uint,
    rendered: [c_uint; 2],
    chroma_shift: [c_uint; 2],
    planes: [*const u8; 3],
    stride_bytes: [c_int; 3],
}

impl Image {
    pub(crate) fn picture(&self) -> Picture {
        let is_high = self.format & HIGH_BIT_DEPTH != 0;
        Picture {
            width: self.shown_width,
            height: self.shown_height,
            chroma_shift: self.chroma_shift,
            sample_bytes: if is_high { 2 } else { 1 },
            planes: self.planes,
            stride_bytes: self.stride_bytes,
        }
    }
}

functions!("aom", Config, Image);

unsafe extern "C" {
    #[link_name = "aom_codec_av1_dx"]
    pub(crate) fn interface() -> *const c_void;
    fn aom_codec_decode(
        context: *mut Context,
        data: *const u8,
        bytes: usize,
        private: *mut c_void,
    ) -> c_int;
}

/// Decodes a packet.
///
/// # Safety
/// The context is initialized.
pub(crate) unsafe fn decode(context: &mut Context, packet: &[u8]) -> c_int {
    // SAFETY: the packet has these bytes.
    unsafe { aom_codec_decode(context, packet.as_ptr(), packet.len(), ptr::null_mut()) }
}
