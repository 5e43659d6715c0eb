//! Decodes the frames of a codestream in order. Keeps frames that others refer to, and writes shown
//! frames to the output.

use frame_arena::{Arena, DetachedPlaneSet, Frame, Scope, Spec};

use super::composition::{self, Composition};
use super::context::FramePlace;
use super::lf_preview::LfPreview;
use super::reduced::{part_of, reducer_shape};
use super::saved_frames::{Kept, KeptShape, PlaneUse, ShownFrame, is_kept_alone};
use super::target::{KeptPlanes, Shown, Target};
use super::{decode_frame, decode_part};
use crate::budget::Budget;
use crate::grid::Rect;
use crate::headers::{FrameType, ImageHeader};
use crate::image::{CodedFrame, Headers};
use crate::input::Available;
use crate::memory::Memory;
use crate::output::Output;
use crate::{Completeness, DecodedFrame, Error, FrameInfo, Reduction};

/// The progress of decoding a codestream, and the frames saved so far.
pub(crate) struct SequenceState {
    kept: Kept,
    /// Number of shown frames so far, and of hidden ones since the last shown one.
    counts: [u32; 2],
    /// Number of all frames so far.
    frames: u32,
    /// Start of the next frame; `None` after the last frame or a frame that was not decoded.
    next: Option<usize>,
    /// The start of the frame that must not be decoded, and the reason.
    end: Option<(usize, Error)>,
}

/// Decodes the remaining frames of a codestream.
pub(crate) struct Sequence<'a> {
    pub(crate) headers: &'a Headers,
    pub(crate) codestream: Available<'a>,
    pub(crate) state: &'a mut SequenceState,
    /// The wanted part of the canvas; `None` for all of it.
    pub(crate) region: Option<Rect>,
    /// How much smaller than the canvas the output is. Only whole pictures are reduced.
    pub(crate) reduction: Reduction,
    /// Limit on the work of the next picture.
    pub(crate) budget: Budget<'a>,
}

impl SequenceState {
    /// The state before the first frame.
    pub(crate) fn new(headers: &Headers) -> Self {
        Self {
            kept: Kept::default(),
            counts: [0, 0],
            frames: 0,
            next: Some(headers.first_frame),
            end: None,
        }
    }

    /// Sets the start of the frame that must not be decoded, and the reason.
    pub(crate) fn until(self, end: Option<(usize, Error)>) -> Self {
        Self { end, ..self }
    }

    /// Number of pictures so far.
    pub(crate) fn pictures(&self) -> usize {
        self.counts[0] as usize
    }

    /// The start of the next frame, or `None`.
    pub(crate) fn next_start(&self) -> Option<usize> {
        self.next
    }

    /// True if no picture is left.
    pub(crate) fn is_finished(&self) -> bool {
        self.next.is_none()
    }
}

