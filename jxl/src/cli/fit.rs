use jxl_arena::{AlphaMode, ByteOrder, Error, PixelFormat, SampleFormat};
use jxl_simd::f16;

/// The rectangle that a picture is made to fit in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fit {
    width: u32,
    height: u32,
}

impl Fit {
    /// Parses `WxH`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let numbers = || {
            let (width, height) = text.split_once('x')?;
            let number = |text: &str| text.parse::<u32>().ok().filter(|&number| number > 0);
            let (width, height) = (number(width)?, number(height)?);
            Some(Self { width, height })
        };
        numbers().ok_or_else(|| "not of the form WxH, such as 500x375".to_owned())
    }

    /// The greatest size in the rectangle with the aspect ratio of a picture of `width` x `height`
    /// pixels, not above its own size. The shorter side is rounded to nearest, and at least 1.
    pub(super) fn size(self, (width, height): (u32, u32)) -> (u32, u32) {
        if width <= self.width && height <= self.height {
            return (width, height);
        }
        let scaled = |side: u32, to: u32, of: u32| {
            let (side, to, of) = (u64::from(side), u64::from(to), u64::from(of));
            ((2 * side * to + of) / (2 * of)).max(1) as u32
        };
        let is_wider =
            u64::from(width) * u64::from(self.height) >= u64::from(height) * u64::from(self.width);
        match is_wider {
            true => (self.width, scaled(height, self.width, width)),
            false => (scaled(width, self.height, height), self.height),
        }
    }
}

/// Makes a picture smaller in its place: each sample becomes the average of the samples that its
/// area covers, weighted by the part that is covered, and colors by their straight alpha as well.
pub(super) struct Shrink {
    format: PixelFormat,
    /// Columns and rows before and after.
    from: (usize, usize),
    to: (usize, usize),
    /// Sums of a row.
    sums: Vec<f64>,
}

/// The part of a sample that a smaller one covers.
struct Covered {
    index: usize,
    /// In units in which a smaller sample covers as much as there were samples.
    weight: usize,
}

/// The samples, of `from`, that sample `index` of `to` covers.
fn covered(index: usize, from: usize, to: usize) -> impl Iterator<Item = Covered> {
    let (start, end) = (index * from, (index + 1) * from);
    let samples = start / to..end.div_ceil(to);
    samples.map(move |index| Covered {
        index,
        weight: end.min((index + 1) * to) - start.max(index * to),
    })
}

impl Shrink {
    /// From `from` columns and rows to no more columns and rows.
    ///
    /// # Errors
    /// No memory for a row.
    pub(super) fn new(
        format: PixelFormat,
        from: (u32, u32),
        to: (u32, u32),
    ) -> Result<Self, Error> {
        let size = |(width, height): (u32, u32)| (width as usize, height as usize);
        let samples = match from == to {
            true => 0,
            false => to.0 as usize * format.layout.channels(),
        };
        let sums = bytemuck::allocation::try_zeroed_vec(samples);
        Ok(Self {
            format,
            from: size(from),
            to: size(to),
            sums: sums.map_err(|()| Error::Output("no memory for a row of sums".into()))?,
        })
    }

