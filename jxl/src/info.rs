use std::borrow::Cow;

use crate::color::{make_profile, output_encoding};
use crate::headers::ExtraChannelType;
use crate::image::Headers;
use crate::{
    Animation, ColorEncoding, FrameCoding, IccProfile, Layout, OutputColor, PixelFormat, Reduction,
    SampleDepth, SampleFormat,
};

/// The headers of a picture: size, depth, channels, colors and animation.
#[derive(Clone, Debug)]
pub struct ImageInfo {
    /// Columns of the picture as shown, orientation applied.
    pub width: u32,
    /// Rows of the picture as shown, orientation applied.
    pub height: u32,
    /// Orientation that the decoder applies, as in Exif: 1 changes nothing, 2 to 4 mirror or turn
    /// by 180 degrees, 5 to 8 also exchange rows and columns.
    pub orientation: u32,
    /// Depth of the color samples in the file.
    pub depth: SampleDepth,
    /// Color channels of decoded samples: 1 (gray), 3, or 4 (CMYK with [`OutputColor::Original`]).
    pub color_channels: usize,
    /// The first alpha channel, if any.
    pub alpha: Option<Alpha>,
    /// Number of extra channels, including alpha;
    /// [`Picture::extra_channels`](crate::Picture::extra_channels) describes each.
    pub extra_channels: usize,
    /// Whether the colors are stored as XYB, that is, not losslessly.
    pub xyb: bool,
    /// The color space of the decoded samples, which [`Decoder::with_output_color`] chooses. By
    /// default, XYB pictures with an ICC profile and CMYK pictures are converted to sRGB, gray or
    /// color. Floats keep colors outside of sRGB as samples below 0.0 and above 1.0; integers are
    /// clamped.
    ///
    /// [`Decoder::with_output_color`]: crate::Decoder::with_output_color
    pub profile: ColorProfile,
    /// The ICC profile of the picture before it was encoded, if the samples are not in its colors.
    pub original_icc: Option<IccProfile>,
    /// The timing of an animation; `None` for a still picture.
    pub animation: Option<Animation>,
    /// Coding of the frame that is shown first; other frames may be coded differently. `None` if
    /// its header is not there: the file is truncated, or has not arrived so far.
    pub coding: Option<FrameCoding>,
}

/// The properties of the alpha channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alpha {
    /// Depth of its samples.
    pub depth: SampleDepth,
    /// Whether the colors are premultiplied by alpha. They are output as stored.
    pub premultiplied: bool,
}

/// The properties of an extra channel, such as alpha or depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtraChannel<'p> {
    /// Its type: `"alpha"`, `"depth"`, `"selection mask"`, and so on.
    pub kind: &'static str,
    /// Its name, often empty.
    pub name: &'p str,
    /// Depth of its samples.
    pub depth: SampleDepth,
}

/// The color space of decoded samples.
#[derive(Clone, Debug)]
pub enum ColorProfile {
    /// The ICC profile of the file.
    Icc(IccProfile),
    /// Primaries, white point and transfer function by name or number.
    Encoding(ColorEncoding),
}

impl ColorProfile {
    /// Returns an ICC profile: the file's own, or one made from the encoding. `None` if the
    /// chromaticities of the encoding describe no colors.
    pub fn to_icc(&self) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::Icc(icc) => Some(Cow::Borrowed(icc)),
            Self::Encoding(encoding) => make_profile(encoding).map(Cow::Owned),
        }
    }
}

/// The extra channels, from the headers.
pub(crate) fn extra_channels(headers: &Headers) -> impl Iterator<Item = ExtraChannel<'_>> {
    let channels = &headers.image.metadata.ec_info;
    let named = channels.iter().zip(channels.names());
    named.map(|(channel, name)| ExtraChannel {
        kind: kind_name(channel.ty),
        name,
        depth: channel.bit_depth,
    })
}

