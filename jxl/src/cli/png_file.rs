use std::io::{self, Write};

use jxl_arena::{
    Animation, ColorProfile, ColourSpace, EnumColourEncoding, FrameInfo, ImageInfo, Layout,
    PixelFormat, Primaries, RenderingIntent, SampleFormat, TransferFunction, WhitePoint,
};
use png::chunk::ChunkType;
use png::{BitDepth, BlendOp, ColorType, Compression, Info, ScaledFloat, SrgbRenderingIntent};

const CICP: ChunkType = ChunkType(*b"cICP");
/// Bytes of one write to the compressor; keeps the compressed picture out of memory.
const STREAM_BYTES: usize = 1 << 16;

/// Writes 8- or 16-bit pixels, most significant byte first, with the chunks that tell the colours: the file's ICC profile;
/// sRGB; or code points (cICP) and a profile made from the encoding for readers that do not know those.
pub(super) fn write(
    writer: &mut impl Write,
    info: &ImageInfo,
    format: PixelFormat,
    pixels: &[u8],
) -> io::Result<()> {
    let encoder = png::Encoder::with_info(writer, header(info, format))?;
    let mut png = start(encoder, info)?;
    let mut stream = png.stream_writer_with_size(STREAM_BYTES)?;
    stream.write_all(pixels)?;
    stream.finish()?;
    png.finish()?;
    Ok(())
}

/// An animated PNG file that is being written, picture after picture, each as large as the whole. The compressed picture is held in
/// memory while it is written.
pub(super) struct AnimatedPng<W: Write> {
    png: png::Writer<W>,
    animation: Animation,
}

impl<W: Write> AnimatedPng<W> {
    /// A file of `count` pictures.
    pub(super) fn start(
        writer: W,
        info: &ImageInfo,
        format: PixelFormat,
        animation: Animation,
        count: u32,
    ) -> io::Result<Self> {
        let mut encoder = png::Encoder::with_info(writer, header(info, format))?;
        encoder.set_animated(count, animation.plays.unwrap_or(0))?;
        encoder.set_blend_op(BlendOp::Source)?;
        let png = start(encoder, info)?;
        Ok(Self { png, animation })
    }

    pub(super) fn put(&mut self, frame: &FrameInfo, pixels: &[u8]) -> io::Result<()> {
        let (numerator, denominator) = delay(self.animation, frame.duration_ticks);
        self.png.set_frame_delay(numerator, denominator)?;
        Ok(self.png.write_image_data(pixels)?)
    }

    pub(super) fn finish(self) -> io::Result<()> {
        Ok(self.png.finish()?)
    }
}

/// Writes what stands in front of the pixels.
fn start<W: Write>(
    mut encoder: png::Encoder<'_, W>,
    info: &ImageInfo,
) -> io::Result<png::Writer<W>> {
    encoder.set_compression(Compression::Fast);
    let mut png = encoder.write_header()?;
    if let ColorProfile::Encoding(encoding) = &info.profile
        && !is_srgb_like(encoding)
        && let Some(code_points) = code_points(encoding)
    {
        png.write_chunk(CICP, &code_points)?;
    }
    Ok(png)
}

/// Seconds that a picture is shown, as a fraction; the nearest that there is, where 16 bits do not hold the fraction itself.
fn delay(animation: Animation, ticks: u32) -> (u16, u16) {
    let numerator = u64::from(ticks) * u64::from(animation.ticks_denominator);
    let denominator = u64::from(animation.ticks_numerator);
    let divisor = greatest_common_divisor(numerator, denominator);
    let exact = (numerator / divisor, denominator / divisor);
    let nearest = [10_000, 1_000, 100, 10, 1].map(|parts: u64| {
        let count = u128::from(numerator) * u128::from(parts) + u128::from(denominator / 2);
        let count = count / u128::from(denominator);
        (u64::try_from(count).unwrap_or(u64::MAX), parts)
    });
    let all = std::iter::once(exact).chain(nearest);
    let mut fitting = all.filter_map(|(n, d)| Some((n.try_into().ok()?, d.try_into().ok()?)));
    fitting.next().unwrap_or((u16::MAX, 1))
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}

