use jxl_arena::{ImageInfo, Layout, PixelFormat, SampleFormat};

/// Divides colors by alpha if the picture has premultiplied alpha. `pixels` have `format`: integers
/// at the full scale of their type, most significant byte first.
pub(super) fn divide_by_alpha(info: &ImageInfo, format: PixelFormat, pixels: &mut [u8]) {
    let channels = match format.layout {
        Layout::GrayAlpha => 2,
        Layout::Rgba => 4,
        Layout::Gray | Layout::Rgb | Layout::Cmyk | Layout::Cmyka => return,
    };
    if !info.alpha.is_some_and(|alpha| alpha.premultiplied) {
        return;
    }
    match format.sample {
        SampleFormat::U8 { .. } => divide::<1>(pixels, channels),
        SampleFormat::U16 { .. } => divide::<2>(pixels, channels),
        SampleFormat::F32 => {}
    }
}

/// The same for samples of `BYTES` bytes.
fn divide<const BYTES: usize>(pixels: &mut [u8], channels: usize) {
    let max = (1u64 << (8 * BYTES)) - 1;
    for pixel in pixels.chunks_exact_mut(BYTES * channels) {
        let (samples, _) = pixel.as_chunks_mut::<BYTES>();
        let Some((alpha, colors)) = samples.split_last_mut() else {
            return;
        };
        let alpha = read(alpha);
        // Colors of fully transparent pixels stay as they are.
        if alpha == 0 || alpha == max {
            continue;
        }
        for color in colors {
            let straight = (read(color) * max + alpha / 2) / alpha;
            let bytes = straight.min(max).to_be_bytes();
            color.copy_from_slice(&bytes[8 - BYTES..]);
        }
    }
}

fn read(sample: &[u8]) -> u64 {
    let join = |value, &byte: &u8| value << 8 | u64::from(byte);
    sample.iter().fold(0, join)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_those_before_they_were_multiplied() {
        let mut pixels = [
            [50, 25, 0, 100],
            [7, 8, 9, 255],
            [3, 0, 0, 0],
            [90, 1, 0, 30],
        ];
        divide::<1>(pixels.as_flattened_mut(), 4);
        let expected = [
            [128, 64, 0, 100],
            [7, 8, 9, 255],
            [3, 0, 0, 0],
            [255, 9, 0, 30],
        ];
        assert_eq!(pixels, expected);
        let mut pixels = [0x10, 0x00, 0x40, 0x00];
        divide::<2>(&mut pixels, 2);
        assert_eq!(pixels, [0x40, 0x00, 0x40, 0x00]);
    }
}