impl ImageInfo {
    pub(crate) fn new(headers: &Headers, color: OutputColor) -> Self {
        let metadata = &headers.image.metadata;
        let profile = profile(headers, color);
        let is_converted = matches!(profile, ColorProfile::Encoding(_));
        let alpha = metadata.alpha().and_then(|index| {
            let channel = metadata.ec_info.get(index)?;
            Some(Alpha {
                depth: channel.bit_depth,
                premultiplied: channel.ty.is_premultiplied(),
            })
        });
        Self {
            width: headers.image.width_with_orientation(),
            height: headers.image.height_with_orientation(),
            orientation: metadata.orientation,
            depth: metadata.bit_depth,
            color_channels: match metadata.grayscale() {
                true => 1,
                false if headers.is_cmyk() && color == OutputColor::Original => 4,
                false => 3,
            },
            alpha,
            extra_channels: metadata.ec_info.len(),
            xyb: metadata.xyb_encoded,
            profile,
            original_icc: headers.icc.clone().filter(|_| is_converted),
            animation: metadata.animation.as_ref().map(Animation::new),
            coding: headers.first_shown.map(|first| first.coding),
        }
    }

    /// Changes the size to that of the picture of `headers` when it is reduced.
    pub(crate) fn reduce(&mut self, headers: &Headers, reduction: Reduction) {
        let image = &headers.image;
        let (width, height) = (
            image.width_with_orientation(),
            image.height_with_orientation(),
        );
        (self.width, self.height) = reduction.size(width, height);
    }

    /// Returns the layout with exactly the picture's channels.
    pub fn layout(&self) -> Layout {
        match (self.color_channels, self.alpha.is_some()) {
            (1, false) => Layout::Gray,
            (1, true) => Layout::GrayAlpha,
            (4, false) => Layout::Cmyk,
            (4, true) => Layout::Cmyka,
            (_, false) => Layout::Rgb,
            (_, true) => Layout::Rgba,
        }
    }

    /// Returns the picture's own layout with the smallest samples that lose nothing, if there are
    /// any: bytes for up to 8 bits, 16-bit integers for up to 16, and floats for more and for float
    /// pictures. Integers scale to the full range of the type. The deepest channel decides.
    pub fn natural_format(&self) -> PixelFormat {
        let layout = self.layout();
        let sample = match self.depth_of(layout) {
            SampleDepth::Integer { bits: ..=8 } => SampleFormat::U8 { bits: 8 },
            SampleDepth::Integer { bits: ..=16 } => SampleFormat::U16 { bits: 16 },
            _ => SampleFormat::F32,
        };
        PixelFormat::new(layout, sample)
    }

    /// Returns the depth of the deepest channel of `layout`, including alpha. Floats are deeper
    /// than integers.
    pub fn depth_of(&self, layout: Layout) -> SampleDepth {
        let alpha = self.alpha.filter(|_| layout.has_alpha());
        match alpha {
            Some(alpha) if alpha.depth.rank() > self.depth.rank() => alpha.depth,
            _ => self.depth,
        }
    }
}

fn profile(headers: &Headers, color: OutputColor) -> ColorProfile {
    let metadata = &headers.image.metadata;
    let is_converted =
        color == OutputColor::Automatic && (metadata.xyb_encoded || headers.is_cmyk());
    match &headers.icc {
        Some(icc) if !is_converted => ColorProfile::Icc(icc.clone()),
        _ => ColorProfile::Encoding(output_encoding(&metadata.colors)),
    }
}

fn kind_name(kind: ExtraChannelType) -> &'static str {
    match kind {
        ExtraChannelType::Alpha { .. } => "alpha",
        ExtraChannelType::Depth => "depth",
        ExtraChannelType::SpotColor { .. } => "spot color",
        ExtraChannelType::SelectionMask => "selection mask",
        ExtraChannelType::Black => "black",
        ExtraChannelType::Cfa => "color filter array",
        ExtraChannelType::Thermal => "thermal",
        ExtraChannelType::Optional => "optional",
    }
}
