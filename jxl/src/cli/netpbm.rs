//! PPM, PGM, PAM and PFM. Integers are most significant byte first, with the format's full scale as
//! maximum.

use std::io::{self, Write};

use jxl_arena::{ImageInfo, PixelFormat};

pub(super) fn write_pnm(
    writer: &mut impl Write,
    magic: &str,
    info: &ImageInfo,
    format: PixelFormat,
    pixels: &[u8],
) -> io::Result<()> {
    let max = format.sample.max_value().unwrap_or(1);
    write!(writer, "{magic}\n{} {}\n{max}\n", info.width, info.height)?;
    writer.write_all(pixels)
}

/// Inverts CMYK samples, for which 0 is full ink, so that the largest is full ink. Other pixels
/// stay as they are.
pub(super) fn turn_ink(format: PixelFormat, pixels: &mut [u8]) {
    let (Some(max), true) = (format.sample.max_value(), format.layout.has_black()) else {
        return;
    };
    let sample_bytes = format.sample.sample_bytes();
    for pixel in pixels.chunks_exact_mut(format.pixel_bytes()) {
        for sample in pixel.chunks_exact_mut(sample_bytes).take(4) {
            let join = |value, &byte: &u8| value << 8 | u32::from(byte);
            let turned = max - sample.iter().fold(0, join);
            sample.copy_from_slice(&turned.to_be_bytes()[4 - sample_bytes..]);
        }
    }
}

pub(super) fn write_pam(
    writer: &mut impl Write,
    info: &ImageInfo,
    format: PixelFormat,
    pixels: &[u8],
) -> io::Result<()> {
    let tuple = match (format.layout.color_channels(), format.layout.has_alpha()) {
        (1, false) => "GRAYSCALE",
        (1, true) => "GRAYSCALE_ALPHA",
        (3, false) => "RGB",
        (3, true) => "RGB_ALPHA",
        (_, false) => "CMYK",
        (_, true) => "CMYK_ALPHA",
    };
    let max = format.sample.max_value().unwrap_or(1);
    writeln!(writer, "P7\nWIDTH {}\nHEIGHT {}", info.width, info.height)?;
    writeln!(writer, "DEPTH {}\nMAXVAL {max}", format.layout.channels())?;
    writeln!(writer, "TUPLTYPE {tuple}\nENDHDR")?;
    writer.write_all(pixels)
}

/// PFM stores its rows from the bottom up; a negative scale says that floats are least significant
/// byte first.
pub(super) fn write_pfm(
    writer: &mut impl Write,
    info: &ImageInfo,
    format: PixelFormat,
    pixels: &[u8],
) -> io::Result<()> {
    let magic = match format.layout.color_channels() {
        1 => "Pf",
        _ => "PF",
    };
    write!(writer, "{magic}\n{} {}\n-1.0\n", info.width, info.height)?;
    let row_bytes = info.width as usize * format.pixel_bytes();
    for row in pixels.chunks_exact(row_bytes).rev() {
        writer.write_all(row)?;
    }
    Ok(())
}
