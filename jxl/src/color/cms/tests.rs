use std::path::Path;

use super::*;
use crate::color::cms::curve::Curve;
use crate::color::cms::profile::Fields;
use crate::color::{
    ColorEncoding, ColorSpace, RenderingIntent, TransferFunction, make_profile, srgb_of_light,
};
use crate::{ColorProfile, Decoder};

/// The CMYK profile of the sample: tables of L*a*b* in 16 bits, five points along each ink.
fn cmyk_profile() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/cmyk.jxl");
    let file = std::fs::read(path).unwrap();
    let picture = Decoder::default().read(&file).unwrap();
    let ColorProfile::Encoding(encoding) = &picture.info().profile else {
        panic!("a picture in the colors of its profile");
    };
    assert!(encoding.is_srgb());
    picture.info().original_icc.as_deref().unwrap().to_vec()
}

/// Red, green and blue at `levels` steps of each.
fn cube(levels: usize) -> [Vec<f32>; 3] {
    let colors = levels * levels * levels;
    [1, levels, levels * levels].map(|stride| {
        let level = |color| color / stride % levels;
        (0..colors)
            .map(|color| level(color) as f32 / (levels - 1) as f32)
            .collect()
    })
}

fn assert_near(name: &str, found: &[f32], expected: &[f32], bound: f32) {
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let apart = (found - expected).abs();
        assert!(apart <= bound, "{name}, {index}: {found}, not {expected}");
    }
}

/// A profile made from an encoding gives the samples of the encoding. Its numbers are rounded to
/// 2^-16, and its white has 4e-4 too much blue, as in libjxl.
#[test]
fn profiles_of_encodings_lead_to_their_samples() {
    let transfers = [
        TransferFunction::Srgb,
        TransferFunction::Linear,
        TransferFunction::Dci,
        TransferFunction::Gamma {
            exponent: 5_555_555,
        },
    ];
    for transfer_function in transfers {
        let encoding = ColorEncoding {
            transfer_function,
            ..ColorEncoding::SRGB
        };
        let profile = make_profile(&encoding).unwrap();
        let transform = LightToProfile::new(&profile, false).unwrap();
        let mut found = cube(6);
        transform.run(found.each_mut().map(Vec::as_mut_slice));
        let mut expected = cube(6);
        match transfer_function {
            TransferFunction::Srgb => srgb_of_light(expected.each_mut().map(Vec::as_mut_slice)),
            function => {
                let exponent = function.exponent().unwrap() as f32;
                let samples = expected.iter_mut().flatten();
                samples.for_each(|sample| *sample = sample.powf(exponent));
            }
        }
        let pairs = found.iter().flatten().zip(expected.iter().flatten());
        for (&found, &expected) in pairs {
            // Black of a power is steep: what is 5e-5 of light is up to 3e-2 there.
            let bound = if expected < 0.1 { 3e-2 } else { 5e-4 };
            let is_near = (found - expected).abs() < bound;
            assert!(is_near, "{transfer_function:?}: {found}, not {expected}");
        }
    }
}

#[test]
fn gray_profiles_take_light() {
    let encoding = ColorEncoding {
        color_space: ColorSpace::Gray,
        rendering_intent: RenderingIntent::Perceptual,
        ..ColorEncoding::SRGB
    };
    let profile = make_profile(&encoding).unwrap();
    let mut rows = cube(11);
    let transform = LightToProfile::new(&profile, true).unwrap();
    transform.run(rows.each_mut().map(Vec::as_mut_slice));
    let mut expected = cube(11);
    srgb_of_light(expected.each_mut().map(Vec::as_mut_slice));
    assert_near("gray", &rows[0], &expected[0], 2e-5);
    assert!(LightToProfile::new(&profile, false).is_err());
}

