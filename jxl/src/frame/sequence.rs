//! The frames of a still, one after the other: those that others need are kept, the one that is shown goes out.

use frame_arena::{Arena, DetachedPlaneSet, Frame, PlaneAlloc, Scope};
use jxl_frame::FrameHeader;
use jxl_frame::header::FrameType;
use jxl_image::ImageHeader;

use super::composition::{self, Composition};
use super::context::{FramePlace, frame_size};
use super::decode_frame;
use super::kept::Kept;
use super::target::Target;
use crate::Error;
use crate::image::{CodedFrame, Headers};
use crate::output::Output;
use crate::render::Reference;

/// Decodes the first shown picture of a codestream. `frame` is for the frame that is shown; each one before it has a frame of
/// `arena`.
///
/// # Errors
/// Truncated or corrupt frames, parts of the standard not decoded yet, memory.
pub(crate) fn decode_still(
    arena: &Arena,
    frame: &Frame,
    headers: &Headers,
    codestream: &[u8],
    output: Output<'_>,
) -> Result<(), Error> {
    let mut sequence = Sequence {
        image: &headers.image,
        codestream,
        kept: Kept::default(),
        counts: [0, 0],
    };
    let mut start = headers.first_frame;
    while start < headers.shown.bytes.start {
        let coded = CodedFrame::read(codestream, start, &headers.image)?;
        start = coded.bytes.end;
        sequence.keep(&arena.frame(), &coded)?;
    }
    sequence.show(frame, &headers.shown, output)
}

struct Sequence<'a> {
    image: &'a ImageHeader,
    codestream: &'a [u8],
    kept: Kept,
    /// Visible frames so far, and invisible ones since the last visible one.
    counts: [u32; 2],
}

impl Sequence<'_> {
    /// Decodes a frame that is not shown.
    fn keep(&mut self, scope: &Scope, coded: &CodedFrame) -> Result<(), Error> {
        let header = &coded.header;
        self.counts[1] += 1;
        if header.frame_type == FrameType::LfFrame {
            let image = self.decode_kept(scope, coded, true)?;
            self.kept.lf_images[header.lf_level as usize - 1] = Some(image);
            return Ok(());
        }
        if let Some(planes) = self.take_canvas(header) {
            return self.blend_in_place(scope, coded, planes);
        }
        let has_transform = self.image.metadata.xyb_encoded || header.do_ycbcr;
        let is_coded = header.save_before_ct && has_transform;
        let planes = self.decode_kept(scope, coded, is_coded)?;
        let colour_planes = colour_planes(self.image, header, is_coded);
        let reference = Reference::new(planes, colour_planes, is_coded);
        self.kept.references[header.save_as_reference as usize] = Some(reference);
        Ok(())
    }

    /// The planes of the reference that a frame is blended with and takes the place of, if it is only that.
    fn take_canvas(&mut self, header: &FrameHeader) -> Option<DetachedPlaneSet<f32>> {
        if !is_blended_in_place(header) {
            return None;
        }
        let slot = header.save_as_reference as usize;
        let background = self.kept.background(slot, self.image).ok().flatten();
        background?;
        let reference = self.kept.references[slot].take();
        reference.map(Reference::into_planes)
    }

    fn blend_in_place(
        &mut self,
        scope: &Scope,
        coded: &CodedFrame,
        mut planes: DetachedPlaneSet<f32>,
    ) -> Result<(), Error> {
        let header = &coded.header;
        let colour_planes = colour_planes(self.image, header, false);
        let composition = Composition::in_place(self.image, header)?;
        let views = planes.view_mut().into_planes().collect();
        let target = Target::planes(views, colour_planes, self.image_size());
        let target = target.composed(&composition, frame_size(header), scope)?;
        self.decode(scope, coded, false, target)?;
        let reference = Reference::new(planes, colour_planes, false);
        self.kept.references[header.save_as_reference as usize] = Some(reference);
        Ok(())
    }

    /// Decodes the shown frame.
    fn show(&mut self, scope: &Scope, coded: &CodedFrame, output: Output<'_>) -> Result<(), Error> {
        let header = &coded.header;
        self.counts = [self.counts[0] + 1, 0];
        if !composition::is_needed(self.image, header) {
            let target = Target::picture(output, frame_size(header));
            return self.decode(scope, coded, false, target);
        }
        let composition = Composition::new(self.image, header, &self.kept)?;
        let target = Target::picture(output, self.image_size());
        let target = target.composed(&composition, frame_size(header), scope)?;
        self.decode(scope, coded, false, target)
    }

    /// All channels of a frame, or the colours of an LF frame.
    fn decode_kept(
        &self,
        scope: &Scope,
        coded: &CodedFrame,
        is_coded: bool,
    ) -> Result<DetachedPlaneSet<f32>, Error> {
        let header = &coded.header;
        // A frame that is kept as it was decoded, and not as it would be shown.
        let is_alone = is_coded || !header.frame_type.is_normal_frame() || header.save_before_ct;
        let size = if is_alone {
            frame_size(header)
        } else {
            self.image_size()
        };
        let colour_planes = colour_planes(self.image, header, is_coded);
        let extra_planes = extra_planes(self.image, header);
        // Stale: all rows are written.
        let mut planes = scope.stale_planes::<f32>(colour_planes + extra_planes, size.0, size.1)?;
        let views = planes.planes_mut().collect();
        let target = Target::planes(views, colour_planes, size);
        if is_coded {
            self.decode(scope, coded, true, target)?;
        } else {
            let composition = if is_alone {
                Composition::alone(self.image)?
            } else {
                Composition::new(self.image, header, &self.kept)?
            };
            let target = target.composed(&composition, frame_size(header), scope)?;
            self.decode(scope, coded, false, target)?;
        }
        Ok(scope.detach_planes(planes)?)
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
            kept: &self.kept,
            counts: self.counts,
            stays_coded,
            wants_float_extra: !target.is_plain(),
        };
        decode_frame(scope, self.image, coded, data, place, target)
    }

    fn image_size(&self) -> (usize, usize) {
        let size = &self.image.size;
        (size.width as usize, size.height as usize)
    }
}

/// Planes that the colours of a frame need where it is kept.
pub(super) fn colour_planes(image: &ImageHeader, header: &FrameHeader, is_coded: bool) -> usize {
    let is_lf = header.frame_type == FrameType::LfFrame;
    match image.metadata.grayscale() && !is_coded && !is_lf {
        true => 1,
        false => 3,
    }
}

/// Planes that its extra channels need.
pub(super) fn extra_planes(image: &ImageHeader, header: &FrameHeader) -> usize {
    match header.frame_type {
        FrameType::LfFrame => 0,
        _ => image.metadata.ec_info.len(),
    }
}

/// True if a frame that is kept is only blended with the reference that it takes the place of.
pub(super) fn is_blended_in_place(header: &FrameHeader) -> bool {
    let is_layer = header.frame_type.is_normal_frame() && !header.save_before_ct;
    is_layer && composition::blends_into_its_slot(header)
}
