mod coded_frame;
mod frame_source;

use frame_arena::Arena;

use crate::bits::Bits;
use crate::color::{DeviceSpace, IccProfile};
use crate::headers::{ExtraChannelType, ImageHeader};
use crate::input::Available;
use crate::memory::Memory;
use crate::{Error, FrameCoding, Limits};
pub(crate) use coded_frame::{CodedFrame, SkimmedFrame};
pub(crate) use frame_source::FrameSource;
use frame_source::check_size;

/// The headers of a picture, up to the first shown frame, and the places of frames.
pub(crate) struct Headers {
    pub(crate) image: ImageHeader,
    pub(crate) icc: Option<IccProfile>,
    /// Start of the first frame in the codestream. Each decode reads the headers of frames again.
    pub(crate) first_frame: usize,
    /// The first shown frame; `None` if its header is missing.
    pub(crate) first_shown: Option<FirstShown>,
    /// Limits on what the frames may request.
    pub(crate) limits: Limits,
}

/// The first shown frame.
#[derive(Clone, Copy)]
pub(crate) struct FirstShown {
    /// Start of the frame in the codestream.
    pub(crate) start: usize,
    pub(crate) coding: FrameCoding,
}

impl Headers {
    /// Reads the image header and the ICC profile, and skips the preview. Reads headers and tables
    /// of contents of the frames up to the first shown one. Unless the codestream may end early,
    /// all bytes of these frames must be present.
    ///
    /// # Errors
    /// Headers are truncated or corrupt, or exceed `limits`; memory for the profile and for lists.
    pub(crate) fn read(
        codestream: Available<'_>,
        arena: &Arena,
        limits: Limits,
    ) -> Result<Self, Error> {
        let mut headers = Self::read_front(codestream, arena, limits)?;
        match headers.find_frames(codestream, arena) {
            Err(Error::Truncated) if codestream.may_end() => {}
            found => found?,
        }
        Ok(headers)
    }

    /// Reads the image header and the ICC profile. The preview or the first frame follows.
    ///
    /// # Errors
    /// The errors of [`read`](Self::read).
    pub(crate) fn read_front(
        codestream: Available<'_>,
        arena: &Arena,
        limits: Limits,
    ) -> Result<Self, Error> {
        let mut bits = Bits::new(codestream.front(0)?);
        let image = ImageHeader::parse(&mut bits, arena, &limits)?;
        let metadata = &image.metadata;
        check_size(image.size, &limits)?;
        let has_profile = metadata.colors.has_profile();
        let icc = has_profile.then(|| IccProfile::read(&mut bits, arena, &limits));
        let icc = icc.transpose()?;
        bits.align()?;
        let first_frame = bits.position() / 8;
        Ok(Self {
            image,
            icc,
            first_frame,
            first_shown: None,
            limits,
        })
    }

    /// Skips the preview and finds the first shown frame.
    fn find_frames(&mut self, codestream: Available<'_>, arena: &Arena) -> Result<(), Error> {
        if let Some(source) = self.preview_source() {
            let start = self.first_frame;
            self.first_frame = with_memory(arena, |memory| {
                SkimmedFrame::read(codestream, start, source, memory).map(|frame| frame.end)
            })?;
        }
        let found = find_shown(codestream, self.first_frame, self.frame_source(), arena)?;
        self.first_shown = Some(found);
        Ok(())
    }

    /// The source for reading the frame header of the preview; `None` without a preview.
    pub(crate) fn preview_source(&self) -> Option<FrameSource<'_>> {
        let source = self.frame_source();
        let size = self.image.metadata.preview?;
        Some(FrameSource { size, ..source })
    }

    /// The source for reading the frame headers of the image.
    pub(crate) fn frame_source(&self) -> FrameSource<'_> {
        FrameSource {
            size: self.image.size,
            metadata: &self.image.metadata,
            limits: &self.limits,
        }
    }

    /// Whether colors are CMYK, according to the profile.
    pub(crate) fn is_cmyk(&self) -> bool {
        let icc = self.icc.as_deref();
        icc.is_some_and(|icc| DeviceSpace::of_profile(icc) == Some(DeviceSpace::Cmyk))
    }

    /// Refuses an image whose colors cannot be output, with an error that names them.
    pub(crate) fn check_colors(&self) -> Result<(), Error> {
        let metadata = &self.image.metadata;
        let mut channels = metadata.ec_info.iter();
        let has_black = channels.any(|channel| channel.ty == ExtraChannelType::Black);
        match self.is_cmyk() {
            true if metadata.xyb_encoded => Err(Error::unsupported("CMYK stored as XYB")),
            true if metadata.grayscale() || !has_black => Err(Error::corrupt(
                "ICC profile of four channels for a picture of fewer",
            )),
            _ => Ok(()),
        }
    }
}

/// The start of the first shown frame, and its coding.
fn find_shown(
    codestream: Available<'_>,
    first_frame: usize,
    source: FrameSource<'_>,
    arena: &Arena,
) -> Result<FirstShown, Error> {
    let (mut start, mut frames) = (first_frame, 0);
    loop {
        frames += 1;
        source.limits.check_frames(frames)?;
        let (coding, end) = with_memory(arena, |memory| {
            let frame = SkimmedFrame::read(codestream, start, source, memory)?;
            let is_shown = frame.header.is_keyframe();
            let coding = is_shown.then(|| FrameCoding::new(&frame.header));
            Ok::<_, Error>((coding, frame.end))
        })?;
        match coding {
            Some(coding) => return Ok(FirstShown { start, coding }),
            None => start = end,
        }
    }
}

/// Runs `read` with memory for reading a frame's header.
pub(crate) fn with_memory<R>(arena: &Arena, read: impl FnOnce(Memory<'_>) -> R) -> R {
    let scope = arena.frame();
    let kept = scope.scratch_beyond_plan();
    read(Memory::new(&scope, &kept))
}
