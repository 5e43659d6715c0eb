use std::io::{self, Write};
use std::path::Path;

use clap::ValueEnum;
use jxl_arena::{AlphaMode, ByteOrder, ImageInfo, Layout, PixelFormat, SampleDepth, SampleFormat};

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

    /// The pixels that such a file of this picture holds.
    pub(super) fn format(self, info: &ImageInfo) -> Result<PixelFormat, String> {
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
        if self == Self::Pfm {
            let format = PixelFormat::new(layout, SampleFormat::F32);
            return Ok(format.with_order(ByteOrder::Little));
        }
        let bits = match info.depth_of(layout) {
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
        Ok(format.with_alpha(alpha))
    }

    /// Turns decoded pixels of [`format`](Self::format) into those of the file: full ink of PAM is
    /// the largest sample.
    pub(super) fn prepare(self, info: &ImageInfo, pixels: &mut [u8]) -> io::Result<()> {
        let format = self.format(info).map_err(io::Error::other)?;
        if self == Self::Pam {
            netpbm::turn_ink(format, pixels);
        }
        Ok(())
    }

    /// Writes `pixels`, rows without gaps, of [`format`](Self::format).
    pub(super) fn write(
        self,
        writer: &mut impl Write,
        info: &ImageInfo,
        pixels: &[u8],
    ) -> io::Result<()> {
        let format = self.format(info).map_err(io::Error::other)?;
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
