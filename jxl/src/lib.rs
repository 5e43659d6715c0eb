//! A JPEG XL decoder that takes all its memory from scopes of `frame-arena`.
//!
//! Every plane and buffer of a decode comes from an [`Arena`](frame_arena::Arena). So the next
//! decode of a [`Decoder`] reuses the memory of the last, and a byte limit of the arena holds for
//! the whole decode. Groups are decoded in parallel, in the caller's rayon pool or by a
//! [`ParallelRunner`], directly into the caller's buffer.
//!
//! ```no_run
//! use jxl_arena::{Decoder, Layout};
//!
//! let file = std::fs::read("picture.jxl")?;
//! let decoder = Decoder::default();
//! let picture = decoder.read(&file)?;
//! let info = picture.info();
//! let mut pixels = vec![0u8; info.width as usize * info.height as usize * 4];
//! let report = picture.decode_into(Layout::Rgba, &mut pixels)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A file that arrives in pieces is decoded by [`Decoder::push`], a truncated one by a decoder that
//! [allows it](Decoder::allowing_truncation).
//!
//! An animation's pictures are decoded one after the other, see [`Picture::frames`]. Rectangles of
//! a picture are decoded by [`Picture::decode_region_into`], many of them by [`Picture::regions`],
//! smaller pictures by [`Picture::reduced`]. Parts of JPEG XL that are not decoded are refused by
//! name with [`Error::Unsupported`].

mod animation;
mod bits;
mod budget;
mod coding;
mod color;
mod completeness;
mod container;
mod decoder;
mod depth;
mod entropy;
mod error;
mod format;
mod frame;
mod frames;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod grid;
mod headers;
mod image;
mod info;
mod input;
mod limits;
mod lock;
mod memory;
mod modular;
mod name;
mod output;
mod parallel;
mod push;
#[cfg(doctest)]
mod readme;
mod reduction;
mod region;
mod regions;
mod render;
mod simd;
mod vardct;
mod workers;

pub use animation::{Animation, DecodedFrame, FrameInfo};
pub use budget::Stop;
pub use coding::FrameCoding;
pub use color::{
    Chromaticity, ColorEncoding, ColorSpace, IccProfile, Primaries, RenderingIntent,
    TransferFunction, WhitePoint,
};
pub use completeness::Completeness;
pub use container::{BoxContent, BoxHeader, FileBox, FileBoxes, FrameIndex, Keyframe};
pub use decoder::{Decoder, Picture};
pub use depth::SampleDepth;
pub use error::Error;
pub use format::{
    AlphaMode, ByteOrder, Layout, OutputColor, OutputSample, PixelFormat, SampleFormat,
};
pub use frames::{FrameInfos, Frames};
pub use info::{Alpha, ColorProfile, ExtraChannel, ImageInfo};
pub use limits::{Limits, WorkLimit};
pub use name::Name;
#[cfg(feature = "rayon")]
pub use parallel::CurrentRayonPool;
pub use parallel::{CallingThread, ParallelRunner};
pub use push::{Event, PushDecoder};
pub use reduction::Reduction;
pub use region::Region;
pub use regions::Regions;
