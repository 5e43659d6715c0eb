use std::io::{self, Write};

use jxl_arena::{
    ColorProfile, ColourSpace, EnumColourEncoding, ImageInfo, Layout, PixelFormat, Primaries,
    RenderingIntent, SampleFormat, TransferFunction, WhitePoint,
};
use png::chunk::ChunkType;
use png::{BitDepth, ColorType, Compression, Info, ScaledFloat, SrgbRenderingIntent};

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
    let mut encoder = png::Encoder::with_info(writer, header(info, format))?;
    encoder.set_compression(Compression::Fast);
    let mut png = encoder.write_header()?;
    if let ColorProfile::Encoding(encoding) = &info.profile
        && !is_srgb_like(encoding)
        && let Some(code_points) = code_points(encoding)
    {
        png.write_chunk(CICP, &code_points)?;
    }
    let mut stream = png.stream_writer_with_size(STREAM_BYTES)?;
    stream.write_all(pixels)?;
    stream.finish()?;
    png.finish()?;
    Ok(())
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
