//! The sample files of this project.

use jxl_arena::{ColorProfile, Decoder, Layout, PixelFormat, SampleDepth, SampleFormat};

use super::pictures::Samples;
use super::sample_table::{ANIMATED, DEEP_ALPHA, JPEG, LAYERED, LOSSLESS, LOSSY, VARDCT};
use super::support::{
    assert_same, bits_of, decode_bits, drawn, integers, layout_of, lossy_names, read_png,
    sample_bytes, samples_folder,
};

#[test]
fn lossless_files_decode_to_what_was_drawn() {
    let decoder = Decoder::default();
    for sample in LOSSLESS {
        let expected = (sample.draw)();
        let file = sample_bytes(sample.name);
        let picture = decoder.read(&file).expect(sample.name);
        let info = picture.info();
        let size = (info.width as usize, info.height as usize);
        assert_eq!(size, (expected.width, expected.height), "{}", sample.name);
        let layout = layout_of(expected.channels);
        assert_eq!(info.layout(), layout, "{}", sample.name);
        let shape = (expected.width, expected.channels);
        match &expected.samples {
            Samples::Integers { max, values } => {
                let bits = bits_of(*max);
                let depth = SampleDepth::Integer {
                    bits: u32::from(bits),
                };
                assert_eq!(info.depth, depth, "{}", sample.name);
                let decoded = decode_bits(&picture, layout, bits).expect(sample.name);
                assert_same(sample.name, shape, &decoded, values);
            }
            Samples::Floats(values) => {
                let decoded = picture.decode::<f32>(layout).expect(sample.name);
                assert_same(sample.name, shape, &decoded, values);
            }
        }
    }
}

/// The natural format and the decode in it are as deep as alpha.
#[test]
fn alpha_deeper_than_colors_is_kept() {
    for sample in DEEP_ALPHA {
        let expected = (sample.draw)();
        let file = sample_bytes(sample.name);
        let picture = Decoder::default().read(&file).expect(sample.name);
        let info = picture.info();
        assert!(info.depth.bits() <= 4, "{}", sample.name);
        let layout = layout_of(expected.channels);
        assert_eq!(info.depth_of(layout), SampleDepth::Integer { bits: 8 });
        let format = PixelFormat::new(layout, SampleFormat::U8 { bits: 8 });
        assert_eq!(info.natural_format(), format);
        let (values, max) = integers(&expected);
        let decoded = decode_bits(&picture, layout, bits_of(max)).expect(sample.name);
        assert_same(
            sample.name,
            (expected.width, expected.channels),
            &decoded,
            values,
        );
    }
}

/// Compares with djxl 0.7: samples are equal if no colors are converted, and otherwise differ by
/// the rounding of other arithmetic.
#[test]
fn lossy_files_decode_as_the_reference_decoder_does() {
    let decoder = Decoder::default();
    for name in lossy_names() {
        let reference = read_png(&samples_folder().join(format!("{}.ref.png", name)));
        let file = sample_bytes(name);
        let picture = decoder.read(&file).expect(name);
        let info = picture.info();
        let size = (info.width as usize, info.height as usize);
        assert_eq!(size, (reference.width, reference.height), "{}", name);
        let layout = layout_of(reference.channels);
        let decoded = decode_bits(&picture, layout, reference.bits).expect(name);
        let shape = (reference.width, reference.channels);
        if !info.xyb && !name.starts_with("jpeg") {
            assert_same(name, shape, &decoded, &reference.values);
            continue;
        }
        let peak = match reference.bits {
            // With noise, djxl 0.7 and libjxl 0.11 differ by up to 4; this decoder and 0.11 by 1.
            8 if name.contains("noise") => 2,
            8 => 1,
            _ => 32,
        };
        assert_eq!(decoded.len(), reference.values.len());
        let differences = decoded.iter().zip(&reference.values);
        let largest = differences.map(|(a, b)| a.abs_diff(*b)).max();
        assert!(largest <= Some(peak), "{}: {largest:?} > {peak}", name);
    }
}

#[test]
fn recompressed_jpeg_files_resemble_what_was_drawn() {
    let decoder = Decoder::default();
    for jpeg in JPEG {
        let expected = (jpeg.draw)();
        let (values, _) = integers(&expected);
        let file = sample_bytes(jpeg.name);
        let picture = decoder.read(&file).expect(jpeg.name);
        let decoded = decode_bits(&picture, layout_of(expected.channels), 8).expect(jpeg.name);
        let differences = decoded
            .iter()
            .zip(values)
            .map(|(a, b)| u64::from(a.abs_diff(*b)));
        let mean = differences.sum::<u64>() as f64 / values.len() as f64;
        assert!(mean < 10.0, "{}: a mean difference of {mean}", jpeg.name);
    }
}

