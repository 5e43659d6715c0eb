#![doc = include_str!("../README.md")]
#![allow(
    non_camel_case_types,
    reason = "names of types are those of the C header"
)]

mod handle;
mod out;

// The order of the header.
mod status;

mod arena;

mod scope;

mod plane;

mod picture;

mod buffer;

mod hook;

pub use arena::{
    FA_NO_LIMIT, FA_RETAIN_ALL, FA_RETAIN_BYTES, FA_RETAIN_FRAMES, FA_RETAIN_MILLISECONDS,
    fa_arena, fa_arena_decay, fa_arena_destroy, fa_arena_new, fa_arena_options,
    fa_arena_options_init, fa_arena_share, fa_arena_stats, fa_arena_trim, fa_stats,
};
pub use buffer::{fa_buffer_alloc, fa_buffer_free};
pub use hook::dav1d::{fa_dav1d_alloc, fa_dav1d_hook, fa_dav1d_release};
pub use hook::de265::{fa_de265_functions, fa_de265_get, fa_de265_hook, fa_de265_release};
pub use hook::ffmpeg::{fa_ffmpeg_alloc, fa_ffmpeg_free, fa_ffmpeg_hook, fa_ffmpeg_picture};
pub use hook::frame_buffers::{
    fa_aom_get, fa_aom_release, fa_frame_buffer_hook, fa_vpx_get, fa_vpx_release,
};
pub use hook::heap::{
    fa_heap_alloc, fa_heap_alloc_items, fa_heap_free, fa_heap_hook, fa_heap_trim,
};
pub use hook::{fa_hook, fa_hook_destroy, fa_hook_take_refusal, fa_refusal};
pub use picture::{
    FA_MOST_PLANES, FA_YUV400, FA_YUV420, FA_YUV422, FA_YUV444, fa_picture, fa_picture_alloc,
    fa_picture_layout, fa_picture_layout_init, fa_picture_ref, fa_picture_unref, fa_subsampling,
};
pub use plane::fa_plane;
pub use scope::{
    fa_frame_open, fa_frame_stats, fa_scope, fa_scope_alloc, fa_scope_close, fa_scope_picture,
    fa_scope_plane, fa_scope_stats, fa_stage_open,
};
pub use status::{FA_STALE, fa_status, fa_status_message, fa_version};
