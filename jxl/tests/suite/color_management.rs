//! Pictures whose colors are converted by ICC profiles.

use std::fs;

use frame_arena::Arena;
use jxl_arena::{ColorProfile, Decoder, Error, Layout, OutputColor, Picture};

use super::color::read_npy;
use super::support::{
    assert_same, corpus, drawn, integers, read_png, sample_bytes, samples_folder,
};

fn original() -> Decoder {
    Decoder::default().with_output_color(OutputColor::Original)
}

/// Returns the largest and the mean difference.
fn difference(found: &[f32], expected: &[f32]) -> (f32, f32) {
    assert_eq!(found.len(), expected.len());
    let apart = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
    let largest = apart.clone().fold(0.0, f32::max);
    (largest, apart.sum::<f32>() / found.len() as f32)
}

/// Compares with lcms2: relative colorimetric, with black point compensation.
#[test]
fn cmyk_becomes_srgb_by_its_profile() {
    let reference = read_png(&samples_folder().join("cmyk.ref.png"));
    let expected: Vec<f32> = reference
        .values
        .iter()
        .map(|&value| f32::from(value) / 65_535.0)
        .collect();
    let file = sample_bytes("cmyk");
    let decoder = Decoder::default();
    let picture = decoder.read(&file).unwrap();
    let info = picture.info();
    assert_eq!((info.layout(), info.color_channels), (Layout::Rgba, 3));
    assert!(matches!(&info.profile, ColorProfile::Encoding(encoding) if encoding.is_srgb()));
    assert!(info.original_icc.is_some());
    let floats = picture.decode::<f32>(Layout::Rgb).unwrap();
    let clamped: Vec<f32> = floats.iter().map(|value| value.clamp(0.0, 1.0)).collect();
    let (largest, mean) = difference(&clamped, &expected);
    assert!(largest < 2e-4 && mean < 2e-5, "{largest} {mean}");
    let bytes = picture.decode::<u8>(Layout::Rgb).unwrap();
    let bytes: Vec<f32> = bytes.iter().map(|&byte| f32::from(byte) / 255.0).collect();
    let (largest, _) = difference(&bytes, &clamped);
    assert!(largest < 0.5001 / 255.0, "{largest}");
}

/// Returns a pixel as `cmyk.c` draws it: 0 is full ink.
fn drawn_cmyk(x: usize, y: usize) -> [u8; 5] {
    let black = if x / 8 % 2 == 1 {
        255 - 5 * y
    } else {
        255 - 3 * (x / 4 + y / 3)
    };
    let yellow = 255 - 255 * (x + y) / 102;
    let alpha = 255 - 4 * ((x + y) % 32);
    let pixel = [255 * x / 60, 255 * y / 42, yellow, black, alpha];
    pixel.map(|sample| sample as u8)
}

#[test]
fn cmyk_samples_are_those_of_the_file() {
    let file = sample_bytes("cmyk");
    let decoder = original();
    let picture = decoder.read(&file).unwrap();
    let info = picture.info();
    assert_eq!((info.layout(), info.color_channels), (Layout::Cmyka, 4));
    assert!(matches!(info.profile, ColorProfile::Icc(_)) && info.original_icc.is_none());
    let expected: Vec<_> = (0..43)
        .flat_map(|y| (0..61).map(move |x| drawn_cmyk(x, y)))
        .collect();
    let decoded = picture.decode::<u8>(Layout::Cmyka).unwrap();
    assert_same("cmyka", (61, 5), &decoded, expected.as_flattened());
    let expected: Vec<_> = expected
        .iter()
        .map(|[c, m, y, k, _]| [*c, *m, *y, *k])
        .collect();
    let expected = expected.as_flattened();
    let decoded = picture.decode::<u8>(Layout::Cmyk).unwrap();
    assert_same("cmyk", (61, 4), &decoded, expected);
    let words = picture.decode::<u16>(Layout::Cmyk).unwrap();
    let expected: Vec<u16> = expected.iter().map(|&byte| u16::from(byte) * 257).collect();
    assert_same("cmyk", (61, 4), &words, &expected);
}