#[test]
fn integers_scale_to_the_type_asked_for() {
    let decoder = Decoder::default();
    for (name, layout) in [
        ("rgb4", Layout::Rgb),
        ("rgb10", Layout::Rgb),
        ("gray16", Layout::Gray),
    ] {
        let expected = drawn(name);
        let (values, max) = integers(&expected);
        let max = u32::from(max);
        let shape = (expected.width, expected.channels);
        let file = sample_bytes(name);
        let picture = decoder.read(&file).unwrap();

        let nearest = |full: u32| move |&v: &u16| (2 * u32::from(v) * full + max) / (2 * max);
        let bytes: Vec<u8> = values.iter().map(nearest(255)).map(|v| v as u8).collect();
        assert_same(name, shape, &picture.decode::<u8>(layout).unwrap(), &bytes);
        let expand = |&v: &u16| {
            let (v, max) = (u64::from(v), u64::from(max));
            ((2 * v * 65535 + max) / (2 * max)) as u16
        };
        let words: Vec<u16> = values.iter().map(expand).collect();
        assert_same(name, shape, &picture.decode::<u16>(layout).unwrap(), &words);
        let fraction = |&v: &u16| (f64::from(v) / f64::from(max)) as f32;
        let floats: Vec<f32> = values.iter().map(fraction).collect();
        assert_same(
            name,
            shape,
            &picture.decode::<f32>(layout).unwrap(),
            &floats,
        );
    }
}

#[test]
fn layouts_add_color_channels_and_opaque_alpha() {
    let decoder = Decoder::default();
    let gray = drawn("gray8");
    let (values, _) = integers(&gray);
    let file = sample_bytes("gray8");
    let picture = decoder.read(&file).unwrap();
    let rgba: Vec<u8> = values
        .iter()
        .flat_map(|&v| [v as u8, v as u8, v as u8, 255])
        .collect();
    assert_same(
        "gray8",
        (gray.width, 4),
        &picture.decode::<u8>(Layout::Rgba).unwrap(),
        &rgba,
    );

    let alpha = drawn("rgba8_g0");
    let (values, _) = integers(&alpha);
    let file = sample_bytes("rgba8_g0");
    let picture = decoder.read(&file).unwrap();
    let rgb: Vec<u8> = values
        .chunks_exact(4)
        .flat_map(|pixel| [pixel[0] as u8, pixel[1] as u8, pixel[2] as u8])
        .collect();
    assert_same(
        "rgba8_g0",
        (alpha.width, 3),
        &picture.decode::<u8>(Layout::Rgb).unwrap(),
        &rgb,
    );
}

#[test]
fn the_icc_profile_is_passed_through() {
    let file = sample_bytes("icc");
    let picture = Decoder::default().read(&file).unwrap();
    let expected = std::fs::read(samples_folder().join("s_curve.icc")).unwrap();
    match &picture.info().profile {
        ColorProfile::Icc(icc) => assert!(**icc == expected, "the profile differs"),
        ColorProfile::Encoding(encoding) => panic!("no profile: {encoding:?}"),
    }
    let expected = drawn("rgb8_container");
    let decoded = decode_bits(&picture, Layout::Rgb, 8).unwrap();
    let (values, _) = integers(&expected);
    assert_same("icc", (expected.width, 3), &decoded, values);
}

/// The README lists the arguments that each file was encoded with.
#[test]
fn the_readme_lists_every_file() {
    let readme = std::fs::read_to_string(samples_folder().join("README.md")).unwrap();
    for sample in LOSSLESS.iter().chain(DEEP_ALPHA).chain(LOSSY).chain(VARDCT) {
        let row = format!("| `{}` | `{}` |", sample.name, sample.cjxl);
        assert!(readme.contains(&row), "no {row}");
    }
    for sample in LAYERED.iter().chain(ANIMATED) {
        let row = format!("| `{}` | `{}` |", sample.name, sample.cjxl);
        assert!(readme.contains(&row), "no {row}");
    }
    for sample in JPEG {
        let row = format!("| `{}` | `{}` |", sample.name, sample.sampling);
        assert!(readme.contains(&row), "no {row}");
    }
}
