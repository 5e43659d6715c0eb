//! Headers of a codestream: the image's (ISO/IEC 18181-1, annex D), those of frames (annex F) and
//! their tables of contents (F.3).
//!
//! Small values of fixed size live in the structures. Lists whose length the file determines live
//! in memory of the arena: those of the image header outside of all scopes, those of a frame in the
//! scope that it is read for.

mod bit_depth;
mod extensions;
mod extra_channel;
mod frame;
mod image;
mod name;
mod noise;
mod size;
mod toc;
mod transform;
mod upsampling_weights;

#[cfg(test)]
mod tests;

pub(crate) use extra_channel::{ExtraChannelType, ExtraChannels};
pub(crate) use frame::{
    BlendMode, BlendingInfo, Encoding, EpfParams, FrameHeader, FrameType, MAX_PASSES, Passes,
    RestorationFilter,
};
pub(crate) use image::{AnimationHeader, ImageHeader, ImageMetadata};
pub(crate) use name::CodedName;
pub(crate) use noise::parse_noise;
pub(crate) use size::ImageSize;
pub(crate) use toc::Toc;
pub(crate) use transform::{OpsinInverseMatrix, ToneMapping};
