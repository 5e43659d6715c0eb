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
        match format.sample {
            SampleFormat::U8 { .. } => {
                let straight =
                    |color: u8, alpha: u8| divided(color.into(), alpha.into(), format.sample) as u8;
                divide(pixels, format, u8::from_ne_bytes, u8::to_ne_bytes, straight);
            }
            SampleFormat::U16 { .. } => {
                let straight = |color: u16, alpha: u16| {
                    divided(color.into(), alpha.into(), format.sample) as u16
                };
                divide(
                    pixels,
                    format,
                    u16::from_ne_bytes,
                    u16::to_ne_bytes,
                    straight,
                );
            }
            SampleFormat::F32 => {
                let straight = |color: f32, alpha: f32| match alpha {
                    0.0 => color,
                    _ => color / alpha,
                };
                divide(
                    pixels,
                    format,
                    f32::from_ne_bytes,
                    f32::to_ne_bytes,
                    straight,
                );
            }
        }
    }
}

/// Replaces each color sample of each pixel by `straight` of it and alpha. `read` and `write`
/// convert samples of native byte order.
fn divide<const BYTES: usize, T: Copy>(
    pixels: &mut [u8],
    format: PixelFormat,
    read: fn([u8; BYTES]) -> T,
    write: fn(T) -> [u8; BYTES],
    straight: impl Fn(T, T) -> T,
) {
    let in_native_order = |mut sample: [u8; BYTES]| {
        if format.order != ByteOrder::NATIVE {
            sample.reverse();
        }
        sample
    };
    for pixel in pixels.chunks_exact_mut(BYTES * format.layout.channels()) {
        let (samples, _) = pixel.as_chunks_mut::<BYTES>();
        let Some((alpha, colors)) = samples.split_last_mut() else {
            return;
        };
        let alpha = read(in_native_order(*alpha));
        for color in colors {
            let straight = straight(read(in_native_order(*color)), alpha);
            *color = in_native_order(write(straight));
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
            PixelFormat::RGBA8,
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
        for order in [ByteOrder::Big, ByteOrder::Little] {
            let format = PixelFormat::new(crate::Layout::GrayAlpha, u16).with_order(order);
            let bytes = |sample: u16| match order {
                ByteOrder::Big => sample.to_be_bytes(),
                ByteOrder::Little => sample.to_le_bytes(),
            };
            let mut pixel = [bytes(0x1000), bytes(0x4000)];
            let straight = |color: u16, alpha: u16| divided(color.into(), alpha.into(), u16) as u16;
            let pixels = pixel.as_flattened_mut();
            divide(
                pixels,
                format,
                u16::from_ne_bytes,
                u16::to_ne_bytes,
                straight,
            );
            assert_eq!(pixel, [bytes(0x4000), bytes(0x4000)]);
        }
        assert_eq!(divided(0x1000, 0x4000, u16), 0x4000);
        assert_eq!(divided(50, 100, SampleFormat::U8 { bits: 7 }), 64);
    }
}