#[test]
fn layouts_of_other_colors_are_refused() {
    let is_refused = |picture: &Picture<'_>, layout| {
        matches!(picture.decode::<u8>(layout), Err(Error::Output(_)))
    };
    let (cmyk, rgb) = (sample_bytes("cmyk"), sample_bytes("rgb8_container"));
    for decoder in [Decoder::default(), original()] {
        let cmyk = decoder.read(&cmyk).unwrap();
        let has_black = cmyk.info().layout().has_black();
        assert!(is_refused(&cmyk, Layout::Rgb) == has_black);
        assert!(is_refused(&cmyk, Layout::Cmyk) != has_black);
        let rgb = decoder.read(&rgb).unwrap();
        assert!(is_refused(&rgb, Layout::Cmyk) && is_refused(&rgb, Layout::Cmyka));
    }
}

/// Converts a sample of sRGB to linear light (IEC 61966-2-1).
fn light_of_srgb(sample: f64) -> f64 {
    let magnitude = match sample.abs() {
        small @ ..=0.040_45 => small / 12.92,
        large => ((large + 0.055) / 1.055).powf(2.4),
    };
    magnitude.copysign(sample)
}

/// The conversion from samples of the profile `s_curve.icc` to XYZ, read from its tags.
struct Forward {
    table: Vec<f64>,
    columns: [[f64; 3]; 3],
}

impl Forward {
    fn read(icc: &[u8]) -> Self {
        let word = |at: usize| u32::from_be_bytes(icc[at..at + 4].try_into().unwrap());
        let tag = |name: &[u8; 4]| {
            let entries = (0..word(128) as usize).map(|index| 132 + 12 * index);
            let entry = entries
                .clone()
                .find(|&at| icc[at..at + 4] == *name)
                .unwrap();
            word(entry + 4) as usize
        };
        let fixed = |at: usize| f64::from(word(at) as i32) / 65_536.0;
        let column = |name| {
            let at = tag(name) + 8;
            [fixed(at), fixed(at + 4), fixed(at + 8)]
        };
        let curve = tag(b"rTRC");
        assert_eq!(&icc[curve..curve + 4], b"curv");
        let values = &icc[curve + 12..][..2 * word(curve + 8) as usize];
        let values = values.as_chunks::<2>().0.iter();
        Self {
            table: values
                .map(|&value| f64::from(u16::from_be_bytes(value)) / 65_535.0)
                .collect(),
            columns: [column(b"rXYZ"), column(b"gXYZ"), column(b"bXYZ")],
        }
    }

    fn xyz(&self, samples: &[f32]) -> [f64; 3] {
        let light = |sample: f32| {
            let place = f64::from(sample) * (self.table.len() - 1) as f64;
            let low = (place as usize).min(self.table.len() - 2);
            let (start, end) = (self.table[low], self.table[low + 1]);
            start + (end - start) * (place - low as f64)
        };
        sum(
            &self.columns,
            [samples[0], samples[1], samples[2]].map(light),
        )
    }
}

fn sum(columns: &[[f64; 3]; 3], [r, g, b]: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|k| columns[0][k] * r + columns[1][k] * g + columns[2][k] * b)
}

/// Linear sRGB to XYZ of a D50 white (the tags of the ICC's sRGB profile, whose white is 1e-4 off).
const SRGB_COLUMNS: [[f64; 3]; 3] = [
    [0.436_066, 0.222_488, 0.013_916],
    [0.385_147, 0.716_873, 0.097_076],
    [0.143_066, 0.060_608, 0.714_096],
];