/// The result of decoding a frame.
#[expect(clippy::large_enum_variant, reason = "one is made for each frame")]
enum Step<'o> {
    /// The frame is hidden; the output is not written.
    Kept(Option<Output<'o>>),
    Shown(DecodedFrame),
    /// There are no more frames.
    Nothing,
    /// Too little of the frame is present; the output is not written.
    Missing(Option<Output<'o>>),
}

impl<'a> Sequence<'a> {
    /// Decodes frames up to the next shown one, each in its own frame of `arena`. Returns `None` if
    /// no shown frame is left.
    ///
    /// # Errors
    /// Truncated or corrupt frames, parts of the standard that are not supported, memory. Nothing
    /// more can be decoded after an error.
    pub(crate) fn show_next(
        &mut self,
        arena: &Arena,
        output: Output<'_>,
    ) -> Result<Option<DecodedFrame>, Error> {
        let mut output = Some(output);
        loop {
            match self.decode_next(arena, output)? {
                Step::Kept(unused) => output = unused,
                Step::Shown(decoded) => return Ok(Some(decoded)),
                Step::Nothing => return Ok(None),
                // Only the pictures before this one are present.
                Step::Missing(_) if self.state.counts[0] > 0 => return Ok(None),
                Step::Missing(unused) => {
                    let shown = match unused {
                        Some(output) => self.show_lf_frame(arena, output)?,
                        None => None,
                    };
                    return shown.map(Some).ok_or(Error::Truncated);
                }
            }
        }
    }

    /// Decodes the next frame, which must be hidden.
    ///
    /// # Errors
    /// The errors of [`show_next`](Self::show_next).
    pub(crate) fn keep_next(&mut self, arena: &Arena) -> Result<(), Error> {
        match self.decode_next(arena, None)? {
            Step::Missing(_) => Err(Error::Truncated),
            _ => Ok(()),
        }
    }

    /// Shows the LF frame that was decoded last, if there is one and no picture yet.
    fn show_lf_frame(
        &self,
        arena: &Arena,
        output: Output<'_>,
    ) -> Result<Option<DecodedFrame>, Error> {
        let found = self.state.kept.last_lf_image();
        let found = found.filter(|_| self.state.counts[0] == 0);
        let Some((level, planes)) = found else {
            return Ok(None);
        };
        self.show_lf(arena.frame(), (level, planes), output)
            .map(Some)
    }

    /// Shows an LF frame of level `level` in place of the next picture.
    fn show_lf(
        &self,
        frame: Frame,
        (level, planes): (usize, &DetachedPlaneSet<f32>),
        output: Output<'_>,
    ) -> Result<DecodedFrame, Error> {
        let preview = LfPreview {
            image: self.image(),
            planes,
            level,
            start: self.region.map(|region| region.pos).unwrap_or_default(),
        };
        let show = |output: Output<'_>| preview.show(output, &self.budget, &frame);
        match reducer_shape(self.image(), None, self.reduction) {
            None => show(output)?,
            Some(shape) => shape.run(output, &frame, show)?,
        }
        Ok(DecodedFrame {
            info: FrameInfo::of_lf_frame(self.state.pictures()),
            report: frame.finish(),
            completeness: Completeness::NOTHING,
        })
    }

    /// Shows the present part of the next picture, from its frame or from an LF frame before the
    /// first picture. The picture can still be decoded later. Returns `None` if there is nothing to
    /// show.
    ///
    /// # Errors
    /// The errors of [`show_next`](Self::show_next).
    pub(crate) fn preview_next(
        &mut self,
        arena: &Arena,
        output: Output<'_>,
    ) -> Result<Option<DecodedFrame>, Error> {
        let Some(start) = self.state.next else {
            return Ok(None);
        };
        let (headers, codestream) = (self.headers, self.codestream);
        let frame = arena.frame();
        let kept = frame.scratch_beyond_plan();
        let memory = Memory::new(&frame, &kept);
        let coded = match CodedFrame::read(codestream, start, headers.frame_source(), memory) {
            Err(Error::Truncated) => return self.show_lf_frame(arena, output),
            coded => coded?,
        };
        let header = &coded.header;
        let is_there = coded.has_lf_global(codestream);
        let is_lf = header.frame_type == FrameType::LfFrame;
        if is_lf && is_there && self.state.counts[0] == 0 {
            let shape = KeptShape::new(self.image(), header);
            let planes = self.decode_new(&frame, &coded, shape, None)?;
            let level = header.lf_level as usize;
            return self
                .show_lf(arena.frame(), (level, &planes), output)
                .map(Some);
        }
        if !header.is_keyframe() || !is_there {
            return self.show_lf_frame(arena, output);
        }
        let completeness = coded.completeness(codestream);
        let counts = self.state.counts;
        self.state.counts = [counts[0] + 1, 0];
        let shown = self.show_reduced(&frame, &coded, output, |sequence, output| {
            sequence.show_only(&frame, &coded, output)
        });
        self.state.counts = counts;
        shown?;
        let name = coded.name(codestream, arena)?;
        let info = FrameInfo::new(counts[0] as usize, &coded.header, name, &headers.image);
        drop(kept);
        let report = frame.finish();
        Ok(Some(DecodedFrame {
            info,
            report,
            completeness,
        }))
    }

    /// Decodes the next frame, into `output` if it is shown.
    fn decode_next<'o>(
        &mut self,
        arena: &Arena,
        output: Option<Output<'o>>,
    ) -> Result<Step<'o>, Error> {
        let Some(start) = self.state.next.take() else {
            return Ok(Step::Nothing);
        };
        let (headers, codestream) = (self.headers, self.codestream);
        if let Some((_, error)) = self.state.end.take_if(|(end, _)| *end == start) {
            return Err(error);
        }
        self.state.frames += 1;
        headers.limits.check_frames(self.state.frames)?;
        let frame = arena.frame();
        let kept = frame.scratch_beyond_plan();
        let memory = Memory::new(&frame, &kept);
        let coded = match CodedFrame::read(codestream, start, headers.frame_source(), memory) {
            Err(Error::Truncated) if codestream.may_end() => return Ok(Step::Missing(output)),
            coded => coded?,
        };
        if !coded.has_lf_global(codestream) {
            return Ok(Step::Missing(output));
        }
        let completeness = coded.completeness(codestream);
        let next = completeness.is_complete().then_some(coded.end());
        if !coded.header.is_keyframe() {
            self.state.counts[1] += 1;
            self.keep(&frame, &coded, None)?;
            self.state.next = Some(coded.end());
            return Ok(Step::Kept(output));
        }
        let output = output.ok_or_else(|| Error::output("no buffer for a picture"))?;
        self.state.counts = [self.state.counts[0] + 1, 0];
        self.show_reduced(
            &frame,
            &coded,
            output,
            |sequence, output| match completeness.is_complete() {
                true => sequence.show(arena, &frame, &coded, output),
                false => sequence.show_only(&frame, &coded, output),
            },
        )?;
        self.state.next = next.filter(|_| !coded.header.is_last);
        let index = self.state.counts[0] as usize - 1;
        let name = coded.name(codestream, arena)?;
        let info = FrameInfo::new(index, &coded.header, name, &headers.image);
        drop(kept);
        let report = frame.finish();
        Ok(Step::Shown(DecodedFrame {
            info,
            report,
            completeness,
        }))
    }

    /// Shows the frame `coded`. Unless a part of it is what `output` wants, calls `show` with an
    /// output as large as the picture, which makes what is written to it smaller.
    fn show_reduced(
        &mut self,
        scope: &Scope,
        coded: &CodedFrame<'_>,
        output: Output<'_>,
        show: impl FnOnce(&mut Self, Output<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (headers, codestream) = (self.headers, self.codestream);
        if let Some(part) = part_of(scope, headers, coded, codestream, self.reduction) {
            let target = Target::picture(self.shown(output));
            let place = (part, self.place(false, &target));
            return decode_part(scope, self.image(), coded, self.codestream, place, target);
        }
        match reducer_shape(self.image(), Some(coded), self.reduction) {
            None => show(self, output),
            Some(shape) => shape.run(output, scope, |output| show(self, output)),
        }
    }

    /// Decodes a shown frame.
    fn show(
        &mut self,
        arena: &Arena,
        scope: &Scope,
        coded: &CodedFrame<'_>,
        output: Output<'_>,
    ) -> Result<(), Error> {
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

    /// Decodes a frame into planes that are kept, and also into `output` if it is shown.
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
        let place = self.place(stays_coded, &target);
        decode_frame(scope, self.image(), coded, self.codestream, place, target)
    }

    fn place(&self, stays_coded: bool, target: &Target<'_>) -> FramePlace<'_> {
        FramePlace {
            kept: &self.state.kept,
            counts: self.state.counts,
            stays_coded,
            wants_float_extra: !target.is_plain(),
            wanted: self.region.map(|_| target.rect()),
            reduction: Reduction::Full,
            budget: &self.budget,
        }
    }

    /// Counts the work of copying the canvas.
    fn spend_canvas(&self) -> Result<(), Error> {
        let channels = 3 + self.image().metadata.ec_info.len() as u64;
        let canvas = self.image().canvas_size();
        self.budget.spend(canvas.area() as u64 * channels)
    }

    fn image(&self) -> &'a ImageHeader {
        &self.headers.image
    }
}
