//! The ways to output pixels agree, and wrong buffers are refused.

use jxl_arena::{
    AlphaMode, ByteOrder, Decoder, Error, Layout, OutputColor, Picture, PixelFormat, Reduction,
    SampleFormat,
};

use super::support::{sample_bytes, sample_names};

#[test]
fn every_call_gives_the_same_pixels() {
    let decoder = Decoder::default();
    for name in sample_names() {
        let file = sample_bytes(name);
        let picture = decoder.read(&file).unwrap();
        let layout = picture.info().layout();
        let pixels: Vec<u16> = picture.decode(layout).expect(name);
        let mut again = vec![7u16; pixels.len()];
        picture.decode_into(layout, &mut again).expect(name);
        assert!(pixels == again, "{name}: decode_into differs");

        let format = PixelFormat::new(layout, SampleFormat::U16 { bits: 16 });
        let row_bytes = picture.info().width as usize * format.pixel_bytes();
        let (stride_bytes, height) = (row_bytes + 13, picture.info().height as usize);
        // Off by one byte, so that no sample is aligned.
        let mut bytes = vec![0xEE; 1 + stride_bytes * height];
        let big = format.with_order(ByteOrder::Big);
        picture
            .decode_bytes_into(big, &mut bytes[1..], stride_bytes)
            .expect(name);
        for (y, row) in bytes[1..].chunks(stride_bytes).take(height).enumerate() {
            let (samples, padding) = row.split_at(row_bytes);
            assert!(
                padding.iter().all(|&byte| byte == 0xEE),
                "{name}: padding of row {y}"
            );
            let (pairs, _) = samples.as_chunks::<2>();
            let row: Vec<u16> = pairs.iter().map(|&pair| u16::from_be_bytes(pair)).collect();
            let samples = row.len();
            assert!(row == pixels[y * samples..][..samples], "{name}: row {y}");
        }
    }
}

/// Pictures with and without alpha, with colors that are converted and not.
const ALPHAS: [&str; 6] = [
    "rgba8_g0",
    "gray_alpha8",
    "vardct_alpha",
    "layers_lossless",
    "float_rgb",
    "rgb8_e3_g0",
];

/// Pixels of a format, in the machine's byte order.
fn decode_bytes<const BYTES: usize>(
    picture: &Picture<'_>,
    format: PixelFormat,
) -> Vec<[u8; BYTES]> {
    let row_bytes = picture.info().width as usize * format.pixel_bytes();
    let mut bytes = vec![0xEE; row_bytes * picture.info().height as usize];
    let format = format.with_order(ByteOrder::NATIVE);
    picture
        .decode_bytes_into(format, &mut bytes, row_bytes)
        .unwrap();
    let (samples, rest) = bytes.as_chunks::<BYTES>();
    assert!(rest.is_empty());
    samples.to_vec()
}

