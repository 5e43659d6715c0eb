//! Decodes frames from their sections to rows of the output.

mod banded;
mod bands;
mod channels;
mod composition;
mod context;
mod features;
mod groups;
mod lf_global;
mod lf_preview;
mod local_channels;
mod low_picture;
mod margins;
mod parsed;
mod pieces;
mod plan;
mod reduced;
mod render;
mod rows_shape;
mod saved_frames;
mod sections;
mod sequence;
mod streamed;
mod target;
mod unsupported;
mod vardct;
mod whole;
mod workers;

use crate::headers::ImageHeader;
use frame_arena::{Scope, ScopePlan};

use crate::Error;
use crate::image::CodedFrame;
use crate::input::Available;
use crate::memory::Memory;
use context::FramePlace;
use parsed::{ParsedFrame, Way};
pub(crate) use plan::{Pictures, PlannedPictures, plan_pictures};
pub(crate) use reduced::{Part, part_of};
pub(crate) use sequence::{Sequence, SequenceState};
use target::Target;

/// Decodes one frame, or of an incomplete one what the sections that are there tell: the LF image
/// where groups are missing, zeros where that is.
///
/// If each pixel depends only on coded samples of its own place, groups are decoded and written out
/// one by one; otherwise whole channels are kept. In both cases groups are decoded in parallel, and
/// the result does not depend on the number of threads.
///
/// # Errors
/// Truncated or corrupt sections, parts of the standard not decoded yet, memory.
fn decode_frame(
    scope: &Scope,
    image: &ImageHeader,
    coded: &CodedFrame<'_>,
    codestream: Available<'_>,
    place: FramePlace<'_>,
    target: Target<'_>,
) -> Result<(), Error> {
    let kept = scope.scratch_beyond_plan();
    let memory = Memory::new(scope, &kept);
    let (frame, bits) = ParsedFrame::new((scope, memory), image, coded, codestream, place)?;
    match frame.way() {
        Way::VarDct(vardct) => vardct::Frame::new(&frame, vardct).decode(bits, target),
        Way::Streamed => streamed::decode(&frame, bits, target, memory),
        Way::Banded(bands) => banded::decode(&frame, bands, bits, target, memory),
        Way::Whole => whole::decode(&frame, bits, target, memory),
    }
}

/// Writes a reduced picture of a frame to `target`, from the part of the frame that [makes
/// it](part_of).
///
/// # Errors
/// The errors of [`decode_frame`].
fn decode_part(
    scope: &Scope,
    image: &ImageHeader,
    coded: &CodedFrame<'_>,
    codestream: Available<'_>,
    (part, place): (Part, FramePlace<'_>),
    target: Target<'_>,
) -> Result<(), Error> {
    let kept = scope.scratch_beyond_plan();
    let memory = Memory::new(scope, &kept);
    let place = part.place(place);
    let (frame, bits) = ParsedFrame::new((scope, memory), image, coded, codestream, place)?;
    match (part, frame.way(), frame.averages()) {
        (Part::LfImage, Way::VarDct(vardct), _) => {
            vardct::Frame::new(&frame, vardct).decode_lf_picture(bits, target)
        }
        (Part::Groups(_), Way::VarDct(vardct), _) => {
            vardct::Frame::new(&frame, vardct).decode(bits, target)
        }
        (Part::Averages, _, Some(shape)) => {
            low_picture::decode(&frame, shape, bits, target, memory)
        }
        _ => Err(Error::corrupt("a frame without the part that is wanted")),
    }
}

/// Plans [`decode_part`] on `threads` threads.
///
/// # Errors
/// The errors of [`plan_frame`].
fn plan_part(
    frame: &ParsedFrame<'_>,
    part: Part,
    threads: usize,
    scope: &mut ScopePlan<'_>,
) -> Result<(), Error> {
    match (part, frame.way(), frame.averages()) {
        (Part::LfImage, Way::VarDct(vardct), _) => {
            vardct::Frame::new(frame, vardct).plan_lf_picture(threads, scope)
        }
        (Part::Groups(_), Way::VarDct(vardct), _) => {
            vardct::Frame::new(frame, vardct).plan(threads, scope)
        }
        (Part::Averages, _, Some(shape)) => low_picture::plan(frame, shape, threads, scope),
        _ => Ok(()),
    }
}

/// Plans [`decode_frame`] on `threads` threads.
///
/// # Errors
/// Truncated or corrupt sections, as far as they are read; sizes that overflow.
fn plan_frame(
    frame: &ParsedFrame<'_>,
    threads: usize,
    scope: &mut ScopePlan<'_>,
) -> Result<(), Error> {
    match frame.way() {
        Way::VarDct(vardct) => vardct::Frame::new(frame, vardct).plan(threads, scope),
        Way::Streamed => streamed::plan(frame, threads, scope),
        Way::Banded(bands) => banded::plan(frame, bands, threads, scope),
        Way::Whole => whole::plan(frame, threads, scope),
    }
}