    /// Makes the picture at the start of `pixels` smaller. Returns its new place.
    pub(super) fn run<'p>(&mut self, pixels: &'p mut [u8]) -> &'p mut [u8] {
        let pixel_bytes = self.format.pixel_bytes();
        if self.from != self.to {
            for y in 0..self.to.1 {
                // The rows from here on start behind the end of the row that is written.
                self.sum(y, pixels);
                let row = &mut pixels[y * self.to.0 * pixel_bytes..];
                self.write(row);
            }
        }
        &mut pixels[..self.to.0 * self.to.1 * pixel_bytes]
    }

    /// Sums the samples that row `y` covers.
    fn sum(&mut self, y: usize, pixels: &[u8]) {
        let format = self.format;
        let (channels, sample_bytes) = (format.layout.channels(), format.sample.sample_bytes());
        let weighs_alpha = weighs_alpha(format);
        self.sums.fill(0.0);
        for row in covered(y, self.from.1, self.to.1) {
            let samples = &pixels[row.index * self.from.0 * channels * sample_bytes..];
            for (x, sums) in self.sums.chunks_exact_mut(channels).enumerate() {
                for column in covered(x, self.from.0, self.to.0) {
                    let weight = row.weight as f64 * column.weight as f64;
                    let pixel = &samples[column.index * channels * sample_bytes..];
                    let pixel = pixel.chunks_exact(sample_bytes).take(channels);
                    let mut values = pixel.map(|sample| read(format, sample));
                    let weight = match (weighs_alpha, &mut *sums) {
                        (true, [.., sum]) => {
                            let weight = weight * values.next_back().unwrap_or(0.0);
                            *sum += weight;
                            weight
                        }
                        _ => weight,
                    };
                    for (sum, value) in sums.iter_mut().zip(values) {
                        *sum += weight * value;
                    }
                }
            }
        }
    }

    /// Writes the averages of the sums.
    fn write(&self, row: &mut [u8]) {
        let area = self.from.0 as f64 * self.from.1 as f64;
        let channels = self.format.layout.channels();
        let weighs_alpha = weighs_alpha(self.format);
        let pixels = row.chunks_exact_mut(self.format.pixel_bytes());
        for (pixel, sums) in pixels.zip(self.sums.chunks_exact(channels)) {
            let samples = pixel.chunks_exact_mut(self.format.sample.sample_bytes());
            let alpha = sums.last().filter(|_| weighs_alpha);
            for (channel, (bytes, sum)) in samples.zip(sums).enumerate() {
                let whole = match alpha {
                    Some(&alpha) if channel + 1 < channels => alpha.max(f64::MIN_POSITIVE),
                    _ => area,
                };
                write(self.format, sum / whole, bytes);
            }
        }
    }
}

/// Whether colors are averaged by their alpha.
fn weighs_alpha(format: PixelFormat) -> bool {
    format.layout.has_alpha() && format.alpha == AlphaMode::Straight
}

fn write(format: PixelFormat, average: f64, bytes: &mut [u8]) {
    match format.sample {
        SampleFormat::U8 { .. } => bytes[0] = (average + 0.5) as u8,
        SampleFormat::U16 { .. } => {
            bytes.copy_from_slice(&((average + 0.5) as u16).to_ne_bytes());
        }
        SampleFormat::F16 => {
            let half = f16::from_f32(average as f32);
            bytes.copy_from_slice(&half.to_bits().to_ne_bytes());
        }
        SampleFormat::F32 => bytes.copy_from_slice(&(average as f32).to_ne_bytes()),
    }
    if format.order != ByteOrder::NATIVE {
        bytes.reverse();
    }
}

