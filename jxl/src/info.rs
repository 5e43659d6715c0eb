use std::borrow::Cow;

use jxl_color::{ColourEncoding, EnumColourEncoding};
use jxl_image::{BitDepth, ExtraChannelType};

use crate::color::{is_known, output_encoding};
use crate::image::Headers;
use crate::{Animation, Layout, PixelFormat, SampleFormat};

/// What the headers of a picture say.
#[derive(Clone, Debug)]
pub struct ImageInfo {
    /// Columns of the picture as shown, orientation applied.
    pub width: u32,
    /// Rows of the picture as shown, orientation applied.
    pub height: u32,
    /// Orientation that the decoder applies, as in Exif: 1 is none, 2 to 4 mirror or turn by 180 degrees, 5 to 8 also
    /// exchange rows and columns.
    pub orientation: u32,
    /// Depth of the colour samples in the file.
    pub depth: SampleDepth,
    /// Colour channels: 1 (grey) or 3.
    pub color_channels: usize,
    /// The alpha channel, where there is one. With several, the first.
    pub alpha: Option<Alpha>,
    /// All extra channels in file order, alpha among them.
    pub extra_channels: Vec<ExtraChannel>,
    /// Whether the colours are stored as XYB, that is, not losslessly.
    pub xyb: bool,
    /// What the decoded samples mean. XYB pictures whose file has an ICC profile are handed out in sRGB, grey or colour: floats hold
    /// the colours that are outside of it as samples below 0.0 and above 1.0, integers the nearest that sRGB has.
    pub profile: ColorProfile,
    /// The ICC profile that the file has where samples are not in its colours: that of the picture before it was encoded, to which
    /// floats of an XYB picture can be converted without loss.
    pub original_icc: Option<Vec<u8>>,
    /// How the pictures of an animation follow one another; `None` of a still.
    pub animation: Option<Animation>,
    /// How the frame is coded that is shown first; frames before and after it may be coded otherwise.
    pub coding: FrameCoding,
}

/// How the samples of a frame are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameCoding {
    /// As integers, predicted from their neighbours.
    Modular,
    /// By transforms of blocks.
    VarDct,
}

/// Depth of stored samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleDepth {
    /// Unsigned integers of 1 to 31 bits.
    Integer {
        /// Bits per sample.
        bits: u32,
    },
    /// Floats: a sign, an exponent, a mantissa.
    Float {
        /// Bits per sample.
        bits: u32,
        /// Bits of the exponent.
        exponent_bits: u32,
    },
}

/// The alpha channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alpha {
    /// Depth of its samples.
    pub depth: SampleDepth,
    /// Whether the colours are multiplied by alpha. They are handed out as they are stored.
    pub premultiplied: bool,
}

/// One extra channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtraChannel {
    /// What it holds: `"alpha"`, `"depth"`, `"selection mask"`, ...
    pub kind: &'static str,
    /// Its name, often empty.
    pub name: String,
    /// Depth of its samples.
    pub depth: SampleDepth,
}

/// What decoded samples mean.
#[derive(Clone, Debug)]
pub enum ColorProfile {
    /// An ICC profile that the file carries.
    Icc(Vec<u8>),
    /// Primaries, white point and transfer function by name or number.
    Encoding(EnumColourEncoding),
}

impl ColorProfile {
    /// The profile as ICC: the file's own, or one made from the encoding. `None` where the file says that the encoding is
    /// unknown.
    pub fn to_icc(&self) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::Icc(icc) => Some(Cow::Borrowed(icc)),
            Self::Encoding(encoding) => is_known(encoding)
                .then(|| Cow::Owned(jxl_color::icc::colour_encoding_to_icc(encoding))),
        }
    }
}

