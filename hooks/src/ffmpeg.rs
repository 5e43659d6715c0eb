//! Picture buffers of FFmpeg's decoders (libavcodec), for a `get_buffer2` callback.
//!
//! FFmpeg has a pool for pictures, one per decoder, that never shrinks while the decoder is open.
//! With this hook, the pictures of all decoders come from one arena, under its limit.
//!
//! # Two halves
//!
//! The callback reads fields of `AVCodecContext` and sets fields of `AVFrame`. Both structs change
//! from version to version of FFmpeg, and no program can check at run time which one it was built
//! for. So the callback is C code that is compiled with the headers of the FFmpeg that it runs
//! with: `compare/codecs/ffmpeg/get_buffer.c` in the repository has one, of 50 lines. What does not
//! depend on those structs is here: one buffer for all planes of a picture
//! ([`FfmpegHook::picture`]), and the function that frees it ([`free_picture`]), whose type
//! `av_buffer_create` fixes.
//!
//! # The contract
//!
//! Lines are those of `libavcodec/avcodec.h` in FFmpeg 5.1.
//!
//! * `get_buffer2` (lines 1085 to 1171) sets `data`, `linesize` and `buf`.
//!   One buffer may have all planes. Planes are aligned as the processor requires: 64 bytes, for
//!   AVX-512. A decoder without `AV_CODEC_CAP_DR1` must get the buffer of
//!   `avcodec_default_get_buffer2`.
//! * Sizes are those that `avcodec_align_dimensions2` returns (line 1142). The planes of this hook
//!   have 64 bytes behind them, as decoders may read and write beyond the last row; FFmpeg's own
//!   have 16 or more.
//! * The callback may be called on any thread of the decoder. A buffer is freed with the last of
//!   its `AVBufferRef`s, on any thread, also after the decoder was closed.
//! * Where a damaged stream has no data, the contents of a buffer may show (line 1123). FFmpeg's
//!   own pool zeroes a buffer when it is made, and not when it is used again.
//! * If there is no memory, the callback returns `AVERROR(ENOMEM)`. Most decoders return it; that
//!   of H.264 has no picture then and returns `AVERROR_INVALIDDATA`, that of MJPEG -1. So
//!   [`FfmpegHook::take_refusal`] tells more.
//!
//! Tables that the decoders keep for each picture, such as motion vectors, are memory of their own.
//! Among the decoders without the capability is `libdav1d`, for which [`dav1d`](crate::dav1d) is
//! the hook, if the program calls dav1d itself.
//!
//! # An example
//!
//! ```
//! use std::ptr;
//!
//! use frame_arena::{Arena, Retention};
//! use frame_arena_hooks::ffmpeg::{FfmpegHook, free_picture};
//!
//! let retention = Retention::Decay { frames: 128 };
//! let arena = Arena::builder().limit_bytes(64 << 20).retention(retention).build();
//! let hook = FfmpegHook::new(&arena);
//!
//! // In the callback: 4:2:0 of 1920 x 1088, and no fourth plane.
//! let picture = hook.picture([1920 * 1088, 960 * 544, 960 * 544, 0])?;
//! assert!(picture.planes[2].addr() % 64 == 0 && picture.planes[3].is_null());
//! // frame.buf[0] = av_buffer_create(picture.buffer, picture.bytes, free_picture, null, 0);
//!
//! // SAFETY: the buffer is freed once, as FFmpeg frees it with the last reference.
//! unsafe { free_picture(ptr::null_mut(), picture.buffer) };
//! assert_eq!(arena.snapshot().in_use_bytes, 0);
//! # Ok::<(), frame_arena::AllocError>(())
//! ```

mod buffers;
mod layout;

pub use buffers::{FfmpegHook, FfmpegPicture, free_picture};
