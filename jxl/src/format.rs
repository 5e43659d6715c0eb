/// Channels of an output pixel, in memory order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Gray, for gray pictures only: colors are not converted to gray.
    Gray,
    /// Gray, alpha. Alpha is opaque if the picture has none.
    GrayAlpha,
    /// Red, green, blue; a gray picture's sample three times.
    Rgb,
    /// Red, green, blue, alpha.
    Rgba,
    /// Blue, green, red.
    Bgr,
    /// Blue, green, red, alpha.
    Bgra,
    /// Cyan, magenta, yellow, black, as stored: 0 is full ink, full scale is none. For CMYK
    /// pictures with [`OutputColor::Original`] only.
    Cmyk,
    /// Cyan, magenta, yellow, black, alpha.
    Cmyka,
    /// The extra channel of this index alone, such as depth or a spot color. The index is its place
    /// in [`Picture::extra_channels`](crate::Picture::extra_channels). Reduced pictures have no
    /// such layout.
    Extra(u16),
}

/// The color space of decoded samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutputColor {
    /// Colors that every program can show or that need no conversion. XYB pictures with an ICC
    /// profile and CMYK pictures are converted to sRGB; floats keep colors outside of sRGB. All
    /// other pictures keep their colors.
    #[default]
    Automatic,
    /// The colors of the picture before it was encoded: XYB pictures with an ICC profile converted
    /// to that profile, CMYK pictures as CMYK samples.
    Original,
}

impl Layout {
    /// Samples per pixel.
    pub const fn channels(self) -> usize {
        self.color_channels() + self.has_alpha() as usize
    }

    /// Samples per pixel without alpha: 1, 3 or 4. An extra channel counts as a color here.
    pub const fn color_channels(self) -> usize {
        match self {
            Self::Gray | Self::GrayAlpha | Self::Extra(_) => 1,
            Self::Rgb | Self::Rgba | Self::Bgr | Self::Bgra => 3,
            Self::Cmyk | Self::Cmyka => 4,
        }
    }

    /// Whether the fourth sample of a pixel is black.
    pub const fn has_black(self) -> bool {
        matches!(self, Self::Cmyk | Self::Cmyka)
    }

    /// Whether the last sample of a pixel is alpha.
    pub const fn has_alpha(self) -> bool {
        matches!(
            self,
            Self::GrayAlpha | Self::Rgba | Self::Bgra | Self::Cmyka
        )
    }

    /// Whether blue precedes red.
    pub(crate) const fn is_reversed(self) -> bool {
        matches!(self, Self::Bgr | Self::Bgra)
    }
}

/// The type and range of an output sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleFormat {
    /// One byte; full scale is `2^bits - 1`, `bits` from 1 to 8.
    U8 {
        /// Bits of the range.
        bits: u8,
    },
    /// Two bytes; full scale is `2^bits - 1`, `bits` from 1 to 16.
    U16 {
        /// Bits of the range.
        bits: u8,
    },
    /// Two bytes, an IEEE 754 half; full scale is 1.0, and values outside of 0.0 to 1.0 are not
    /// clamped. Those that no half can hold are infinite.
    F16,
    /// Four bytes; full scale is 1.0, and values outside of 0.0 to 1.0 are not clamped.
    F32,
}

impl SampleFormat {
    /// Bytes of one sample.
    pub const fn sample_bytes(self) -> usize {
        match self {
            Self::U8 { .. } => 1,
            Self::U16 { .. } | Self::F16 => 2,
            Self::F32 => 4,
        }
    }

    /// Largest sample of the integer formats; `None` for floats.
    pub const fn max_value(self) -> Option<u32> {
        match self {
            Self::U8 { bits } | Self::U16 { bits } => Some(((1u64 << bits) - 1) as u32),
            Self::F16 | Self::F32 => None,
        }
    }

    /// The sample of full scale: 1.0 for floats.
    pub(crate) fn full_scale(self) -> f32 {
        self.max_value().map_or(1.0, |max| max as f32)
    }

