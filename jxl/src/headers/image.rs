use frame_arena::Arena;

use super::extensions::skip_extensions;
use super::transform::read_halves;
use super::upsampling_weights::UpsamplingWeights;
use super::{ExtraChannelType, ExtraChannels, ImageSize, OpsinInverseMatrix, ToneMapping};
use crate::bits::{Bits, U};
use crate::color::{CodedColors, ColorEncoding};
use crate::grid::Size;
use crate::{Error, Limits, SampleDepth};

/// Signature of a codestream, as a number of 16 bits.
const SIGNATURE: u32 = 0x0AFF;

/// The header of a codestream (ISO/IEC 18181-1, annex D).
#[derive(Debug)]
pub(crate) struct ImageHeader {
    pub(crate) size: ImageSize,
    pub(crate) metadata: ImageMetadata,
}

/// The header without the size.
#[derive(Debug)]
pub(crate) struct ImageMetadata {
    /// The orientation, 1 to 8, numbered as in Exif.
    pub(crate) orientation: u32,
    /// Size of the preview that precedes the frames.
    pub(crate) preview: Option<ImageSize>,
    pub(crate) animation: Option<AnimationHeader>,
    /// Depth of color samples.
    pub(crate) bit_depth: SampleDepth,
    pub(crate) ec_info: ExtraChannels,
    pub(crate) xyb_encoded: bool,
    pub(crate) colors: CodedColors,
    pub(crate) tone_mapping: ToneMapping,
    pub(crate) opsin_inverse_matrix: OpsinInverseMatrix,
    pub(crate) upsampling_weights: UpsamplingWeights,
}

/// The timing of an animation (ISO/IEC 18181-1, D.3: AnimationHeader).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AnimationHeader {
    /// Ticks per second, as a fraction.
    pub(crate) tps_numerator: u32,
    pub(crate) tps_denominator: u32,
    /// 0 stands for infinite.
    pub(crate) num_loops: u32,
    pub(crate) have_timecodes: bool,
}

/// Optional fields of a header.
struct ExtraFields {
    orientation: u32,
    preview: Option<ImageSize>,
    animation: Option<AnimationHeader>,
}

impl ImageHeader {
    /// The size of the picture, and of the canvas that its frames are composed on.
    pub(crate) fn canvas_size(&self) -> Size {
        Size::new(self.size.width as usize, self.size.height as usize)
    }

    /// Reads the header from the signature up to, and without, an ICC profile.
    ///
    /// # Errors
    /// [`Error::Truncated`]; values that the standard does not allow; unknown parts that must be
    /// understood; more than `limits`; memory for the records of extra channels.
    pub(crate) fn parse(
        bits: &mut Bits<'_>,
        arena: &Arena,
        limits: &Limits,
    ) -> Result<Self, Error> {
        if bits.read(16)? != SIGNATURE {
            return Err(Error::corrupt("codestream signature is missing"));
        }
        Ok(Self {
            size: ImageSize::parse(bits)?,
            metadata: ImageMetadata::parse(bits, arena, limits)?,
        })
    }

    /// Width with the orientation applied.
    pub(crate) fn width_with_orientation(&self) -> u32 {
        match self.metadata.exchanges_sides() {
            true => self.size.height,
            false => self.size.width,
        }
    }

    /// Height with the orientation applied.
    pub(crate) fn height_with_orientation(&self) -> u32 {
        match self.metadata.exchanges_sides() {
            true => self.size.width,
            false => self.size.height,
        }
    }
}

impl ImageMetadata {
    fn parse(bits: &mut Bits<'_>, arena: &Arena, limits: &Limits) -> Result<Self, Error> {
        let mut read = Self::default();
        if bits.read_bool()? {
            read.parse_transform_data(bits)?;
            return Ok(read);
        }
        let has_extra_fields = bits.read_bool()?;
        if has_extra_fields {
            let fields = ExtraFields::parse(bits)?;
            read.orientation = fields.orientation;
            read.preview = fields.preview;
            read.animation = fields.animation;
        }
        read.bit_depth = SampleDepth::parse(bits)?;
        let _modular_16bit_buffers = bits.read_bool()?;
        read.ec_info = ExtraChannels::parse(bits, arena, limits)?;
        read.xyb_encoded = bits.read_bool()?;
        read.colors = CodedColors::parse(bits)?;
        if has_extra_fields {
            read.tone_mapping = ToneMapping::parse(bits)?;
        }
        skip_extensions(bits)?;
        read.parse_transform_data(bits)?;
        Ok(read)
    }

    /// Reads the opsin inverse matrix and weights of upsampling.
    fn parse_transform_data(&mut self, bits: &mut Bits<'_>) -> Result<(), Error> {
        if bits.read_bool()? {
            return Ok(());
        }
        if self.xyb_encoded {
            self.opsin_inverse_matrix = OpsinInverseMatrix::parse(bits)?;
        }
        let UpsamplingWeights { up2, up4, up8 } = &mut self.upsampling_weights;
        let custom = bits.read(3)?;
        let weights = [up2.as_mut_slice(), up4, up8];
        for (index, weights) in weights.into_iter().enumerate() {
            if custom >> index & 1 == 1 {
                read_halves(bits, weights)?;
            }
        }
        Ok(())
    }

    /// True if there is one color channel.
    pub(crate) fn grayscale(&self) -> bool {
        self.colors.is_gray()
    }

    /// 1 or 3.
    pub(crate) fn color_channels(&self) -> usize {
        if self.grayscale() { 1 } else { 3 }
    }

    /// Index of the first alpha channel.
    pub(crate) fn alpha(&self) -> Option<usize> {
        let mut channels = self.ec_info.iter();
        channels.position(|info| matches!(info.ty, ExtraChannelType::Alpha { .. }))
    }

    /// True if the orientation exchanges rows and columns.
    fn exchanges_sides(&self) -> bool {
        self.orientation > 4
    }
}

impl Default for ImageMetadata {
    /// A header of nothing but defaults.
    fn default() -> Self {
        Self {
            orientation: 1,
            preview: None,
            animation: None,
            bit_depth: SampleDepth::DEFAULT,
            ec_info: ExtraChannels::none(),
            xyb_encoded: true,
            colors: CodedColors::Encoding(ColorEncoding::SRGB),
            tone_mapping: ToneMapping::default(),
            opsin_inverse_matrix: OpsinInverseMatrix::default(),
            upsampling_weights: UpsamplingWeights::default(),
        }
    }
}

impl ExtraFields {
    fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        let orientation = 1 + bits.read(3)?;
        if bits.read_bool()? {
            let _intrinsic_size = ImageSize::parse(bits)?;
        }
        Ok(Self {
            orientation,
            preview: read_optional(bits, ImageSize::parse_preview)?,
            animation: read_optional(bits, AnimationHeader::parse)?,
        })
    }
}

impl AnimationHeader {
    fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        Ok(Self {
            tps_numerator: bits.read_u32(100, 1000, 1 + U(10), 1 + U(30))?,
            tps_denominator: bits.read_u32(1, 1001, 1 + U(8), 1 + U(10))?,
            num_loops: bits.read_u32(0, U(3), U(16), U(32))?,
            have_timecodes: bits.read_bool()?,
        })
    }
}

/// Reads an optional field: a flag, then the field.
fn read_optional<T>(
    bits: &mut Bits<'_>,
    read: impl FnOnce(&mut Bits<'_>) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    match bits.read_bool()? {
        true => read(bits).map(Some),
        false => Ok(None),
    }
}