#[test]
fn xyb_becomes_the_original_profile_on_request() {
    let file = sample_bytes("xyb_icc");
    let (default, original) = (Decoder::default(), original());
    let (srgb, picture) = (default.read(&file).unwrap(), original.read(&file).unwrap());
    assert!(srgb.info().original_icc.is_some() && picture.info().original_icc.is_none());
    let ColorProfile::Icc(icc) = &picture.info().profile else {
        panic!("the picture is not in the colors of its profile");
    };
    let forward = Forward::read(icc);
    let srgb = srgb.decode::<f32>(Layout::Rgb).unwrap();
    let found = picture.decode::<f32>(Layout::Rgb).unwrap();
    let mut compared = 0;
    for (srgb, found) in srgb.chunks_exact(3).zip(found.chunks_exact(3)) {
        if found.iter().any(|sample| !(0.001..0.999).contains(sample)) {
            continue;
        }
        compared += 1;
        let light = [srgb[0], srgb[1], srgb[2]].map(|sample| light_of_srgb(sample.into()));
        for (found, expected) in forward.xyz(found).iter().zip(sum(&SRGB_COLUMNS, light)) {
            assert!(
                (found - expected).abs() < 2e-4,
                "{found} instead of {expected}"
            );
        }
    }
    assert!(compared > 2000, "only {compared} colors were compared");
    // Compares with the picture that was encoded, with some loss.
    let drawn = drawn("rgb8_container");
    let (values, _) = integers(&drawn);
    let expected: Vec<f32> = values
        .iter()
        .map(|&value| f32::from(value) / 255.0)
        .collect();
    assert!(difference(&found, &expected).1 < 2.5 / 255.0);
    assert!(difference(&srgb, &expected).1 > 20.0 / 255.0);
}

/// A conversion reads the profile in place.
#[test]
fn conversion_takes_no_memory() {
    for name in ["xyb_icc", "cmyk"] {
        let file = sample_bytes(name);
        let peak = |color| {
            let arena = Arena::builder().build();
            let decoder = Decoder::new(arena).with_output_color(color);
            let picture = decoder.read(&file).unwrap();
            let layout = picture.info().layout();
            let mut pixels = vec![0u8; 70 * 50 * layout.channels()];
            picture.decode_into(layout, &mut pixels).unwrap();
            decoder.arena().snapshot().peak_held_bytes
        };
        assert_eq!(
            peak(OutputColor::Automatic),
            peak(OutputColor::Original),
            "{name}"
        );
    }
}

/// Compares cyan, magenta and yellow with libjxl's samples, and some colors with those of lcms2
/// (relative colorimetric, black point compensation). `colors` has indexes of pixels, and their
/// red, green and blue.
#[test]
fn cmyk_of_the_field_is_that_of_others() {
    let Some(corpus) = corpus() else { return };
    let file = fs::read(corpus.join("field/cmyk_kde.jxl")).unwrap();
    let (_, expected) = read_npy(&corpus.join("field/cmyk_kde.ref.npy"));
    let decoder = original();
    let picture = decoder.read(&file).unwrap();
    let inks = picture.decode::<u8>(Layout::Cmyk).unwrap();
    let found: Vec<u8> = inks
        .chunks_exact(4)
        .flat_map(|ink| &ink[..3])
        .copied()
        .collect();
    assert_same("cmy", (96, 3), &found, &expected);
    let colors = [
        (300, [1.0, 1.0, 1.0]),
        (1400, [0.53675, 0.51903, 0.51316]),
        (4700, [0.68683, 0.66670, 0.66152]),
        (5800, [0.50271, 0.09573, 0.17383]),
        (6900, [0.51737, 0.44458, 0.68770]),
        (8000, [0.97864, 0.91749, 0.26737]),
        (9100, [0.11178, 0.09999, 0.08592]),
    ];
    let decoder = Decoder::default();
    let picture = decoder.read(&file).unwrap();
    let found = picture.decode::<f32>(Layout::Rgb).unwrap();
    for (pixel, expected) in colors {
        let found = &found[3 * pixel..][..3];
        let (largest, _) = difference(found, &expected);
        assert!(largest < 2e-4, "{pixel}: {found:?}");
    }
}
