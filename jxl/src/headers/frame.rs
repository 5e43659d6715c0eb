mod blending;
mod canvas;
mod crop;
mod extra;
mod kinds;
mod passes;
mod restoration;
mod sizes;

use super::extensions::skip_extensions;
use super::{AnimationHeader, CodedName, ImageMetadata, ImageSize};
use crate::Error;
use crate::bits::{Bits, U};
use crate::memory::Memory;
pub(crate) use blending::{BlendMode, BlendingInfo};
use crop::Crop;
use extra::ExtraRecord;
use kinds::FrameFlags;
pub(crate) use kinds::{Encoding, FrameType};
pub(crate) use passes::{MAX_PASSES, Passes};
pub(crate) use restoration::{EpfParams, RestorationFilter};

/// Up to this number, extra channels need no memory.
const FEW_EXTRA: usize = 4;

/// The header of a frame (ISO/IEC 18181-1, F.2). Fields have the names of the standard.
///
/// Fields of many extra channels live in the memory that is passed for parsing.
#[derive(Debug)]
pub(crate) struct FrameHeader<'m> {
    pub(crate) frame_type: FrameType,
    pub(crate) encoding: Encoding,
    pub(crate) flags: FrameFlags,
    pub(crate) do_ycbcr: bool,
    /// Sampling factors of Cb, Y, Cr: 0 is 1 x 1, 1 is 2 x 2, 2 is 2 x 1, 3 is 1 x 2.
    pub(crate) jpeg_upsampling: [u32; 3],
    /// 1, 2, 4 or 8.
    pub(crate) upsampling: u32,
    group_size_shift: u32,
    pub(crate) x_qm_scale: u32,
    pub(crate) b_qm_scale: u32,
    pub(crate) passes: Passes,
    /// 1 to 4 in LF frames, otherwise 0.
    pub(crate) lf_level: u32,
    pub(crate) have_crop: bool,
    /// Column of the image where the frame starts.
    pub(crate) x0: i32,
    pub(crate) y0: i32,
    /// Before the division by 8 for each LF level.
    pub(crate) width: u32,
    /// Before the division by 8 for each LF level.
    pub(crate) height: u32,
    pub(crate) blending_info: BlendingInfo,
    few_extra: [ExtraRecord; FEW_EXTRA],
    many_extra: &'m [ExtraRecord],
    extra_channels: usize,
    /// In ticks.
    pub(crate) duration: u32,
    pub(crate) timecode: u32,
    pub(crate) is_last: bool,
    pub(crate) save_as_reference: u32,
    /// Whether the colors replace the whole canvas.
    pub(crate) resets_canvas: bool,
    pub(crate) save_before_ct: bool,
    pub(crate) name: CodedName,
    pub(crate) restoration_filter: RestorationFilter,
    encoded_color_channels: usize,
}

impl<'m> FrameHeader<'m> {
    /// Reads the header of a frame of an image, or of its preview, of `size`.
    ///
    /// # Errors
    /// [`Error::Truncated`]; values that the standard does not allow; memory for the lists.
    pub(crate) fn parse(
        bits: &mut Bits<'_>,
        size: ImageSize,
        metadata: &ImageMetadata,
        memory: Memory<'m>,
    ) -> Result<Self, Error> {
        let mut header = Self::all_default(size, metadata.xyb_encoded);
        header.extra_channels = metadata.ec_info.len();
        let mut few = [ExtraRecord::DEFAULT; FEW_EXTRA];
        let many = match header.extra_channels {
            ..=FEW_EXTRA => &mut [],
            count => memory.stale(count)?,
        };
        many.fill(ExtraRecord::DEFAULT);
        let extra = match header.extra_channels {
            count @ ..=FEW_EXTRA => &mut few[..count],
            _ => &mut *many,
        };
        if !bits.read_bool()? {
            header.parse_fields(bits, size, metadata, extra)?;
        }
        (header.few_extra, header.many_extra) = (few, many);
        Ok(header)
    }

    fn parse_fields(
        &mut self,
        bits: &mut Bits<'_>,
        size: ImageSize,
        metadata: &ImageMetadata,
        extra: &mut [ExtraRecord],
    ) -> Result<(), Error> {
        self.parse_coding(bits, metadata, extra)?;
        self.parse_passes(bits)?;
        let crop = self.parse_crop(bits, size)?;
        self.parse_place(bits, metadata.animation, extra, crop.is_full(size))?;
        self.name = CodedName::parse(bits)?;
        self.restoration_filter = RestorationFilter::parse(bits, self.encoding)?;
        skip_extensions(bits)
    }

    /// A header of defaults, for an image without extra channels.
    fn all_default(size: ImageSize, xyb_encoded: bool) -> Self {
        Self {
            frame_type: FrameType::RegularFrame,
            encoding: Encoding::VarDct,
            flags: FrameFlags::default(),
            do_ycbcr: false,
            jpeg_upsampling: [0; 3],
            upsampling: 1,
            group_size_shift: 1,
            x_qm_scale: if xyb_encoded { 3 } else { 2 },
            b_qm_scale: 2,
            passes: Passes::default(),
            lf_level: 0,
            have_crop: false,
            x0: 0,
            y0: 0,
            width: size.width,
            height: size.height,
            blending_info: BlendingInfo::default(),
            few_extra: [ExtraRecord::DEFAULT; FEW_EXTRA],
            many_extra: &[],
            extra_channels: 0,
            duration: 0,
            timecode: 0,
            is_last: true,
            save_as_reference: 0,
            resets_canvas: true,
            save_before_ct: false,
            name: CodedName::default(),
            restoration_filter: RestorationFilter::default(),
            encoded_color_channels: 3,
        }
    }