#[test]
fn blue_may_come_first() {
    let mut checked = 0;
    for name in ALPHAS {
        let file = sample_bytes(name);
        let picture = Decoder::default().read(&file).unwrap();
        for (layout, reversed) in [(Layout::Rgb, Layout::Bgr), (Layout::Rgba, Layout::Bgra)] {
            for sample in [SampleFormat::U8 { bits: 8 }, SampleFormat::U16 { bits: 16 }] {
                let decode = |layout| {
                    let format = PixelFormat::new(layout, sample);
                    match sample.sample_bytes() {
                        1 => decode_bytes::<1>(&picture, format).concat(),
                        _ => decode_bytes::<2>(&picture, format).concat(),
                    }
                };
                let (expected, mut found) = (decode(layout), decode(reversed));
                assert!(found != expected || name == "gray_alpha8", "{name}");
                for pixel in found.chunks_exact_mut(layout.channels() * sample.sample_bytes()) {
                    let (blue, rest) = pixel.split_at_mut(sample.sample_bytes());
                    blue.swap_with_slice(
                        &mut rest[sample.sample_bytes()..][..sample.sample_bytes()],
                    );
                }
                assert!(found == expected, "{name}, {layout:?}, {sample:?}");
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 4 * ALPHAS.len());
}

/// The value of an IEEE 754 half.
fn half_value(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    match exponent {
        0 => sign * fraction * 2f64.powi(-24),
        31 => sign * f64::INFINITY,
        _ => sign * (1024.0 + fraction) * 2f64.powi(exponent - 25),
    }
}

#[test]
fn halves_are_the_nearest() {
    for name in ALPHAS {
        let file = sample_bytes(name);
        let picture = Decoder::default().read(&file).unwrap();
        let floats: Vec<f32> = picture.decode(Layout::Rgba).unwrap();
        let halves = decode_bytes::<2>(&picture, PixelFormat::RGBA_F16);
        assert_eq!(halves.len(), floats.len(), "{name}");
        for (half, float) in halves.into_iter().zip(floats) {
            let (half, float) = (half_value(u16::from_ne_bytes(half)), f64::from(float));
            let allowed = (float.abs() / 2048.0).max(2f64.powi(-25));
            assert!(
                (half - float).abs() <= allowed,
                "{name}: {half} for {float}"
            );
        }
    }
}

#[test]
fn colors_are_multiplied_by_alpha() {
    for name in ALPHAS {
        let file = sample_bytes(name);
        let picture = Decoder::default().read(&file).unwrap();
        let alpha = picture.info().alpha;
        assert!(alpha.is_none_or(|alpha| !alpha.premultiplied), "{name}");
        let multiplied = |format: PixelFormat| format.with_alpha(AlphaMode::Premultiplied);

        let stored = decode_bytes::<1>(&picture, PixelFormat::RGBA8).concat();
        let straight = PixelFormat::RGBA8.with_alpha(AlphaMode::Straight);
        assert!(
            decode_bytes::<1>(&picture, straight).concat() == stored,
            "{name}"
        );
        let found = decode_bytes::<1>(&picture, multiplied(PixelFormat::BGRA8)).concat();
        for (found, stored) in found.chunks(4).zip(stored.chunks(4)) {
            let color = |at: usize| {
                let product = f64::from(stored[at]) * f64::from(stored[3]) / 255.0;
                product.round() as u8
            };
            assert_eq!(found, [color(2), color(1), color(0), stored[3]], "{name}");
        }

        let stored: Vec<f32> = picture.decode(Layout::Rgba).unwrap();
        let format = PixelFormat::new(Layout::Rgba, SampleFormat::F32);
        let found = decode_bytes::<4>(&picture, multiplied(format));
        for (found, stored) in found.chunks(4).zip(stored.chunks(4)) {
            for (channel, found) in found.iter().enumerate() {
                let factor = if channel < 3 { stored[3] } else { 1.0 };
                assert_eq!(
                    f32::from_ne_bytes(*found),
                    stored[channel] * factor,
                    "{name}"
                );
            }
        }
        // Without alpha in the layout, colors stay.
        let colors = decode_bytes::<1>(&picture, multiplied(PixelFormat::RGB8)).concat();
        assert!(
            colors == decode_bytes::<1>(&picture, PixelFormat::RGB8).concat(),
            "{name}"
        );
    }
}

/// The samples of one channel of `count`.
fn channel<T: Copy>(pixels: &[T], channel: usize, count: usize) -> Vec<T> {
    let pixels = pixels.chunks_exact(count);
    pixels.map(|pixel| pixel[channel]).collect()
}

#[test]
fn extra_channels_are_output_alone() {
    for name in ["rgba8_g0", "gray_alpha8", "vardct_alpha", "squeeze_alpha16"] {
        let file = sample_bytes(name);
        let picture = Decoder::default().read(&file).unwrap();
        let all: Vec<u16> = picture.decode(Layout::Rgba).unwrap();
        let alpha: Vec<u16> = picture.decode(Layout::Extra(0)).unwrap();
        assert!(alpha == channel(&all, 3, 4), "{name}");
        assert!(alpha.iter().any(|&sample| sample != alpha[0]), "{name}");
        let floats: Vec<f32> = picture.decode(Layout::Rgba).unwrap();
        let alpha: Vec<f32> = picture.decode(Layout::Extra(0)).unwrap();
        assert!(alpha == channel(&floats, 3, 4), "{name}");

        let none = picture.decode::<u8>(Layout::Extra(1)).unwrap_err();
        let message = "extra channel 1 of a picture with 1";
        assert!(none.to_string().contains(message), "{name}: {none}");
        let half = picture.reduced(Reduction::Half);
        let refused = half.decode::<u8>(Layout::Extra(0)).unwrap_err();
        let message = "an extra channel of a picture reduced 1:2";
        assert!(refused.to_string().contains(message), "{name}: {refused}");
    }
}

#[test]
fn black_is_an_extra_channel() {
    let file = sample_bytes("cmyk");
    let original = Decoder::default().with_output_color(OutputColor::Original);
    let all: Vec<u8> = original.read(&file).unwrap().decode(Layout::Cmyk).unwrap();
    let picture = Decoder::default().read(&file).unwrap();
    let index = picture
        .extra_channels()
        .position(|channel| channel.kind == "black")
        .unwrap();
    let black: Vec<u8> = picture.decode(Layout::Extra(index as u16)).unwrap();
    assert!(black == channel(&all, 3, 4));
}

#[test]
fn wrong_buffers_are_refused() {
    let file = sample_bytes("rgb8_container");
    let picture = Decoder::default().read(&file).unwrap();
    let samples = picture.info().width as usize * picture.info().height as usize * 3;
    let mut short = vec![0u8; samples - 1];
    let refused = |result: Result<_, Error>| matches!(result, Err(Error::Output(_)));
    assert!(refused(picture.decode_into(Layout::Rgb, &mut short)));
    assert!(refused(picture.decode_into(Layout::Gray, &mut short)));
    let mut bytes = vec![0u8; samples];
    assert!(refused(picture.decode_bytes_into(
        PixelFormat::RGB8,
        &mut bytes,
        5
    )));
    assert!(refused(picture.decode_bytes_into(
        PixelFormat::RGB8,
        &mut bytes,
        usize::MAX
    )));
    let wrong = PixelFormat::new(Layout::Rgb, SampleFormat::U8 { bits: 9 });
    assert!(refused(picture.decode_bytes_into(wrong, &mut bytes, 1000)));
    assert!(picture.decode_into(Layout::Rgb, &mut bytes).is_ok());
}
