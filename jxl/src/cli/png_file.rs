//! PNG files, written with a few KiB of stack. The global allocator is called only for a profile
//! that is made from an encoding.

mod chunks;
mod compressed;
mod filter;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use jxl_arena::{
    Animation, ColorEncoding, ColorProfile, ColorSpace, FrameInfo, ImageInfo, Layout, PixelFormat,
    RenderingIntent, SampleFormat,
};

use chunks::{Chunk, DataChunks, Sequence, put};
use compressed::{compress, compressed_bytes};
use filter::Row;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1A\n";

/// A PNG file that is being written, of 8- or 16-bit pixels, most significant byte first. Its
/// chunks for colors are the file's ICC profile, or sRGB, or code points (cICP) and a profile made
/// from the encoding for readers that do not know cICP.
pub(super) struct PngFile<W> {
    writer: W,
    width: u32,
    height: u32,
    pixel_bytes: usize,
}

impl<W: Write> PngFile<W> {
    /// Writes the chunks before the pixels.
    pub(super) fn start(mut writer: W, info: &ImageInfo, format: PixelFormat) -> io::Result<Self> {
        writer.write_all(SIGNATURE)?;
        let (width, height) = (info.width, info.height);
        let (depth, color_type) = sample_kind(format);
        let size = [width.to_be_bytes(), height.to_be_bytes()];
        let header = [depth, color_type, 0, 0, 0];
        put(&mut writer, b"IHDR", &[size.as_flattened(), &header])?;
        // An extra channel has no colors.
        if !matches!(format.layout, Layout::Extra(_)) {
            put_colors(&mut writer, &info.profile)?;
        }
        Ok(Self {
            writer,
            width,
            height,
            pixel_bytes: format.pixel_bytes(),
        })
    }

    /// Writes the only picture: rows without gaps.
    pub(super) fn put(&mut self, pixels: &[u8]) -> io::Result<()> {
        self.put_data(pixels, None)
    }

    /// Writes the end.
    pub(super) fn finish(mut self) -> io::Result<()> {
        put(&mut self.writer, b"IEND", &[])?;
        self.writer.flush()
    }

    fn put_data(&mut self, pixels: &[u8], sequence: Option<&mut Sequence>) -> io::Result<()> {
        let row_bytes = self.width as usize * self.pixel_bytes;
        let data = DataChunks::new(&mut self.writer, sequence);
        compress(data, |compressor| {
            let mut above: &[u8] = &[];
            for pixels in pixels.chunks_exact(row_bytes) {
                let row = Row::new(pixels, above, self.pixel_bytes);
                row.put(|bytes| compressor.write_data(bytes))?;
                above = pixels;
            }
            Ok(())
        })?;
        Ok(())
    }
}

/// An animated PNG file that is being written, picture after picture, each covering the whole
/// canvas.
pub(super) struct AnimatedPng<W> {
    png: PngFile<W>,
    animation: Animation,
    sequence: Sequence,
    pictures: u32,
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
        let mut png = PngFile::start(writer, info, format)?;
        let control = [count.to_be_bytes(), plays(animation).to_be_bytes()];
        put(&mut png.writer, b"acTL", &[control.as_flattened()])?;
        Ok(Self {
            png,
            animation,
            sequence: Sequence::default(),
            pictures: 0,
        })
    }

    pub(super) fn put(&mut self, frame: &FrameInfo, pixels: &[u8]) -> io::Result<()> {
        let (numerator, denominator) = delay(self.animation, frame.duration_ticks);
        let (width, height) = (self.png.width.to_be_bytes(), self.png.height.to_be_bytes());
        let area = [self.sequence.next()?, width, height, [0; 4], [0; 4]];
        let delay = [numerator.to_be_bytes(), denominator.to_be_bytes()];
        // Keep the picture until the next one replaces it.
        let disposal_and_blending = [0, 0];
        let parts = [
            area.as_flattened(),
            delay.as_flattened(),
            &disposal_and_blending,
        ];
        put(&mut self.png.writer, b"fcTL", &parts)?;
        let is_first = self.pictures == 0;
        self.pictures += 1;
        let sequence = (!is_first).then_some(&mut self.sequence);
        self.png.put_data(pixels, sequence)
    }

    pub(super) fn finish(self) -> io::Result<()> {
        self.png.finish()
    }
}

