use moxcms::{ColorProfile, DataColorSpace, ToneReprCurve};

use super::*;
use crate::color::encoding::{Chromaticity, Primaries, TransferFunction, WhitePoint};

fn encodings() -> Vec<ColorEncoding> {
    let custom = |x, y| Chromaticity { x, y };
    let functions = [
        TransferFunction::Srgb,
        TransferFunction::Bt709,
        TransferFunction::Linear,
        TransferFunction::Pq,
        TransferFunction::Hlg,
        TransferFunction::Dci,
        TransferFunction::Gamma {
            exponent: 4_545_455,
        },
    ];
    let colors = [
        (Primaries::Srgb, WhitePoint::D65),
        (Primaries::Bt2100, WhitePoint::D65),
        (Primaries::P3, WhitePoint::Dci),
        (
            Primaries::Custom {
                red: custom(734_699, 265_301),
                green: custom(159_597, 840_403),
                blue: custom(36_598, 105),
            },
            WhitePoint::Custom(custom(345_669, 358_496)),
        ),
        (Primaries::Srgb, WhitePoint::E),
    ];
    let encoding = |color_space, transfer_function, (primaries, white_point)| ColorEncoding {
        color_space,
        white_point,
        primaries,
        transfer_function,
        rendering_intent: RenderingIntent::Relative,
    };
    let all = functions.map(|function| {
        let gray = encoding(ColorSpace::Gray, function, colors[0]);
        let colors = colors.map(|colors| encoding(ColorSpace::Rgb, function, colors));
        [&colors[..], &[gray]].concat()
    });
    all.concat()
}

