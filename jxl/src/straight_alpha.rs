use crate::{ByteOrder, ImageInfo, PixelFormat, SampleFormat};

impl ImageInfo {
    /// Divides colors by alpha if the picture has premultiplied alpha, for destinations that only
    /// support straight alpha. `pixels` are decoded pixels of `format` without gaps. Integer
    /// samples that exceed full scale are clamped to it; floats are not. Colors of fully
    /// transparent pixels do not change.
    pub fn make_alpha_straight(&self, format: PixelFormat, pixels: &mut [u8]) {
        let is_premultiplied = self.alpha.is_some_and(|alpha| alpha.premultiplied);
        if !is_premultiplied || !format.layout.has_alpha() {
            return;
        }
        let channels = format.layout.channels();
        match format.sample {
            SampleFormat::U8 { .. } => divide(
                pixels,
                channels,
                u8::from_ne_bytes,
                u8::to_ne_bytes,
                |color, alpha| divided(color.into(), alpha.into(), format.sample) as u8,
            ),
            SampleFormat::U16 { .. } => {
                let (read, write) = match format.order {
                    ByteOrder::Big => (
                        u16::from_be_bytes as fn(_) -> _,
                        u16::to_be_bytes as fn(_) -> _,
                    ),
                    ByteOrder::Little => (
                        u16::from_le_bytes as fn(_) -> _,
                        u16::to_le_bytes as fn(_) -> _,
                    ),
                };
                divide(pixels, channels, read, write, |color: u16, alpha: u16| {
                    divided(color.into(), alpha.into(), format.sample) as u16
                });
            }
            SampleFormat::F32 => {
                let (read, write) = match format.order {
                    ByteOrder::Big => (
                        f32::from_be_bytes as fn(_) -> _,
                        f32::to_be_bytes as fn(_) -> _,
                    ),
                    ByteOrder::Little => (
                        f32::from_le_bytes as fn(_) -> _,
                        f32::to_le_bytes as fn(_) -> _,
                    ),
                };
                divide(
                    pixels,
                    channels,
                    read,
                    write,
                    |color: f32, alpha: f32| match alpha {
                        0.0 => color,
                        _ => color / alpha,
                    },
                );
            }
        }
    }
}

/// Replaces each color sample of each pixel by `straight` of it and alpha.
fn divide<const BYTES: usize, T: Copy>(
    pixels: &mut [u8],
    channels: usize,
    read: fn([u8; BYTES]) -> T,
    write: fn(T) -> [u8; BYTES],
    straight: impl Fn(T, T) -> T,
) {
    for pixel in pixels.chunks_exact_mut(BYTES * channels) {
        let (samples, _) = pixel.as_chunks_mut::<BYTES>();
        let Some((alpha, colors)) = samples.split_last_mut() else {
            return;
        };
        let alpha = read(*alpha);
        for color in colors {
            *color = write(straight(read(*color), alpha));
        }
    }
}

/// `color` divided by `alpha`, both as fractions of full scale, rounded to nearest.
fn divided(color: u32, alpha: u32, sample: SampleFormat) -> u32 {
    let max = sample.max_value().unwrap_or(1);
    if alpha == 0 {
        return color;
    }
    // The quotient fits in 32 bits, because both inputs have 16.
    let straight = (u64::from(color) * u64::from(max) + u64::from(alpha / 2)) / u64::from(alpha);
    straight.min(max.into()) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const U8: SampleFormat = SampleFormat::U8 { bits: 8 };

    #[test]
    fn colors_are_those_before_they_were_multiplied() {
        let mut pixels = [
            [50, 25, 0, 100],
            [7, 8, 9, 255],
            [3, 0, 0, 0],
            [90, 1, 0, 30],
        ];
        let straight = |color: u8, alpha: u8| divided(color.into(), alpha.into(), U8) as u8;
        divide(
            pixels.as_flattened_mut(),
            4,
            u8::from_ne_bytes,
            u8::to_ne_bytes,
            straight,
        );
        let expected = [
            [128, 64, 0, 100],
            [7, 8, 9, 255],
            [3, 0, 0, 0],
            [255, 9, 0, 30],
        ];
        assert_eq!(pixels, expected);
        let u16 = SampleFormat::U16 { bits: 16 };
        assert_eq!(divided(0x1000, 0x4000, u16), 0x4000);
        assert_eq!(divided(50, 100, SampleFormat::U8 { bits: 7 }), 64);
    }
}