    /// Reads type, encoding, flags, color transform, upsampling, and fields of only one encoding.
    fn parse_coding(
        &mut self,
        bits: &mut Bits<'_>,
        metadata: &ImageMetadata,
        extra: &mut [ExtraRecord],
    ) -> Result<(), Error> {
        self.frame_type = FrameType::parse(bits)?;
        self.encoding = Encoding::parse(bits)?;
        self.flags = FrameFlags::parse(bits)?;
        if !metadata.xyb_encoded {
            self.do_ycbcr = bits.read_bool()?;
        }
        if !self.flags.use_lf_frame() {
            self.parse_upsampling(bits, metadata, extra)?;
        }
        if self.encoding == Encoding::Modular {
            self.group_size_shift = bits.read(2)?;
            self.x_qm_scale = 2;
            if !self.do_ycbcr && !metadata.xyb_encoded && metadata.grayscale() {
                self.encoded_color_channels = 1;
            }
        } else if metadata.xyb_encoded {
            self.x_qm_scale = bits.read(3)?;
            self.b_qm_scale = bits.read(3)?;
        }
        Ok(())
    }

    /// Reads the subsampling of chroma and the upsampling of colors and of each extra channel.
    fn parse_upsampling(
        &mut self,
        bits: &mut Bits<'_>,
        metadata: &ImageMetadata,
        extra: &mut [ExtraRecord],
    ) -> Result<(), Error> {
        if self.do_ycbcr {
            for factor in &mut self.jpeg_upsampling {
                *factor = bits.read(2)?;
            }
        }
        self.upsampling = bits.read_u32(1, 2, 4, 8)?;
        for (record, info) in extra.iter_mut().zip(metadata.ec_info.iter()) {
            record.parse_upsampling(bits, info.dim_shift, self.upsampling)?;
        }
        Ok(())
    }

    /// Reads passes and the LF level.
    fn parse_passes(&mut self, bits: &mut Bits<'_>) -> Result<(), Error> {
        if self.frame_type != FrameType::ReferenceOnly {
            self.passes = Passes::parse(bits)?;
        }
        if self.frame_type == FrameType::LfFrame {
            self.lf_level = 1 + bits.read(2)?;
        }
        Ok(())
    }

    /// Reads the rectangle of the image that the frame covers.
    fn parse_crop(&mut self, bits: &mut Bits<'_>, size: ImageSize) -> Result<Crop, Error> {
        self.have_crop = self.frame_type != FrameType::LfFrame && bits.read_bool()?;
        let crop = match self.have_crop {
            true => Crop::parse(bits, self.frame_type)?,
            false => Crop::all(size),
        };
        (self.x0, self.y0) = (crop.x0, crop.y0);
        (self.width, self.height) = (crop.size.width, crop.size.height);
        Ok(crop)
    }

    /// Reads blending, duration, and the slot in which the frame is saved.
    fn parse_place(
        &mut self,
        bits: &mut Bits<'_>,
        animation: Option<AnimationHeader>,
        extra: &mut [ExtraRecord],
        is_full: bool,
    ) -> Result<(), Error> {
        self.is_last = false;
        if self.frame_type.is_normal_frame() {
            let channels = extra.len();
            self.blending_info = BlendingInfo::parse(bits, channels, is_full)?;
            for record in extra {
                record.set_blending(BlendingInfo::parse(bits, channels, is_full)?);
            }
            if let Some(animation) = animation {
                self.duration = bits.read_u32(0, 1, U(8), U(32))?;
                if animation.have_timecodes {
                    self.timecode = bits.read(32)?;
                }
            }
            self.is_last = bits.read_bool()?;
        }
        self.resets_canvas = is_full && self.blending_info.mode == BlendMode::Replace;
        if self.frame_type != FrameType::LfFrame && !self.is_last {
            self.save_as_reference = bits.read(2)?;
        }
        self.save_before_ct = match self.frame_type {
            FrameType::LfFrame => true,
            FrameType::ReferenceOnly => bits.read_bool()?,
            _ => self.resets_canvas && self.can_reference() && bits.read_bool()?,
        };
        Ok(())
    }

    /// Upsampling of each extra channel in addition to its own subsampling: 1, 2, 4 or 8.
    pub(crate) fn ec_upsampling(&self) -> impl ExactSizeIterator<Item = u32> {
        self.extra().iter().map(ExtraRecord::upsampling)
    }

    /// The blending of each extra channel.
    pub(crate) fn ec_blending_info(&self) -> impl ExactSizeIterator<Item = BlendingInfo> {
        self.extra().iter().map(ExtraRecord::blending)
    }

    fn extra(&self) -> &[ExtraRecord] {
        match self.many_extra {
            [] => &self.few_extra[..self.extra_channels],
            many => many,
        }
    }

    /// True if the frame is shown and not only part of a later one.
    pub(crate) fn is_keyframe(&self) -> bool {
        self.frame_type.is_normal_frame() && (self.is_last || self.duration != 0)
    }

    /// True if frames after it can use the frame as a reference.
    pub(crate) fn can_reference(&self) -> bool {
        !self.is_last
            && (self.duration == 0 || self.save_as_reference != 0)
            && self.frame_type != FrameType::LfFrame
    }
}
