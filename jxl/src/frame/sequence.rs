//! The frames of a codestream, one after the other: those that others need are kept, those that are shown go out.

use frame_arena::{Arena, DetachedPlaneSet, PlaneAlloc, PlaneViewMut, Scope};
use jxl_image::ImageHeader;

use super::composition::{self, Composition};
use super::context::{FramePlace, frame_size};
use super::decode_frame;
use super::kept::{Kept, KeptShape, PlaneUse, is_kept_alone};
use super::target::Target;
use crate::image::{CodedFrame, Headers};
use crate::output::Output;
use crate::{DecodedFrame, Error, FrameInfo};

/// How far a codestream is decoded, and what was kept of the frames before.
pub(crate) struct SequenceState {
    kept: Kept,
    /// Visible frames so far, and invisible ones since the last visible one.
    counts: [u32; 2],
    /// Where the next frame starts; `None` behind the last one and where a frame was not decoded.
    next: Option<usize>,
    /// The frame that is not to be decoded: where it starts, and why.
    end: Option<(usize, Error)>,
}

/// The frames of a codestream that are still to be decoded.
pub(crate) struct Sequence<'a> {
    pub(crate) headers: &'a Headers,
    pub(crate) codestream: &'a [u8],
    pub(crate) state: &'a mut SequenceState,
}

impl SequenceState {
    /// Before the first frame.
    pub(crate) fn new(headers: &Headers) -> Self {
        Self {
            kept: Kept::default(),
            counts: [0, 0],
            next: Some(headers.first_frame),
            end: None,
        }
    }

    /// The same, with a frame that is not to be decoded: where it starts, and why.
    pub(crate) fn until(self, end: Option<(usize, Error)>) -> Self {
        Self { end, ..self }
    }

    /// True if no picture is left.
    pub(crate) fn is_finished(&self) -> bool {
        self.next.is_none()
    }
}

impl<'a> Sequence<'a> {
    /// Decodes frames up to the next that is shown, each in a frame of `arena`. `None` if there is none.
    ///
    /// # Errors
    /// Truncated or corrupt frames, parts of the standard not decoded yet, memory. Nothing can be decoded then any more.
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
            let read;
            let coded = if start == headers.shown.bytes.start {
                &headers.shown
            } else {
                read = CodedFrame::read(self.codestream, start, &headers.image)?;
                &read
            };
            start = coded.bytes.end;
            let frame = arena.frame();
            if coded.header.is_keyframe() {
                self.show(arena, &frame, coded, output)?;
                self.state.next = (!coded.header.is_last).then_some(start);
                let index = self.state.counts[0] as usize - 1;
                return Ok(Some(DecodedFrame {
                    info: FrameInfo::new(index, &coded.header, &headers.image),
                    report: frame.finish(),
                }));
            }
            self.state.counts[1] += 1;
            self.keep(&frame, coded, None)?;
        }
    }

    /// Decodes a frame that is shown.
    fn show(
        &mut self,
        arena: &Arena,
        scope: &Scope,
        coded: &CodedFrame,
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
        coded: &CodedFrame,
        output: Output<'_>,
    ) -> Result<(), Error> {
        let (image, header) = (self.image(), &coded.header);
        if !composition::is_needed(image, header) {
            let target = Target::picture(output, frame_size(header));
            return self.decode(scope, coded, false, target);
        }
        let composition = Composition::new(image, header, &self.state.kept)?;
        let target = Target::picture(output, self.image_size());
        let target = target.composed(&composition, frame_size(header), scope)?;
        self.decode(scope, coded, false, target)
    }

    /// Decodes a frame into planes that are kept, and into `output` if it is shown.
    fn keep(
        &mut self,
        scope: &Scope,
        coded: &CodedFrame,
        output: Option<Output<'_>>,
    ) -> Result<(), Error> {
        let header = &coded.header;
        let shape = KeptShape::new(self.image(), header);
        let planes = match self.state.kept.take(header, shape) {
            Some((plane_use, mut planes)) => {
                let views = planes.view_mut().into_planes().collect();
                let target = Target::planes(views, shape.colour_planes, shape.size, output);
                self.decode_kept(scope, coded, shape, plane_use, target)?;
                planes
            }
            None => self.decode_new(scope, coded, shape, output)?,
        };
        self.state.kept.put(header, shape, planes);
        Ok(())
    }

    fn decode_new(
        &self,
        scope: &Scope,
        coded: &CodedFrame,
        shape: KeptShape,
        output: Option<Output<'_>>,
    ) -> Result<DetachedPlaneSet<f32>, Error> {
        let (width, height) = shape.size;
        // Stale: all rows are written.
        let mut planes = scope.stale_planes::<f32>(shape.planes(), width, height)?;
        let views: Vec<PlaneViewMut<'_, f32>> = planes.planes_mut().collect();
        let target = Target::planes(views, shape.colour_planes, shape.size, output);
        self.decode_kept(scope, coded, shape, PlaneUse::Overwritten, target)?;
        Ok(scope.detach_planes(planes)?)
    }

    fn decode_kept(
        &self,
        scope: &Scope,
        coded: &CodedFrame,
        shape: KeptShape,
        plane_use: PlaneUse,
        target: Target<'_>,
    ) -> Result<(), Error> {
        if shape.is_coded {
            return self.decode(scope, coded, true, target);
        }
        let (image, header) = (self.image(), &coded.header);
        let composition = match plane_use {
            PlaneUse::Blended => Composition::in_place(image, header)?,
            PlaneUse::Overwritten if is_kept_alone(header) => Composition::alone(image)?,
            PlaneUse::Overwritten => Composition::new(image, header, &self.state.kept)?,
        };
        let target = target.composed(&composition, frame_size(header), scope)?;
        self.decode(scope, coded, false, target)
    }

    fn decode(
        &self,
        scope: &Scope,
        coded: &CodedFrame,
        stays_coded: bool,
        target: Target<'_>,
    ) -> Result<(), Error> {
        let data = self.codestream.get(coded.bytes.clone());
        let data = data.ok_or(Error::Truncated)?;
        let place = FramePlace {
            kept: &self.state.kept,
            counts: self.state.counts,
            stays_coded,
            wants_float_extra: !target.is_plain(),
        };
        decode_frame(scope, self.image(), coded, data, place, target)
    }

    fn image(&self) -> &'a ImageHeader {
        &self.headers.image
    }

    fn image_size(&self) -> (usize, usize) {
        let size = &self.image().size;
        (size.width as usize, size.height as usize)
    }
}

/// What becomes of a frame beside being shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ShownFrame {
    NotKept,
    /// Kept as it is shown.
    Kept,
    /// Kept as it is before its colours are converted, which asks for a decode of its own.
    KeptAlone,
}

impl ShownFrame {
    pub(super) fn new(coded: &CodedFrame) -> Self {
        let header = &coded.header;
        match (header.can_reference(), is_kept_alone(header)) {
            (false, _) => Self::NotKept,
            (true, false) => Self::Kept,
            (true, true) => Self::KeptAlone,
        }
    }
}