    pub(crate) fn is_valid(self) -> bool {
        match self {
            Self::U8 { bits } => (1..=8).contains(&bits),
            Self::U16 { bits } => (1..=16).contains(&bits),
            Self::F16 | Self::F32 => true,
        }
    }
}

/// The order of the bytes of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// Most significant byte first, as in PNG and PNM.
    Big,
    /// Least significant byte first.
    Little,
}

impl ByteOrder {
    /// The machine's own, the order of `u16` and `f32` slices.
    pub const NATIVE: Self = if cfg!(target_endian = "big") {
        Self::Big
    } else {
        Self::Little
    };
}

/// What colors are multiplied by, in pixels with alpha. A picture says whether its colors are
/// premultiplied ([`Alpha::premultiplied`](crate::Alpha::premultiplied)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlphaMode {
    /// As in the picture.
    #[default]
    AsStored,
    /// By nothing. Premultiplied integers that exceed full scale are clamped to it; colors of fully
    /// transparent pixels do not change.
    Straight,
    /// By alpha, as fractions of full scale.
    Premultiplied,
}

/// The format of pixels in the output buffer, which are interleaved, row after row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelFormat {
    /// Channels and their order.
    pub layout: Layout,
    /// Type and range of each sample.
    pub sample: SampleFormat,
    /// Byte order of samples wider than a byte.
    pub order: ByteOrder,
    /// Whether colors are multiplied by alpha, if the layout has alpha.
    pub alpha: AlphaMode,
}

impl PixelFormat {
    /// 8-bit gray.
    pub const GRAY8: Self = Self::new(Layout::Gray, SampleFormat::U8 { bits: 8 });
    /// 8-bit red, green, blue.
    pub const RGB8: Self = Self::new(Layout::Rgb, SampleFormat::U8 { bits: 8 });
    /// 8-bit red, green, blue, alpha.
    pub const RGBA8: Self = Self::new(Layout::Rgba, SampleFormat::U8 { bits: 8 });
    /// 16-bit red, green, blue.
    pub const RGB16: Self = Self::new(Layout::Rgb, SampleFormat::U16 { bits: 16 });
    /// 16-bit red, green, blue, alpha.
    pub const RGBA16: Self = Self::new(Layout::Rgba, SampleFormat::U16 { bits: 16 });
    /// Float red, green, blue.
    pub const RGB_F32: Self = Self::new(Layout::Rgb, SampleFormat::F32);
    /// 8-bit blue, green, red, alpha, as many windowing systems show it.
    pub const BGRA8: Self = Self::new(Layout::Bgra, SampleFormat::U8 { bits: 8 });
    /// Half-float red, green, blue, alpha, as graphics processors sample it.
    pub const RGBA_F16: Self = Self::new(Layout::Rgba, SampleFormat::F16);

    /// Pixels of native byte order, with alpha as stored.
    pub const fn new(layout: Layout, sample: SampleFormat) -> Self {
        Self {
            layout,
            sample,
            order: ByteOrder::NATIVE,
            alpha: AlphaMode::AsStored,
        }
    }

    /// The same pixels in another byte order.
    pub const fn with_order(self, order: ByteOrder) -> Self {
        Self { order, ..self }
    }

    /// The same pixels with another meaning of their colors.
    pub const fn with_alpha(self, alpha: AlphaMode) -> Self {
        Self { alpha, ..self }
    }

    /// Bytes of one pixel.
    pub const fn pixel_bytes(self) -> usize {
        self.layout.channels() * self.sample.sample_bytes()
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for u8 {}
    impl Sealed for u16 {}
    impl Sealed for f32 {}
}

/// The element of a typed output buffer: `u8`, `u16` or `f32`.
pub trait OutputSample: sealed::Sealed + bytemuck::Pod + Send + Sync {
    /// The format of such samples over their type's full range.
    const FORMAT: SampleFormat;
}

impl OutputSample for u8 {
    const FORMAT: SampleFormat = SampleFormat::U8 { bits: 8 };
}

impl OutputSample for u16 {
    const FORMAT: SampleFormat = SampleFormat::U16 { bits: 16 };
}

impl OutputSample for f32 {
    const FORMAT: SampleFormat = SampleFormat::F32;
}
