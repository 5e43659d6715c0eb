use super::*;
use crate::output::channel::quantize;
use crate::{Layout, SampleFormat};

/// Values in and around 0 to 1, none of which is halfway between two integers of full scale 255 or
/// 65535.
fn values(count: usize) -> Vec<f32> {
    let value = |i: usize| (i * 7919 % 4099) as f32 / 4099.0 * 1.3 - 0.15;
    (0..count).map(value).collect()
}

fn check_pack<T: Sample + PartialEq + std::fmt::Debug>(max: u32) {
    for count in [1, 7, 8, 16, 33, CHUNK] {
        let row = values(count);
        let mut plane = [T::from_bits(9); CHUNK];
        pack(&row, max as f32, &mut plane);
        let expected: Vec<_> = row
            .iter()
            .map(|&value| T::from_bits(quantize(value, max as f32)))
            .collect();
        assert_eq!(plane[..count], expected);
    }
}

#[test]
fn packed_floats_are_clamped_scaled_and_rounded() {
    for bits in 1..=8 {
        check_pack::<u8>((1 << bits) - 1);
    }
    for bits in [1, 9, 16] {
        check_pack::<u16>((1 << bits) - 1);
    }
    let mut plane = [0.0_f32; CHUNK];
    let row = values(CHUNK);
    pack(&row, 1.0, &mut plane);
    assert_eq!(plane[..], row);
}

#[test]
fn packed_extremes_are_the_ends_of_the_range() {
    let row = [f32::INFINITY, f32::NEG_INFINITY, f32::MAX, -0.0, 1.0];
    let mut plane = [7_u16; CHUNK];
    pack(&row, 65535.0, &mut plane);
    assert_eq!(plane[..5], [65535, 0, 65535, 0, 65535]);
}

fn check_interleave<T: Sample + PartialEq + std::fmt::Debug>() {
    let sample_bytes = size_of::<T>();
    let bits = |channel: usize, i: usize| (channel * 1_000_003 + i * 77_777 + 5) as u32;
    let planes: Planes<T> =
        std::array::from_fn(|c| std::array::from_fn(|i| T::from_bits(bits(c, i))));
    for (layout, channels) in [
        (Layout::Gray, &[0][..]),
        (Layout::GrayAlpha, &[0, 1]),
        (Layout::Rgb, &[0, 1, 2]),
        (Layout::Bgr, &[2, 1, 0]),
        (Layout::Rgba, &[0, 1, 2, 3]),
        (Layout::Bgra, &[2, 1, 0, 3]),
        (Layout::Cmyk, &[0, 1, 2, 3]),
        (Layout::Cmyka, &[0, 1, 2, 3, 4]),
    ] {
        for count in [1, 5, 31, 32, 64, 100, CHUNK] {
            for order in [ByteOrder::Big, ByteOrder::Little] {
                let mut expected = Vec::new();
                for i in 0..count {
                    for &c in channels {
                        let sample = T::from_bits(bits(c, i));
                        let mut bytes = bytemuck::bytes_of(&sample).to_vec();
                        if order != ByteOrder::NATIVE {
                            bytes.reverse();
                        }
                        expected.extend(bytes);
                    }
                }
                // The size of a sample is that of its type, whatever the format says.
                let format = PixelFormat::new(layout, SampleFormat::F32).with_order(order);
                for offset in 0..2 {
                    let len = count * channels.len() * sample_bytes;
                    let mut pixels = vec![0; len + offset];
                    interleave(&mut planes.clone(), format, &mut pixels[offset..]);
                    assert_eq!(pixels[offset..], expected);
                }
            }
        }
    }
}

#[test]
fn pixels_have_their_samples_in_order() {
    check_interleave::<u8>();
    check_interleave::<u16>();
    check_interleave::<f32>();
}
