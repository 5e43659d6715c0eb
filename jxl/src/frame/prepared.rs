//! A picture of which parts are decoded in any order, on several threads.

use std::num::NonZeroUsize;

use frame_arena::{Arena, FramePlan, FrameReport};

use super::context::FramePlace;
use super::lf_data::SharedLf;
use super::one_frame::OneFrame;
use super::parsed::{ParsedFrame, Way};
use super::plan::plan_shown;
use super::sequence::{Sequence, SequenceState};
use super::vardct;
use crate::budget::Budget;
use crate::grid::Rect;
use crate::image::{CodedFrame, Headers};
use crate::input::Available;
use crate::memory::Memory;
use crate::output::Output;
use crate::workers::Workers;
use crate::{Error, Reduction};

/// Everything that the parts of a file's first picture share: the frames before it, and the LF
/// groups of its frame.
pub(crate) struct PreparedPicture {
    state: SequenceState,
    /// Start of the shown frame.
    start: usize,
    /// `None` if the LF groups are decoded with each part, or the frame has none.
    lf: Option<SharedLf>,
}

/// A file, and the means to decode one of its pictures.
pub(crate) struct Source<'a> {
    pub(crate) headers: &'a Headers,
    pub(crate) codestream: Available<'a>,
    pub(crate) budget: Budget<'a>,
    pub(crate) workers: Workers<'a>,
}

impl PreparedPicture {
    /// Decodes the frames before the shown one, and the LF groups of that.
    ///
    /// # Errors
    /// Truncated or corrupt frames, parts of the standard that are not supported, memory.
    pub(crate) fn new<'a>(arena: &Arena, source: impl Fn() -> Source<'a>) -> Result<Self, Error> {
        let Source {
            headers,
            codestream,
            budget,
            workers,
        } = source();
        let start = headers.first_shown.ok_or(Error::Truncated)?.start;
        let mut state = SequenceState::new(headers);
        let mut sequence = Sequence {
            headers,
            codestream,
            state: &mut state,
            region: None,
            reduction: Reduction::Full,
            budget,
            workers,
        };
        while sequence.state.next_start() != Some(start) {
            if sequence.state.is_finished() {
                return Err(Error::Truncated);
            }
            sequence.keep_next(arena)?;
        }
        let mut prepared = Self {
            state,
            start,
            lf: None,
        };
        prepared.lf = prepared.share_lf(arena, &source())?;
        Ok(prepared)
    }

    fn share_lf(&self, arena: &Arena, source: &Source<'_>) -> Result<Option<SharedLf>, Error> {
        let frame = arena.frame();
        let kept = frame.scratch_beyond_plan();
        let memory = Memory::new(&frame, &kept);
        let (headers, codestream) = (source.headers, source.codestream);
        let coded = CodedFrame::read(codestream, self.start, headers.frame_source(), memory)?;
        let place = FramePlace {
            workers: source.workers,
            ..FramePlace::planning(self.state.kept(), &source.budget)
        };
        let memory = (&*frame, memory);
        let (parsed, _) = ParsedFrame::new(memory, &headers.image, &coded, codestream, place)?;
        match parsed.way() {
            Way::VarDct(vardct) => vardct::Frame::new(&parsed, vardct).share_lf(),
            _ => Ok(None),
        }
    }

    /// Decodes the part `region` of the canvas.
    ///
    /// # Errors
    /// The errors of [`new`](Self::new).
    pub(crate) fn show(
        &self,
        arena: &Arena,
        source: &Source<'_>,
        region: Option<Rect>,
        output: Output<'_>,
    ) -> Result<FrameReport, Error> {
        let (headers, codestream) = (source.headers, source.codestream);
        let frame = arena.frame();
        let kept = frame.scratch_beyond_plan();
        let memory = Memory::new(&frame, &kept);
        let coded = CodedFrame::read(codestream, self.start, headers.frame_source(), memory)?;
        let one = OneFrame {
            headers,
            codestream,
            kept: self.state.kept(),
            counts: [1, 0],
            region,
            lf: self.lf.as_ref(),
            budget: &source.budget,
            workers: source.workers,
        };
        one.show(&frame, &coded, output)?;
        drop(kept);
        Ok(frame.finish())
    }

    /// Plans [`show`](Self::show) on `threads` threads.
    ///
    /// # Errors
    /// The errors of a decode, for the parts read here.
    pub(crate) fn plan(
        &self,
        arena: &Arena,
        (headers, codestream): (&Headers, Available<'_>),
        threads: NonZeroUsize,
        region: Option<Rect>,
    ) -> Result<FramePlan, Error> {
        let frame = (headers, codestream, self.start);
        plan_shown(arena, frame, threads.get(), region, self.lf.as_ref())
    }
}