/// Values of lcms2 2.14: relative colorimetric, black to black.
#[test]
fn inks_are_the_colors_of_lcms() {
    let profile = cmyk_profile();
    let transform = CmykToLight::new(&profile).unwrap();
    let cases = [
        ([0.0, 0.0, 0.0, 0.0], [1.000_872, 0.994_130, 0.991_700]),
        ([0.0, 0.0, 0.0, 1.0], [0.128_716, 0.120_760, 0.142_738]),
        ([0.3, 0.6, 0.1, 0.0], [0.866_837, 0.699_205, 0.842_967]),
        ([0.9, 0.05, 0.4, 0.2], [0.411_944, 0.770_704, 0.747_312]),
        ([0.12, 0.87, 0.55, 0.33], [0.791_783, 0.385_761, 0.529_307]),
        ([0.5, 0.5, 0.5, 0.5], [0.615_188, 0.579_314, 0.556_330]),
    ];
    for (ink, expected) in cases {
        let mut rows = ink.map(|ink| [1.0 - ink]);
        let [c, m, y, k] = rows.each_mut().map(|row| row.as_mut_slice());
        transform.run([&mut *c, &mut *m, &mut *y, k]);
        srgb_of_light([c, m, y]);
        let found = [rows[0][0], rows[1][0], rows[2][0]];
        assert_near(&format!("{ink:?}"), &found, &expected, 2e-4);
    }
}

/// Damaged and truncated profiles are refused or give some color.
#[test]
fn damaged_profiles_do_no_harm() {
    let whole = cmyk_profile();
    let mut accepted = 0;
    let mut convert = |profile: &[u8]| {
        if let Ok(transform) = CmykToLight::new(profile) {
            accepted += 1;
            let mut rows = [[0.0, 0.3, 1.0, f32::NAN]; 4];
            transform.run(rows.each_mut().map(|row| row.as_mut_slice()));
        }
    };
    for len in 0..whole.len() {
        convert(&whole[..len]);
    }
    for at in 0..400 {
        for value in [0, 1, 2, 4, 5, 127, 255] {
            let mut changed = whole.clone();
            changed[at] = value;
            convert(&changed);
        }
    }
    assert!(accepted > 100, "{accepted}");
}

#[test]
fn curves_have_inverses() {
    let number = |value: f64| ((value * 65_536.0).round() as i32).to_be_bytes();
    let parametric = |function: u8, numbers: &[f64]| {
        let mut data = [b"para\0\0\0\0".as_slice(), &[0, function, 0, 0]].concat();
        data.extend(numbers.iter().copied().flat_map(number));
        data
    };
    let table = |values: &[u16]| {
        let count = (values.len() as u32).to_be_bytes();
        let values = values.iter().flat_map(|value| value.to_be_bytes());
        let head = [b"curv\0\0\0\0".as_slice(), &count].concat();
        head.into_iter().chain(values).collect::<Vec<u8>>()
    };
    let srgb = [2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.040_45];
    let curves = [
        parametric(0, &[2.2]),
        parametric(1, &[2.0, 0.9, 0.1]),
        parametric(2, &[2.0, 0.8, 0.1, 0.1]),
        parametric(3, &srgb),
        parametric(4, &[2.4, 0.9, 0.1, 0.2, 0.1, 0.02, 0.01]),
        table(&[]),
        table(&[563]),
        table(&[0, 100, 20_000, 50_000, 65_535]),
        table(&[65_535, 30_000, 4_000, 0]),
    ];
    for data in curves {
        let (curve, bytes) = Curve::read(Fields(&data)).unwrap();
        assert_eq!(bytes, data.len());
        for step in 0..=100 {
            let x = step as f32 / 100.0;
            let found = curve.eval_inverse(curve.eval(x));
            assert!((found - x).abs() < 1e-4, "{data:?}: {x} became {found}");
        }
        for len in 0..data.len() {
            assert!(Curve::read(Fields(&data[..len])).is_none());
        }
    }
    // Of several places the largest, as in lcms2; none beyond the ends.
    let flat = table(&[0, 0, 65_535, 65_535]);
    let (curve, _) = Curve::read(Fields(&flat)).unwrap();
    assert_near("flat", &[curve.eval_inverse(0.0)], &[1.0 / 3.0], 1e-6);
    assert_eq!(
        [curve.eval_inverse(1.0), curve.eval_inverse(2.0)],
        [1.0, 1.0]
    );
}

/// A display profile of version 4 for XYZ, with these tags.
fn profile_of(tags: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut profile = vec![0; 128];
    profile[8] = 4;
    profile[12..24].copy_from_slice(b"mntrRGB XYZ ");
    profile[36..40].copy_from_slice(b"acsp");
    profile.extend((tags.len() as u32).to_be_bytes());
    let mut start = profile.len() + 12 * tags.len();
    for (name, data) in tags {
        profile.extend_from_slice(*name);
        profile.extend((start as u32).to_be_bytes());
        profile.extend((data.len() as u32).to_be_bytes());
        start += data.len();
    }
    tags.iter().for_each(|(_, data)| profile.extend(data));
    profile
}

