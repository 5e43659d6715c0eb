use std::io::{self, Write};
use std::path::Path;

use clap::ValueEnum;
use jxl_arena::{
    AlphaMode, ByteOrder, ImageInfo, Layout, Picture, PixelFormat, SampleDepth, SampleFormat,
};

use super::netpbm;
use super::output_file::is_standard;
use super::png_file::PngFile;

/// A format of output file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Target {
    Png,
    Ppm,
    Pgm,
    Pam,
    Pfm,
}

/// An extra channel that is written alone.
#[derive(Clone, Copy)]
pub(super) struct Channel {
    layout: Layout,
    depth: SampleDepth,
}

impl Channel {
    /// The channel of a picture with this name; otherwise the first of this kind, such as `alpha`;
    /// otherwise the one with this number, from 0.
    pub(super) fn of(picture: &Picture<'_>, wanted: &str) -> Result<Self, String> {
        let channels = || picture.extra_channels().enumerate();
        let named = channels().find(|(_, channel)| !wanted.is_empty() && channel.name == wanted);
        let found = named
            .or_else(|| channels().find(|(_, channel)| channel.kind == wanted))
            .or_else(|| channels().find(|(index, _)| index.to_string() == wanted));
        let Some((index, channel)) = found else {
            let count = channels().count();
            return Err(format!("none of its {count} extra channels is {wanted}"));
        };
        let index = u16::try_from(index).map_err(|error| error.to_string())?;
        Ok(Self {
            layout: Layout::Extra(index),
            depth: channel.depth,
        })
    }
}

impl Target {
    /// The `chosen` format, or that of the extension of `path`, in upper or lower case.
    pub(super) fn of(chosen: Option<Self>, path: &Path) -> Result<Self, String> {
        if let Some(format) = chosen {
            return Ok(format);
        }
        if is_standard(path) {
            return Err("standard output needs --format".to_owned());
        }
        let extension = path.extension().and_then(|extension| extension.to_str());
        match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("png") => Ok(Self::Png),
            Some("ppm") => Ok(Self::Ppm),
            Some("pgm") => Ok(Self::Pgm),
            Some("pam") => Ok(Self::Pam),
            Some("pfm") => Ok(Self::Pfm),
            _ => Err("the extension is none of .png .ppm .pgm .pam .pfm".to_owned()),
        }
    }

    /// The pixels that such a file of this picture holds, or of `channel` alone.
    pub(super) fn format(
        self,
        info: &ImageInfo,
        channel: Option<Channel>,
    ) -> Result<PixelFormat, String> {
        if let Some(Channel { layout, depth }) = channel {
            return match self {
                Self::Ppm => Err("an extra channel does not fit a PPM file".to_owned()),
                _ => Ok(self.format_of(layout, depth)),
            };
        }
        if info.layout().has_black() && self != Self::Pam {
            return Err("CMYK samples fit a PAM file only".to_owned());
        }
        let layout = match self {
            Self::Png | Self::Pam => info.layout(),
            Self::Ppm => Layout::Rgb,
            Self::Pgm if info.color_channels == 1 => Layout::Gray,
            Self::Pgm => return Err("a color picture does not fit a PGM file".to_owned()),
            Self::Pfm if info.color_channels == 1 => Layout::Gray,
            Self::Pfm => Layout::Rgb,
        };
        Ok(self.format_of(layout, info.depth_of(layout)))
    }

    fn format_of(self, layout: Layout, depth: SampleDepth) -> PixelFormat {
        if self == Self::Pfm {
            let format = PixelFormat::new(layout, SampleFormat::F32);
            return format.with_order(ByteOrder::Little);
        }
        let bits = match depth {
            SampleDepth::Integer { bits } => bits.min(16) as u8,
            SampleDepth::Float { .. } => 16,
        };
        let bits = match self {
            Self::Png if bits <= 8 => 8,
            Self::Png => 16,
            _ => bits,
        };
        let sample = if bits <= 8 {
            SampleFormat::U8 { bits }
        } else {
            SampleFormat::U16 { bits }
        };
        // Alpha of PNG is straight.
        let alpha = match self {
            Self::Png => AlphaMode::Straight,
            _ => AlphaMode::AsStored,
        };
        let format = PixelFormat::new(layout, sample).with_order(ByteOrder::Big);
        format.with_alpha(alpha)
    }

    /// Turns decoded pixels of [`format`](Self::format) into those of the file: full ink of PAM is
    /// the largest sample.
    pub(super) fn prepare(self, format: PixelFormat, pixels: &mut [u8]) {
        if self == Self::Pam {
            netpbm::turn_ink(format, pixels);
        }
    }

    /// Writes `pixels`, rows without gaps, of [`format`](Self::format).
    pub(super) fn write(
        self,
        writer: &mut impl Write,
        (info, format): (&ImageInfo, PixelFormat),
        pixels: &[u8],
    ) -> io::Result<()> {
        match self {
            Self::Png => {
                let mut png = PngFile::start(writer, info, format)?;
                png.put(pixels)?;
                png.finish()
            }
            Self::Pfm => netpbm::write_pfm(writer, info, format, pixels),
            Self::Pam => netpbm::write_pam(writer, info, format, pixels),
            Self::Ppm => netpbm::write_pnm(writer, "P6", info, format, pixels),
            Self::Pgm => netpbm::write_pnm(writer, "P5", info, format, pixels),
        }
    }
}