/// Bits of a sample, and the number of a layout.
fn sample_kind(format: PixelFormat) -> (u8, u8) {
    let depth = match format.sample {
        SampleFormat::U8 { .. } => 8,
        _ => 16,
    };
    let color_type = match (format.layout.color_channels(), format.layout.has_alpha()) {
        (1, false) => 0,
        (1, true) => 4,
        (_, false) => 2,
        (_, true) => 6,
    };
    (depth, color_type)
}

fn put_colors(writer: &mut impl Write, profile: &ColorProfile) -> io::Result<()> {
    if let ColorProfile::Encoding(encoding) = profile {
        if encoding.is_srgb() {
            put(writer, b"sRGB", &[&[intent(encoding.rendering_intent)]])?;
            put_gamma(writer, SRGB_GAMMA)?;
            let chromaticities = SRGB_CHROMATICITIES.map(u32::to_be_bytes);
            return put(writer, b"cHRM", &[chromaticities.as_flattened()]);
        }
        if let Some(code_points) = encoding.code_points() {
            put(writer, b"cICP", &[&code_points])?;
        }
        if let Some(exponent) = gamma_exponent(encoding) {
            put_gamma(writer, (exponent * 100_000.0).round() as u32)?;
        }
    }
    match profile.to_icc() {
        Some(icc) => put_profile(writer, &icc),
        None => Ok(()),
    }
}

fn put_gamma(writer: &mut impl Write, gamma: u32) -> io::Result<()> {
    put(writer, b"gAMA", &[&gamma.to_be_bytes()])
}

fn put_profile(writer: &mut impl Write, icc: &[u8]) -> io::Result<()> {
    // A name, its end, and the number of the compression.
    let front = b"ICC profile\0\0";
    let bytes = front.len() + compressed_bytes(icc)?;
    let mut chunk = Chunk::begin(writer, b"iCCP", bytes)?;
    chunk.write_all(front)?;
    compress(chunk, |compressor| compressor.write_data(icc))?.end()
}

/// Values of older chunks for readers that do not know the sRGB chunk (PNG specification, third
/// edition, 11.3.2.5: sRGB), in units of 1 / 100000: gAMA, then x and y of white, red, green and
/// blue.
const SRGB_GAMMA: u32 = 45_455;
const SRGB_CHROMATICITIES: [u32; 8] = [
    31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000,
];

fn intent(intent: RenderingIntent) -> u8 {
    match intent {
        RenderingIntent::Perceptual => 0,
        RenderingIntent::Relative => 1,
        RenderingIntent::Saturation => 2,
        RenderingIntent::Absolute => 3,
    }
}

/// PNG's gAMA chunk: the exponent of encoding, 1 or below.
fn gamma_exponent(encoding: &ColorEncoding) -> Option<f64> {
    match encoding.color_space {
        ColorSpace::Rgb | ColorSpace::Gray => encoding.transfer_function.exponent(),
        ColorSpace::Xyb | ColorSpace::Unknown => None,
    }
}

/// The number of plays in a PNG file: 0 stands for infinite, and the largest is 2^31 - 1 (PNG
/// specification, third edition: acTL).
fn plays(animation: Animation) -> u32 {
    const MOST: u32 = i32::MAX as u32;
    animation.plays.map_or(0, |plays| plays.min(MOST))
}

/// Seconds that a picture is shown, as a fraction of two 16-bit numbers: the nearest one if the
/// exact fraction does not fit.
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