impl ImageInfo {
    pub(crate) fn new(headers: &Headers) -> Self {
        let metadata = &headers.image.metadata;
        let alpha = metadata.alpha().and_then(|index| {
            let channel = metadata.ec_info.get(index)?;
            Some(Alpha {
                depth: channel.bit_depth.into(),
                premultiplied: channel.alpha_associated() == Some(true),
            })
        });
        let extra_channels = metadata.ec_info.iter().map(|channel| ExtraChannel {
            kind: kind_name(channel.ty),
            name: channel.name.to_string(),
            depth: channel.bit_depth.into(),
        });
        Self {
            width: headers.image.width_with_orientation(),
            height: headers.image.height_with_orientation(),
            orientation: metadata.orientation,
            depth: metadata.bit_depth.into(),
            color_channels: if metadata.grayscale() { 1 } else { 3 },
            alpha,
            extra_channels: extra_channels.collect(),
            xyb: metadata.xyb_encoded,
            profile: profile(headers),
            original_icc: metadata.xyb_encoded.then(|| headers.icc.clone()).flatten(),
            animation: metadata.animation.as_ref().map(Animation::new),
            coding: FrameCoding::new(&headers.shown.header),
        }
    }

    /// The layout that has exactly the picture's channels.
    pub fn layout(&self) -> Layout {
        match (self.color_channels, self.alpha.is_some()) {
            (1, false) => Layout::Grey,
            (1, true) => Layout::GreyAlpha,
            (_, false) => Layout::Rgb,
            (_, true) => Layout::Rgba,
        }
    }

    /// The picture's own layout with samples that lose nothing where one of the formats can: bytes for up to 8 bits, 16-bit
    /// integers for up to 16, floats beyond and for float pictures. Integers scale to the full range of the type.
    pub fn natural_format(&self) -> PixelFormat {
        let sample = match self.depth {
            SampleDepth::Integer { bits: ..=8 } => SampleFormat::U8 { bits: 8 },
            SampleDepth::Integer { bits: ..=16 } => SampleFormat::U16 { bits: 16 },
            _ => SampleFormat::F32,
        };
        PixelFormat::new(self.layout(), sample)
    }
}

fn profile(headers: &Headers) -> ColorProfile {
    let metadata = &headers.image.metadata;
    match (&headers.icc, &metadata.colour_encoding) {
        _ if metadata.xyb_encoded => ColorProfile::Encoding(output_encoding(metadata)),
        (Some(icc), _) => ColorProfile::Icc(icc.clone()),
        (None, ColourEncoding::Enum(encoding)) => ColorProfile::Encoding(encoding.clone()),
        (None, ColourEncoding::IccProfile(_)) => ColorProfile::Encoding(output_encoding(metadata)),
    }
}

fn kind_name(kind: ExtraChannelType) -> &'static str {
    match kind {
        ExtraChannelType::Alpha { .. } => "alpha",
        ExtraChannelType::Depth => "depth",
        ExtraChannelType::SpotColour { .. } => "spot colour",
        ExtraChannelType::SelectionMask => "selection mask",
        ExtraChannelType::Black => "black",
        ExtraChannelType::Cfa { .. } => "colour filter array",
        ExtraChannelType::Thermal => "thermal",
        ExtraChannelType::NonOptional => "unknown",
        ExtraChannelType::Optional => "optional",
    }
}

impl From<BitDepth> for SampleDepth {
    fn from(depth: BitDepth) -> Self {
        match depth {
            BitDepth::IntegerSample { bits_per_sample } => Self::Integer {
                bits: bits_per_sample,
            },
            BitDepth::FloatSample {
                bits_per_sample,
                exp_bits,
            } => Self::Float {
                bits: bits_per_sample,
                exponent_bits: exp_bits,
            },
        }
    }
}

impl SampleDepth {
    /// Bits per sample, of whichever kind.
    pub fn bits(self) -> u32 {
        match self {
            Self::Integer { bits } | Self::Float { bits, .. } => bits,
        }
    }
}

impl std::fmt::Display for SampleDepth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer { bits } => write!(f, "{bits}-bit"),
            Self::Float {
                bits,
                exponent_bits,
            } => write!(f, "{bits}-bit float ({exponent_bits}-bit exponent)"),
        }
    }
}