fn fixed(values: &[f64]) -> Vec<u8> {
    let bytes = |value: f64| ((value * 65_536.0).round() as i32).to_be_bytes();
    values.iter().copied().flat_map(bytes).collect()
}

/// Three curves that are powers.
fn powers(exponent: f64) -> Vec<u8> {
    let curve = [b"para\0\0\0\0\0\0\0\0".to_vec(), fixed(&[exponent])].concat();
    curve.repeat(3)
}

/// A table of two points along each of three channels, which maps each x to 1 - x.
fn turning_table() -> Vec<u8> {
    let points = (0..8).flat_map(|i| [4, 2, 1].map(|bit| if i & bit == 0 { 255 } else { 0 }));
    let head = [vec![2, 2, 2], vec![0; 13], vec![1, 0, 0, 0]].concat();
    head.into_iter().chain(points).collect()
}

const FACTORS: [f64; 12] = [
    0.5, 0.25, 0.0, 0.0, 0.5, 0.25, 0.125, 0.0, 0.75, 0.0625, 0.0, 0.125,
];

/// A tag of all elements: powers of 2, a matrix, powers of 3, a table, powers of 4.
fn elements(kind: &[u8; 4]) -> Vec<u8> {
    let parts = [
        powers(2.0),
        fixed(&FACTORS),
        powers(3.0),
        turning_table(),
        powers(4.0),
    ];
    let mut tag = [kind.as_slice(), &[0, 0, 0, 0, 3, 3, 0, 0]].concat();
    let mut start = 32;
    for part in &parts {
        tag.extend((start as u32).to_be_bytes());
        start += part.len();
    }
    parts.iter().for_each(|part| tag.extend(part));
    tag
}

fn factors(values: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|k| {
        let products = FACTORS[3 * k..3 * k + 3].iter().zip(values);
        products.map(|(factor, value)| factor * value).sum::<f64>() + FACTORS[9 + k]
    })
}

/// ICC.1:2022, 10.12: A, table, M, matrix, B to the connection space; 10.13: the other way round.
#[test]
fn elements_follow_each_other_in_the_order_of_the_standard() {
    let (to, from) = (elements(b"mAB "), elements(&super::lut::B_TO_A));
    let profile = profile_of(&[(b"A2B0", to), (b"B2A0", from)]);
    let profile = Profile::new(&profile).unwrap();
    let model = |direction| Model::new(profile, direction, profile.intent()).unwrap();
    let most = 1.0 + 32_767.0 / 32_768.0;
    for color in [
        [0.0, 0.0, 0.0],
        [1.0, 1.0, 1.0],
        [0.9, 0.6, 0.8],
        [0.3, 0.95, 0.7],
    ] {
        let floats = color.map(|value| value as f32);
        let [a, b, c] = floats;
        let found = model(Direction::ToConnectionSpace).xyz_of_color([a, b, c, 0.0]);
        let inner = color.map(|value: f64| (1.0 - value.powi(4)).powi(3));
        let expected = factors(inner).map(|value| (value.powi(2) * most) as f32);
        assert_near(&format!("to {color:?}"), &found, &expected, 1e-5);

        let found = model(Direction::FromConnectionSpace).color_of_xyz(floats);
        let inner = factors(color.map(|value| (value / most).powi(2)));
        let expected = inner.map(|value| (1.0 - value.powi(3)).powi(4) as f32);
        assert_near(&format!("from {color:?}"), &found[..3], &expected, 1e-5);
    }
}

/// ICC.1:2022, 10.11: lut8Type, here with the identity in its matrix and the curves.
#[test]
fn tables_of_bytes_are_interpolated() {
    let identity = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
    let ramp: Vec<u8> = (0..=255).collect();
    let tag = [
        b"mft1\0\0\0\0\x03\x03\x02\0".to_vec(),
        fixed(&identity),
        ramp.repeat(3),
        turning_table()[20..].to_vec(),
        ramp.repeat(3),
    ];
    let profile = profile_of(&[(b"A2B0", tag.concat())]);
    let profile = Profile::new(&profile).unwrap();
    let model = Model::new(profile, Direction::ToConnectionSpace, profile.intent()).unwrap();
    let found = model.xyz_of_color([0.25, 0.5, 1.0, 0.0]);
    assert_near("turned", &found, &[1.499_977, 0.999_985, 0.0], 1e-5);
    assert!(Model::new(profile, Direction::FromConnectionSpace, profile.intent()).is_err());
}