/// The data of each tag, by name.
fn tags(profile: &[u8]) -> Vec<([u8; 4], &[u8])> {
    let number = |at: usize| u32::from_be_bytes(profile[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!(number(0), profile.len());
    let tag = |index: usize| {
        let at = 132 + 12 * index;
        let (start, length) = (number(at + 4), number(at + 8));
        assert!(start % 4 == 0 && start >= 132 + 12 * number(128));
        (
            profile[at..at + 4].try_into().unwrap(),
            &profile[start..start + length],
        )
    };
    (0..number(128)).map(tag).collect()
}

/// The profile that another crate makes.
fn of_other_crate(encoding: &ColorEncoding) -> Vec<u8> {
    use jxl_color::{Customxy, EnumColourEncoding};
    let custom = |Chromaticity { x, y }| Customxy { x, y };
    let other = EnumColourEncoding {
        colour_space: match encoding.color_space {
            ColorSpace::Gray => jxl_color::ColourSpace::Grey,
            _ => jxl_color::ColourSpace::Rgb,
        },
        white_point: match encoding.white_point {
            WhitePoint::D65 => jxl_color::WhitePoint::D65,
            WhitePoint::E => jxl_color::WhitePoint::E,
            WhitePoint::Dci => jxl_color::WhitePoint::Dci,
            WhitePoint::Custom(white) => jxl_color::WhitePoint::Custom(custom(white)),
        },
        primaries: match encoding.primaries {
            Primaries::Srgb => jxl_color::Primaries::Srgb,
            Primaries::Bt2100 => jxl_color::Primaries::Bt2100,
            Primaries::P3 => jxl_color::Primaries::P3,
            Primaries::Custom { red, green, blue } => jxl_color::Primaries::Custom {
                red: custom(red),
                green: custom(green),
                blue: custom(blue),
            },
        },
        tf: match encoding.transfer_function {
            TransferFunction::Srgb => jxl_color::TransferFunction::Srgb,
            TransferFunction::Bt709 => jxl_color::TransferFunction::Bt709,
            TransferFunction::Linear => jxl_color::TransferFunction::Linear,
            TransferFunction::Pq => jxl_color::TransferFunction::Pq,
            TransferFunction::Hlg => jxl_color::TransferFunction::Hlg,
            TransferFunction::Dci => jxl_color::TransferFunction::Dci,
            TransferFunction::Gamma { exponent } => jxl_color::TransferFunction::Gamma {
                g: exponent,
                inverted: true,
            },
            TransferFunction::Unknown => jxl_color::TransferFunction::Unknown,
        },
        rendering_intent: jxl_color::RenderingIntent::Relative,
    };
    jxl_color::icc::colour_encoding_to_icc(&other)
}

/// Numbers of `BYTES` bytes after a tag's first `skipped` bytes.
fn numbers<const BYTES: usize>(data: &[u8], skipped: usize) -> Vec<i64> {
    let sign_extended = |bytes: &[u8; BYTES]| {
        let shift = 64 - 8 * BYTES as u32;
        let value = bytes
            .iter()
            .fold(0, |value, &byte| value << 8 | u64::from(byte));
        match BYTES {
            4 => (value << shift) as i64 >> shift,
            _ => value as i64,
        }
    };
    data[skipped..]
        .as_chunks()
        .0
        .iter()
        .map(sign_extended)
        .collect()
}

#[test]
fn fields_are_those_of_another_crate() {
    for encoding in encodings() {
        let (ours, theirs) = (make_profile(&encoding).unwrap(), of_other_crate(&encoding));
        assert_eq!(ours[8..24], theirs[8..24], "{encoding:?}");
        assert_eq!(ours[36..84], theirs[36..84], "{encoding:?}");
        let ours = tags(&ours);
        for (name, theirs) in tags(&theirs) {
            // The other crate has code points for other whites too.
            if [*b"desc", *b"cprt", *b"cicp"].contains(&name) {
                continue;
            }
            let text = String::from_utf8_lossy(&name);
            let (_, ours) = ours.iter().find(|(other, _)| *other == name).expect(&text);
            assert_eq!(ours[4..8], [0; 4]);
            let (ours, theirs) = match name {
                // The other crate writes linear light in another way.
                _ if name[1..] == *b"TRC" && ours[..4] != theirs[..4] => continue,
                _ if ours[..4] == *b"curv" => (numbers::<2>(ours, 12), numbers::<2>(theirs, 12)),
                _ => (numbers::<4>(ours, 8), numbers::<4>(theirs, 8)),
            };
            assert_eq!(ours.len(), theirs.len(), "{encoding:?}: {text}");
            for (ours, theirs) in ours.iter().zip(&theirs) {
                // The other crate rounds half-way numbers below 0 up, cuts tables off, and computes
                // in single precision.
                assert!(
                    (ours - theirs).abs() <= 4,
                    "{encoding:?}: {text}: {ours} {theirs}"
                );
            }
        }
    }
}

/// Primaries and white as in the International Color Consortium's sRGB2014.icc, which has another
/// fourth digit of D50.
#[test]
fn srgb_is_the_published_profile() {
    let profile = make_profile(&ColorEncoding::SRGB).unwrap();
    let tags = tags(&profile);
    let tag = |name: &[u8; 4]| tags.iter().find(|(other, _)| other == name).unwrap().1;
    let published = [
        (b"rXYZ", [0.43607, 0.22249, 0.01392]),
        (b"gXYZ", [0.38515, 0.71687, 0.09708]),
        (b"bXYZ", [0.14307, 0.06061, 0.71410]),
        (b"wtpt", [0.96420, 1.00000, 0.82491]),
    ];
    for (name, published) in published {
        for (found, published) in numbers::<4>(tag(name), 8).into_iter().zip(published) {
            let found = found as f64 / 65_536.0;
            assert!((found - published).abs() < 2e-4, "{found} {published}");
        }
    }
    assert_eq!(tag(b"cicp")[8..], [1, 13, 0, 1]);
    assert_eq!(tag(b"rTRC"), tag(b"bTRC"));
    assert_eq!(&profile[36..40], b"acsp");
}

/// A color management system reads the profiles, and its curves are the inverse of the transfer
/// functions.
#[test]
fn color_management_reads_the_profiles() {
    for encoding in encodings() {
        let profile = ColorProfile::new_from_slice(&make_profile(&encoding).unwrap()).unwrap();
        let curve = match encoding.color_space {
            ColorSpace::Gray => profile.gray_trc.clone(),
            _ => profile.blue_trc.clone(),
        };
        let is_table = matches!(curve, Some(ToneReprCurve::Lut(_)));
        let hdr = [TransferFunction::Pq, TransferFunction::Hlg];
        assert_eq!(is_table, hdr.contains(&encoding.transfer_function));
        let Some(ToneReprCurve::Parametric(parameters)) = curve else {
            continue;
        };
        let mut samples: Vec<f32> = (0..=100).map(|step| step as f32 / 100.0).collect();
        let linear = samples.clone();
        let transfer = crate::color::transfer::Transfer::new(&encoding, [0.3, 0.6, 0.1], 255.0);
        transfer.run_gray(&mut samples);
        for (sample, linear) in samples.into_iter().zip(linear) {
            let found = evaluate(&parameters, f64::from(sample));
            assert!(
                (found - f64::from(linear)).abs() < 1e-4,
                "{encoding:?}: {found} {linear}"
            );
        }
    }
}

/// ICC.1:2022, table 68: functions 0 and 3.
fn evaluate(parameters: &[f32], sample: f64) -> f64 {
    match parameters.iter().map(|&p| f64::from(p)).collect::<Vec<_>>()[..] {
        [g] => sample.powf(g),
        [g, a, b, _, d] if sample >= d => (a * sample + b).powf(g),
        [_, _, _, c, _] => c * sample,
        _ => panic!("{parameters:?}"),
    }
}

/// XYZ relative to D50 of scaled XYB, by the fields of a lutAToBType (ICC.1:2022, 10.12).
fn evaluate_table(lut: &[u8], scaled: [f32; 3]) -> [f64; 3] {
    let offset = |place: usize| numbers::<4>(lut, 12)[place] as usize;
    let (matrix, cubes, table) = (offset(1), offset(2), offset(3));
    let corners = numbers::<2>(&lut[table + 20..table + 68], 0);
    let cones: [f64; 3] = std::array::from_fn(|channel| {
        let corner = |index: usize| {
            let weight = |k: usize| match index >> (2 - k) & 1 {
                0 => 1.0 - f64::from(scaled[k]),
                _ => f64::from(scaled[k]),
            };
            corners[3 * index + channel] as f64 / 65_535.0 * weight(0) * weight(1) * weight(2)
        };
        let root = (0..8).map(corner).sum();
        let curve = &lut[cubes + 32 * channel..][..32];
        assert_eq!(curve[..4], *b"para");
        let parameters: Vec<f32> = numbers::<4>(curve, 12)
            .into_iter()
            .map(|value| value as f32 / 65_536.0)
            .collect();
        evaluate(&parameters, root)
    });
    let matrix: Vec<f64> = numbers::<4>(lut, matrix)
        .into_iter()
        .map(|v| v as f64 / 65_536.0)
        .collect();
    std::array::from_fn(|row| {
        let products = (0..3).map(|k| matrix[3 * row + k] * cones[k]);
        // 1.0 stands for 1 + 32767/32768.
        (products.sum::<f64>() + matrix[9 + row]) * (1.0 + 32_767.0 / 32_768.0)
    })
}

/// The profile leads to the colors that the decoder finds.
#[test]
fn profile_of_xyb_leads_to_the_same_colors() {
    let xyb = ColorEncoding {
        color_space: ColorSpace::Xyb,
        rendering_intent: RenderingIntent::Perceptual,
        ..ColorEncoding::SRGB
    };
    let profile = make_profile(&xyb).unwrap();
    let read = ColorProfile::new_from_slice(&profile).unwrap();
    assert_eq!(read.color_space, DataColorSpace::Rgb);
    assert!(read.lut_a_to_b_perceptual.is_some());
    let tags = tags(&profile);
    let (_, lut) = tags.iter().find(|(name, _)| name == b"A2B0").unwrap();
    let adaptation = Matrix::adaptation(xyz(WhitePoint::D65.xy()), D50).unwrap();
    let to_xyz = adaptation.times(Matrix::srgb_to_xyz().unwrap());
    let from_xyz = to_xyz.inverse().unwrap();
    // X, Y, B of grays and of mild colors.
    let colors = [0.0, 0.1, 0.3, 0.5, 0.7, 0.8].map(|y: f32| {
        [(0.0, 0.0), (0.01, 0.0), (-0.006, 0.02), (0.0, -0.1)].map(|(x, b)| [x, y, y + b])
    });
    for xyb in colors.as_flattened() {
        let [mut scaled, mut light] = [*xyb; 2];
        let [x, y, b] = &mut scaled;
        crate::color::scale_xyb(&mut [x, y, b].map(std::slice::from_mut));
        let found = from_xyz.apply(evaluate_table(lut, scaled));
        let [x, y, b] = &mut light;
        crate::color::testing::linear_transform().run(&mut [x, y, b].map(std::slice::from_mut));
        for (found, expected) in found.into_iter().zip(light) {
            let apart = (found - f64::from(expected)).abs();
            assert!(apart < 1e-3, "{xyb:?}: {found} instead of {expected}");
        }
    }
}

#[test]
fn colors_without_an_inverse_have_no_profile() {
    let point = Chromaticity {
        x: 300_000,
        y: 300_000,
    };
    let encoding = ColorEncoding {
        primaries: Primaries::Custom {
            red: point,
            green: point,
            blue: point,
        },
        ..ColorEncoding::SRGB
    };
    assert_eq!(make_profile(&encoding), None);
    let unknown = ColorEncoding {
        transfer_function: TransferFunction::Unknown,
        ..ColorEncoding::SRGB
    };
    assert_eq!(make_profile(&unknown), None);
    let unknown = ColorEncoding {
        color_space: ColorSpace::Unknown,
        ..ColorEncoding::SRGB
    };
    assert_eq!(make_profile(&unknown), None);
    for (x, y) in [(0, 0), (300_000, 0)] {
        let dark = ColorEncoding {
            white_point: WhitePoint::Custom(Chromaticity { x, y }),
            ..ColorEncoding::SRGB
        };
        assert_eq!(make_profile(&dark), None, "{x}, {y}");
    }
}
