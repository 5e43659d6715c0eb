//! Frame buffers of libvpx (VP9) and libaom (AV1).
//!
//! Both have a pool of buffers already, one per decoder, that never shrinks. With this hook, the
//! buffers of all decoders come from one arena, under its limit.
//!
//! # The contract
//!
//! Lines are those of `vpx/vpx_frame_buffer.h` in libvpx 1.12; `aom/aom_frame_buffer.h` of libaom
//! 3.6 has the same text with another prefix.
//!
//! * `vpx_codec_set_frame_buffer_functions` (`vpx_decoder.h` line 355) sets the callbacks, before
//!   the first packet.
//! * The callback to get a buffer allocates at least `min_size` bytes and zeroes them. They need
//!   not be aligned. It returns a number below 0 for failure (lines 45 to 64). The library's own
//!   pool zeroes a buffer when it is made, and not when it is used again.
//! * The callback to release it is called when the decoder no longer refers to it (lines 66 to 77),
//!   at the latest when the decoder is destroyed. libvpx calls it only for buffers whose `priv` is
//!   not null.
//!
//! # An example
//!
//! ```
//! use frame_arena::{Arena, Retention};
//! use frame_arena_hooks::frame_buffers::FrameBufferHook;
//!
//! let arena = Arena::builder().retention(Retention::Decay { frames: 128 }).build();
//! let hook = FrameBufferHook::new(&arena);
//! let functions = hook.functions();
//! // vpx_codec_dec_init(&mut context, vpx_codec_vp9_dx(), ...);
//! // vpx_codec_set_frame_buffer_functions(&mut context, functions.cb_get, functions.cb_release,
//! //     functions.cb_priv);
//! # let _ = functions;
//! drop(hook); // after vpx_codec_destroy
//! ```

mod callbacks;

pub use callbacks::{
    CodecFrameBuffer, FrameBufferFunctions, FrameBufferHook, GetFrameBuffer, ReleaseFrameBuffer,
    release_buffer,
};
