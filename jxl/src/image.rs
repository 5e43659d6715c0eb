mod coded_frame;
mod frame_source;

use frame_arena::Arena;

use crate::bits::Bits;
use crate::color::{DeviceSpace, IccProfile};
use crate::headers::{ExtraChannelType, ImageHeader};
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
    /// Start of the first shown frame.
    pub(crate) first_shown: usize,
    /// Its coding.
    pub(crate) coding: FrameCoding,
    /// Limits for the frames.
    pub(crate) limits: Limits,
}

impl Headers {
    /// Reads the image header, the ICC profile, skips the preview, reads headers and tables of
    /// contents of the frames up to the first shown one, and checks that all their bytes exist.
    ///
    /// # Errors
    /// Truncated or corrupt headers; more than `limits`; memory for the profile and for lists.
    pub(crate) fn read(codestream: &[u8], arena: &Arena, limits: Limits) -> Result<Self, Error> {
        let mut bits = Bits::new(codestream);
        let image = ImageHeader::parse(&mut bits, arena, &limits)?;
        let metadata = &image.metadata;
        check_size(image.size, &limits)?;
        let has_profile = metadata.colors.has_profile();
        let icc = has_profile.then(|| IccProfile::read(&mut bits, arena, &limits));
        let icc = icc.transpose()?;
        bits.align()?;
        let mut first_frame = bits.position() / 8;
        let source = FrameSource {
            size: image.size,
            metadata,
            limits: &limits,
        };
        if let Some(size) = metadata.preview {
            let source = FrameSource { size, ..source };
            first_frame = with_memory(arena, |memory| {
                SkimmedFrame::read(codestream, first_frame, source, memory).map(|frame| frame.end)
            })?;
        }
        let (first_shown, coding) = find_shown(codestream, first_frame, source, arena)?;
        Ok(Self {
            image,
            icc,
            first_frame,
            first_shown,
            coding,
            limits,
        })
    }

    /// The context for reading headers of the image's frames.
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
    codestream: &[u8],
    first_frame: usize,
    source: FrameSource<'_>,
    arena: &Arena,
) -> Result<(usize, FrameCoding), Error> {
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
            Some(coding) => return Ok((start, coding)),
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
