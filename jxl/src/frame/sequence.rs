//! Decodes the frames of a codestream in order: keeps frames that others refer to, and writes out
//! those that are shown.

use frame_arena::{Arena, DetachedPlaneSet, Scope, Spec};

use super::composition::{self, Composition};
use super::context::FramePlace;
use super::decode_frame;
use super::saved_frames::{Kept, KeptShape, PlaneUse, ShownFrame, is_kept_alone};
use super::target::{KeptPlanes, Shown, Target};
use crate::budget::Budget;
use crate::grid::Rect;
use crate::headers::ImageHeader;
use crate::image::{CodedFrame, Headers};
use crate::memory::Memory;
use crate::output::Output;
use crate::{DecodedFrame, Error, FrameInfo};

/// The progress of decoding a codestream, and the frames saved so far.
pub(crate) struct SequenceState {
    kept: Kept,
    /// Visible frames so far, and invisible ones since the last visible one.
    counts: [u32; 2],
    /// Frames so far, of both kinds.
    frames: u32,
    /// Start of the next frame; `None` after the last frame or a frame that was not decoded.
    next: Option<usize>,
    /// The start of the frame that must not be decoded, and the reason.
    end: Option<(usize, Error)>,
}

/// The frames of a codestream that are still to be decoded.
pub(crate) struct Sequence<'a> {
    pub(crate) headers: &'a Headers,
    pub(crate) codestream: &'a [u8],
    pub(crate) state: &'a mut SequenceState,
    /// The part of the canvas that is wanted; `None` stands for all of it.
    pub(crate) region: Option<Rect>,
    /// The budget of the next picture.
    pub(crate) budget: Budget<'a>,
}

impl SequenceState {
    /// Before the first frame.
    pub(crate) fn new(headers: &Headers) -> Self {
        Self {
            kept: Kept::default(),
            counts: [0, 0],
            frames: 0,
            next: Some(headers.first_frame),
            end: None,
        }
    }

    /// The same, with the start of the frame that must not be decoded, and the reason.
    pub(crate) fn until(self, end: Option<(usize, Error)>) -> Self {
        Self { end, ..self }
    }

    /// True if no picture is left.
    pub(crate) fn is_finished(&self) -> bool {
        self.next.is_none()
    }
}

impl<'a> Sequence<'a> {
    /// Decodes frames up to the next shown one, each in a frame of `arena`. Returns `None` if there
    /// is none.
    ///
    /// # Errors
    /// Truncated or corrupt frames, parts of the standard not decoded yet, memory. After an error,
    /// nothing more can be decoded.
    pub(crate) fn show_next(
        &mut self,
        arena: &Arena,
        output: Output<'_>,
    ) -> Result<Option<DecodedFrame>, Error> {
        let Some(mut start) = self.state.next.take() else {
            return Ok(None);
        };
        let headers = self.headers;
        loop {
            if let Some((_, error)) = self.state.end.take_if(|(end, _)| *end == start) {
                return Err(error);
            }
            self.state.frames += 1;
            headers.limits.check_frames(self.state.frames)?;
            let frame = arena.frame();
            let kept = frame.scratch_beyond_plan();
            let memory = Memory::new(&frame, &kept);
            let coded = CodedFrame::read(self.codestream, start, headers.frame_source(), memory)?;
            start = coded.end();
            if coded.header.is_keyframe() {
                self.show(arena, &frame, &coded, output)?;
                self.state.next = (!coded.header.is_last).then_some(start);
                let index = self.state.counts[0] as usize - 1;
                let name = coded.name(self.codestream, arena)?;
                let info = FrameInfo::new(index, &coded.header, name, &headers.image);
                drop(kept);
                let report = frame.finish();
                return Ok(Some(DecodedFrame { info, report }));
            }
            self.state.counts[1] += 1;
            self.keep(&frame, &coded, None)?;
        }
    }

    /// Decodes a frame that is shown.
    fn show(
        &mut self,
        arena: &Arena,
        scope: &Scope,
        coded: &CodedFrame<'_>,
        output: Output<'_>,
    ) -> Result<(), Error> {
        self.state.counts = [self.state.counts[0] + 1, 0];
        match ShownFrame::new(coded) {
            ShownFrame::Kept => self.keep(scope, coded, Some(output)),
            ShownFrame::NotKept => self.show_only(scope, coded, output),
            ShownFrame::KeptAlone => {
                self.show_only(scope, coded, output)?;
                self.keep(&arena.frame(), coded, None)
            }
        }
    }

