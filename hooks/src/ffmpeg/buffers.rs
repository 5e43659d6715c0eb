//! Buffers for FFmpeg's pictures, and the function that frees them.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr;

use frame_arena::{AllocError, Arena, RawLayout};

use super::layout::{ALIGN_BYTES, Planes};
use crate::lent::{lend, take_back};
use crate::source::Source;

/// Picture buffers from an arena, for decoders of FFmpeg. One hook serves any number of decoders,
/// on any threads.
///
/// It must live until no decoder calls it any more. Buffers may be freed later.
#[must_use]
pub struct FfmpegHook {
    source: Source,
    is_zeroing: bool,
}

/// The memory of one picture.
#[derive(Clone, Copy, Debug)]
pub struct FfmpegPicture {
    /// The first byte of each plane, for `AVFrame::data`; null for a plane without bytes.
    pub planes: [*mut u8; 4],
    /// The first byte of the buffer with all planes, for `av_buffer_create`.
    pub buffer: *mut u8,
    /// Bytes of the buffer.
    pub bytes: usize,
}

impl FfmpegHook {
    /// Makes a hook for pictures in `arena`, which are zeroed first.
    pub fn new(arena: &Arena) -> Self {
        Self::filling(arena, true)
    }

    /// Makes a hook for pictures in `arena` that are not zeroed, as those that FFmpeg's own pool
    /// uses again. Samples of valid streams are the same. Where a damaged stream leaves samples
    /// out, those of other pictures in the arena show, which may be other users' pictures.
    pub fn stale(arena: &Arena) -> Self {
        Self::filling(arena, false)
    }

    fn filling(arena: &Arena, is_zeroing: bool) -> Self {
        Self {
            source: Source::new(arena),
            is_zeroing,
        }
    }

    /// Returns a buffer with planes of these sizes in bytes, each at a multiple of 64 bytes and
    /// with 64 bytes behind it. [`free_picture`] frees the buffer; until then, it keeps the memory
    /// of the arena.
    ///
    /// # Errors
    /// The errors of [`Arena::raw_buffer`], for each of which the callback returns
    /// `AVERROR(ENOMEM)`.
    pub fn picture(&self, plane_bytes: [usize; 4]) -> Result<FfmpegPicture, AllocError> {
        let planes = Planes::new(plane_bytes)?;
        let layout = RawLayout::new(planes.bytes).align_bytes(ALIGN_BYTES);
        let buffer = self.source.filled(layout, self.is_zeroing)?;
        let start = lend(buffer).as_ptr();
        Ok(FfmpegPicture {
            planes: planes.starts.map(|offset| match offset {
                Some(offset) => start.wrapping_add(offset),
                None => ptr::null_mut(),
            }),
            buffer: start,
            bytes: planes.bytes,
        })
    }

    /// Returns the reason of the last picture that the arena refused, once. FFmpeg reports it as
    /// the callback's error.
    pub fn take_refusal(&self) -> Option<AllocError> {
        self.source.take_refusal()
    }
}

/// Frees the buffer of a picture: the argument `free` of `av_buffer_create`. It uses nothing but
/// the address of the buffer, so that it may run after the hook has ended; `opaque` may be
/// anything.
///
/// # Safety
/// `data` is null, or the [`buffer`](FfmpegPicture::buffer) of a picture that was not freed since
/// and that nobody uses any more.
pub unsafe extern "C" fn free_picture(opaque: *mut c_void, data: *mut u8) {
    let _ = opaque;
    // SAFETY: `picture` lent the buffer at this address, which was initialized. Only FFmpeg wrote
    // it, which is not Rust. Nobody uses the planes any more.
    unsafe { take_back(data.addr()) };
}
