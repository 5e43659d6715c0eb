#![doc = include_str!("../README.md")]

#[cfg(feature = "dav1d")]
pub mod dav1d;
#[cfg(feature = "ffmpeg")]
pub mod ffmpeg;
#[cfg(feature = "frame-buffers")]
pub mod frame_buffers;
#[cfg(feature = "global")]
pub mod global;
#[cfg(feature = "heap")]
pub mod heap;
#[cfg(any(
    feature = "dav1d",
    feature = "ffmpeg",
    feature = "frame-buffers",
    feature = "libde265"
))]
pub mod lent;
#[cfg(feature = "libde265")]
pub mod libde265;
#[cfg(any(
    feature = "dav1d",
    feature = "ffmpeg",
    feature = "frame-buffers",
    feature = "global",
    feature = "heap",
    feature = "libde265"
))]
mod refusal;
#[cfg(any(
    feature = "dav1d",
    feature = "ffmpeg",
    feature = "frame-buffers",
    feature = "heap",
    feature = "libde265"
))]
mod source;