    fn show_only(
        &self,
        scope: &Scope,
        coded: &CodedFrame<'_>,
        output: Output<'_>,
    ) -> Result<(), Error> {
        let (image, header) = (self.image(), &coded.header);
        let target = Target::picture(self.shown(output));
        if !composition::is_needed(image, header) {
            return self.decode(scope, coded, false, target);
        }
        let kept = scope.scratch_beyond_plan();
        let memory = Memory::new(scope, &kept);
        let composition = Composition::new(image, header, &self.state.kept, memory)?;
        self.spend_canvas()?;
        let target = target.composed(&composition, header.frame_size(), scope)?;
        self.decode(scope, coded, false, target)
    }

    /// Decodes a frame into planes that are kept, and into `output` if it is shown.
    fn keep(
        &mut self,
        scope: &Scope,
        coded: &CodedFrame<'_>,
        output: Option<Output<'_>>,
    ) -> Result<(), Error> {
        let header = &coded.header;
        let shape = KeptShape::new(self.image(), header);
        let shown = output.map(|output| self.shown(output));
        let planes = match self.state.kept.take(header, shape) {
            Some((plane_use, mut planes)) => {
                let views = KeptPlanes::new(planes.view_mut(), shape.color_planes);
                let target = Target::kept(views, shape.size, shown);
                self.decode_kept(scope, coded, shape, plane_use, target)?;
                planes
            }
            None => self.decode_new(scope, coded, shape, shown)?,
        };
        self.state.kept.put(header, shape, planes);
        Ok(())
    }

    fn decode_new(
        &self,
        scope: &Scope,
        coded: &CodedFrame<'_>,
        shape: KeptShape,
        shown: Option<Shown<'_>>,
    ) -> Result<DetachedPlaneSet<f32>, Error> {
        let mut planes = shape.spec().open(scope)?;
        let views = KeptPlanes::new(planes.view_mut(), shape.color_planes);
        let target = Target::kept(views, shape.size, shown);
        self.decode_kept(scope, coded, shape, PlaneUse::Overwritten, target)?;
        Ok(scope.detach_planes(planes)?)
    }

    fn decode_kept(
        &self,
        scope: &Scope,
        coded: &CodedFrame<'_>,
        shape: KeptShape,
        plane_use: PlaneUse,
        target: Target<'_>,
    ) -> Result<(), Error> {
        if shape.is_coded {
            return self.decode(scope, coded, true, target);
        }
        let (image, header) = (self.image(), &coded.header);
        let kept = scope.scratch_beyond_plan();
        let memory = Memory::new(scope, &kept);
        let composition = match plane_use {
            PlaneUse::Blended => Composition::in_place(image, header, memory)?,
            PlaneUse::Overwritten if is_kept_alone(header) => Composition::alone(image, memory)?,
            PlaneUse::Overwritten => {
                self.spend_canvas()?;
                Composition::new(image, header, &self.state.kept, memory)?
            }
        };
        let target = target.composed(&composition, header.frame_size(), scope)?;
        self.decode(scope, coded, false, target)
    }

    /// The part of the canvas that `output` shows.
    fn shown<'o>(&self, output: Output<'o>) -> Shown<'o> {
        let start = self.region.map(|region| region.pos);
        Shown::new(output, start.unwrap_or_default())
    }

    fn decode(
        &self,
        scope: &Scope,
        coded: &CodedFrame<'_>,
        stays_coded: bool,
        target: Target<'_>,
    ) -> Result<(), Error> {
        if self.region.is_some() && target.is_empty() {
            return Ok(());
        }
        let data = self.codestream.get(coded.sections.clone());
        let data = data.ok_or(Error::Truncated)?;
        let place = FramePlace {
            kept: &self.state.kept,
            counts: self.state.counts,
            stays_coded,
            wants_float_extra: !target.is_plain(),
            wanted: self.region.map(|_| target.rect()),
            budget: &self.budget,
        };
        decode_frame(scope, self.image(), coded, data, place, target)
    }

    /// Counts a copy of the canvas.
    fn spend_canvas(&self) -> Result<(), Error> {
        let channels = 3 + self.image().metadata.ec_info.len() as u64;
        let canvas = self.image().canvas_size();
        self.budget.spend(canvas.area() as u64 * channels)
    }

    fn image(&self) -> &'a ImageHeader {
        &self.headers.image
    }
}