/// The value of a sample.
fn read(format: PixelFormat, sample: &[u8]) -> f64 {
    let mut bytes = [0; 4];
    let bytes = &mut bytes[..sample.len()];
    bytes.copy_from_slice(sample);
    if format.order != ByteOrder::NATIVE {
        bytes.reverse();
    }
    match (format.sample, &*bytes) {
        (SampleFormat::F16, &[a, b]) => {
            f64::from(f16::from_bits(u16::from_ne_bytes([a, b])).to_f32())
        }
        (_, &[byte]) => f64::from(byte),
        (_, &[a, b]) => f64::from(u16::from_ne_bytes([a, b])),
        (_, &[a, b, c, d]) => f64::from(f32::from_ne_bytes([a, b, c, d])),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fitted_sizes_keep_the_aspect_ratio() {
        let fit = |text: &str, size| Fit::parse(text).unwrap().size(size);
        assert_eq!(fit("500x375", (4000, 3000)), (500, 375));
        assert_eq!(fit("500x500", (4000, 3000)), (500, 375));
        assert_eq!(fit("500x375", (3000, 4000)), (281, 375));
        assert_eq!(fit("500x375", (400, 300)), (400, 300));
        assert_eq!(fit("500x375", (501, 300)), (500, 299));
        assert_eq!(fit("10x10", (1000, 1)), (10, 1));
        assert_eq!(fit("10x10", (1, 1000)), (1, 10));
        let longest = (u32::MAX, u32::MAX);
        assert_eq!(fit("7x9", longest), (7, 7));
        for text in [
            "",
            "500",
            "500x",
            "x375",
            "0x375",
            "500x0",
            "500x375x1",
            "-1x3",
        ] {
            assert!(Fit::parse(text).is_err(), "{text}");
        }
    }

    fn shrunk(format: PixelFormat, from: (u32, u32), to: (u32, u32), pixels: &[u8]) -> Vec<u8> {
        let mut pixels = pixels.to_vec();
        let mut shrink = Shrink::new(format, from, to).unwrap();
        shrink.run(&mut pixels).to_vec()
    }

    #[test]
    fn samples_are_averages_of_what_they_cover() {
        let gray = PixelFormat::GRAY8;
        assert_eq!(shrunk(gray, (2, 2), (1, 1), &[1, 2, 3, 5]), [3]);
        assert_eq!(shrunk(gray, (3, 1), (2, 1), &[30, 60, 90]), [40, 80]);
        let columns = [30, 60, 90, 30, 60, 90, 0, 0, 0];
        assert_eq!(
            shrunk(gray, (3, 3), (3, 2), &columns),
            [30, 60, 90, 10, 20, 30]
        );
        let color = [10, 20, 30, 30, 40, 51];
        assert_eq!(
            shrunk(PixelFormat::RGB8, (2, 1), (1, 1), &color),
            [20, 30, 41]
        );
        assert_eq!(shrunk(gray, (3, 1), (3, 1), &[1, 2, 3]), [1, 2, 3]);
        for order in [ByteOrder::Big, ByteOrder::Little] {
            let deep = PixelFormat::new(gray.layout, SampleFormat::U16 { bits: 16 });
            let bytes = |sample: u16| match order {
                ByteOrder::Big => sample.to_be_bytes(),
                ByteOrder::Little => sample.to_le_bytes(),
            };
            let pixels = [bytes(65535), bytes(0x0102)].concat();
            let expected = bytes(((65535 + 0x0102 + 1) / 2) as u16);
            assert_eq!(
                shrunk(deep.with_order(order), (1, 2), (1, 1), &pixels),
                expected
            );
            let float = PixelFormat::new(gray.layout, SampleFormat::F32);
            let bytes = |sample: f32| match order {
                ByteOrder::Big => sample.to_be_bytes(),
                ByteOrder::Little => sample.to_le_bytes(),
            };
            let pixels = [bytes(-0.5), bytes(3.0)].concat();
            assert_eq!(
                shrunk(float.with_order(order), (2, 1), (1, 1), &pixels),
                bytes(1.25)
            );
        }
    }

    #[test]
    fn straight_colors_count_by_their_alpha() {
        let stored = PixelFormat::RGBA8;
        let pixels = [200, 100, 0, 90, 80, 40, 7, 30];
        let half = |format| shrunk(format, (2, 1), (1, 1), &pixels);
        assert_eq!(half(stored), [140, 70, 4, 60]);
        let straight = stored.with_alpha(AlphaMode::Straight);
        assert_eq!(half(straight), [170, 85, 2, 60]);
        let transparent = [200, 100, 0, 0, 80, 40, 7, 0];
        assert_eq!(shrunk(straight, (2, 1), (1, 1), &transparent), [0; 4]);
    }

    /// Sizes that do not divide each other: a constant stays, and the mean stays.
    #[test]
    fn means_stay() {
        for (from, to) in [((7, 5), (3, 4)), ((640, 3), (501, 2)), ((9, 9), (8, 1))] {
            let format = PixelFormat::new(PixelFormat::GRAY8.layout, SampleFormat::F32);
            let count = from.0 * from.1;
            let samples = (0..count).map(|i| (i * 37 % 101) as f32);
            let mean = samples.clone().sum::<f32>() / count as f32;
            let pixels: Vec<u8> = samples.flat_map(f32::to_ne_bytes).collect();
            let shrunk = shrunk(format, from, to, &pixels);
            let (samples, _) = shrunk.as_chunks::<4>();
            let sum = samples
                .iter()
                .map(|&bytes| f32::from_ne_bytes(bytes))
                .sum::<f32>();
            assert!((sum / samples.len() as f32 - mean).abs() < 1e-3, "{from:?}");
            assert_eq!(samples.len() as u32, to.0 * to.1);
        }
    }
}