fn header(info: &ImageInfo, format: PixelFormat) -> Info<'_> {
    let mut header = Info::with_size(info.width, info.height);
    header.color_type = match format.layout {
        Layout::Grey => ColorType::Grayscale,
        Layout::GreyAlpha => ColorType::GrayscaleAlpha,
        Layout::Rgb => ColorType::Rgb,
        Layout::Rgba => ColorType::Rgba,
    };
    header.bit_depth = match format.sample {
        SampleFormat::U8 { .. } => BitDepth::Eight,
        _ => BitDepth::Sixteen,
    };
    match &info.profile {
        ColorProfile::Encoding(encoding) if is_srgb_like(encoding) => {
            header.srgb = Some(intent(encoding.rendering_intent));
        }
        profile => {
            if let ColorProfile::Encoding(encoding) = profile {
                header.source_gamma = gamma(encoding.tf);
            }
            header.icc_profile = profile.to_icc();
        }
    }
    header
}

/// sRGB, or grey with sRGB's white point and transfer function, which PNG's sRGB chunk also means.
fn is_srgb_like(encoding: &EnumColourEncoding) -> bool {
    let grey = EnumColourEncoding {
        colour_space: ColourSpace::Rgb,
        primaries: Primaries::Srgb,
        ..encoding.clone()
    };
    encoding.is_srgb() || (encoding.colour_space == ColourSpace::Grey && grey.is_srgb())
}

/// Primaries, transfer function, matrix (RGB) and range (full) as ITU-T H.273 numbers them.
fn code_points(encoding: &EnumColourEncoding) -> Option<[u8; 4]> {
    let primaries = match (encoding.primaries, encoding.white_point) {
        (Primaries::Srgb, WhitePoint::D65) => 1,
        (Primaries::Bt2100, WhitePoint::D65) => 9,
        (Primaries::P3, WhitePoint::Dci) => 11,
        (Primaries::P3, WhitePoint::D65) => 12,
        _ => return None,
    };
    let transfer = match encoding.tf {
        TransferFunction::Bt709 => 1,
        TransferFunction::Linear => 8,
        TransferFunction::Srgb => 13,
        TransferFunction::Pq => 16,
        TransferFunction::Dci => 17,
        TransferFunction::Hlg => 18,
        TransferFunction::Gamma { .. } | TransferFunction::Unknown => return None,
    };
    Some([primaries, transfer, 0, 1])
}

fn intent(intent: RenderingIntent) -> SrgbRenderingIntent {
    match intent {
        RenderingIntent::Perceptual => SrgbRenderingIntent::Perceptual,
        RenderingIntent::Relative => SrgbRenderingIntent::RelativeColorimetric,
        RenderingIntent::Saturation => SrgbRenderingIntent::Saturation,
        RenderingIntent::Absolute => SrgbRenderingIntent::AbsoluteColorimetric,
    }
}

/// The exponent that PNG's gAMA chunk holds: of encoding, below 1.
fn gamma(transfer: TransferFunction) -> Option<ScaledFloat> {
    match transfer {
        TransferFunction::Gamma { g, inverted: true } => Some(g as f32 / 1e7),
        TransferFunction::Gamma { g, inverted: false } if g > 0 => Some(1e7 / g as f32),
        TransferFunction::Linear => Some(1.0),
        _ => None,
    }
    .map(ScaledFloat::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_exact_where_16_bits_hold_them() {
        let delay = |numerator, denominator, ticks| {
            let animation = Animation {
                ticks_numerator: numerator,
                ticks_denominator: denominator,
                plays: None,
                has_timecodes: false,
            };
            delay(animation, ticks)
        };
        assert_eq!(delay(100, 1, 5), (1, 20));
        assert_eq!(delay(24_000, 1_001, 1), (1_001, 24_000));
        assert_eq!(delay(100, 1, 0), (0, 1));
        assert_eq!(delay(1, 1, 40_000), (40_000, 1));
        assert_eq!(delay(1 << 30, 1, 1 << 20), (1, 1_024));
        assert_eq!(delay(1_000_003, 1, 20_000_061), (20_000, 1_000));
        assert_eq!(delay(1, 1_024, u32::MAX), (u16::MAX, 1));
    }
}
