//! Larger files made by others, if they are available; see
//! [`support::corpus`](super::support::corpus).

use std::fs;
use std::path::Path;

use jxl_arena::{
    ColorProfile, ColorSpace, Decoder, Layout, Limits, PixelFormat, SampleFormat, WorkLimit,
};
use rayon::ThreadPoolBuilder;

use super::support::{assert_same, corpus, decode_bits, layout_of, read_png};
use super::tier::is_slow_wanted;

/// Files that are decoded on several numbers of threads.
const REPEATED: &[&str] = &[
    "conformance/alpha_nonpremultiplied",
    "conformance/alpha_triangles",
    "conformance/bicycles",
    "conformance/delta_palette",
    "conformance/grayscale_public_university",
    "conformance/blendmodes",
    "conformance/lossless_pfm",
    "conformance/patches",
    "conformance/patches_lossless",
    "conformance/spot",
    "features/3x3_srgb_lossless",
    "features/3x3a_srgb_lossless",
    "features/8x8_noise",
    "features/cropped_traffic_light",
    "features/efb",
    "features/extra_channels",
    "features/gray_alpha_lossless",
    "features/grayscale_patches_modular",
    "features/grayscale_patches_var_dct",
    "features/green_queen_modular_e3",
    "features/hdr_hlg_test",
    "features/hdr_pq_test",
    "features/orientation1_identity",
    "features/orientation2_flip_horizontal",
    "features/orientation4_flip_vertical",
    "features/orientation6_rotate_90_cw",
    "features/pq_gradient",
    "features/spline_on_first_frame",
    "features/splines",
    "features/with_icc",
    "photos/animation_patches_d1",
    "photos/flower_d1_e4_pdc2",
    "photos/flower_lossless_e3",
];

fn read(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name).with_extension("jxl")).expect(name)
}

/// Files written by encoders take far less work than the limit allows.
#[test]
fn every_file_is_decoded_within_a_tenth_of_the_work() {
    let Some(folder) = corpus() else { return };
    let WorkLimit { floor, per_pixel } = WorkLimit::default();
    let mut limits = Limits::default();
    limits.work = WorkLimit {
        floor: floor / 10,
        per_pixel: per_pixel / 10,
    };
    let decoder = Decoder::default().with_limits(limits);
    // Other tests decode some photographs.
    let parts = match is_slow_wanted("photographs of the corpus") {
        true => &["conformance", "features", "photos"][..],
        false => &["conformance", "features"][..],
    };
    for part in parts {
        for entry in fs::read_dir(folder.join(part)).expect(part) {
            let path = entry.expect(part).path();
            if path.extension().is_none_or(|extension| extension != "jxl") {
                continue;
            }
            let stem = path.file_stem().unwrap_or_default();
            let name = format!("{part}/{}", stem.to_string_lossy());
            let file = fs::read(&path).expect(&name);
            let picture = decoder
                .read(&file)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            picture
                .decode::<u8>(picture.info().layout())
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

#[test]
fn lossless_files_match_their_references() {
    let Some(folder) = corpus() else { return };
    let decoder = Decoder::default();
    // Depth of the file, and of the comparison: the less of the file's and the reference's. The
    // reference of 12 bits was scaled to 16 in single precision, which rounds some samples up that
    // are below the half.
    for (name, bits) in [
        ("alpha_nonpremultiplied", 12),
        ("alpha_triangles", 8),
        ("delta_palette", 8),
        ("patches_lossless", 8),
    ] {
        let reference = read_png(&folder.join(format!("conformance/refs/{name}.ref.png")));
        let (max, reference_max) = ((1u32 << bits) - 1, (1u32 << reference.bits) - 1);
        let nearest =
            |&v: &u16| ((2 * u32::from(v) * max + reference_max) / (2 * reference_max)) as u16;
        let expected: Vec<u16> = reference.values.iter().map(nearest).collect();
        let file = read(&folder, &format!("conformance/{name}"));
        let picture = decoder.read(&file).unwrap();
        let decoded = decode_bits(&picture, layout_of(reference.channels), bits).expect(name);
        let shape = (reference.width, reference.channels);
        assert_same(name, shape, &decoded, &expected);
    }
}

#[test]
fn floats_match_their_reference() {
    let Some(folder) = corpus() else { return };
    let reference = fs::read(folder.join("conformance/refs/lossless_pfm.ref.pfm")).unwrap();
    let header = b"PF\n500 500\n-1.0\n";
    assert_eq!(&reference[..header.len()], header);
    let rows = reference[header.len()..].chunks_exact(500 * 3 * 4).rev();
    let expected: Vec<u32> = rows
        .flat_map(|row| row.as_chunks::<4>().0)
        .map(|&bytes| u32::from_le_bytes(bytes))
        .collect();
    let file = read(&folder, "conformance/lossless_pfm");
    let picture = Decoder::default().read(&file).unwrap();
    let decoded = picture.decode::<f32>(Layout::Rgb).unwrap();
    let decoded: Vec<u32> = decoded.into_iter().map(f32::to_bits).collect();
    assert_same("lossless_pfm", (500, 3), &decoded, &expected);
}

/// The number that `NAME.test.json` gives for `key`.
fn bound(folder: &Path, name: &str, key: &str) -> f64 {
    let path = folder.join(format!("conformance/refs/{name}.test.json"));
    let json = fs::read_to_string(path).expect(name);
    let (_, value) = json.split_once(&format!("\"{key}\":")).expect(key);
    let end = value.find([',', '\n', '}']).unwrap_or(value.len());
    value[..end].trim().parse().expect(key)
}

/// The bounds of the conformance suite's test.json, widened by the rounding of the reference
/// picture. `convert` brings the decoded pixels into the reference's colors.
fn check_conformance(name: &str, convert: impl Fn(&mut [f64])) {
    let Some(folder) = corpus() else { return };
    let reference = read_png(&folder.join(format!("conformance/refs/{name}.ref.png")));
    let step = 1.0 / ((1u32 << reference.bits) - 1) as f64;
    let file = read(&folder, &format!("conformance/{name}"));
    let picture = Decoder::default().read(&file).unwrap();
    let layout = layout_of(reference.channels);
    let decoded = picture.decode::<f32>(layout).unwrap();
    assert_eq!(decoded.len(), reference.values.len());
    let (mut peak, mut squares) = (0f64, 0f64);
    let pixels = decoded.chunks_exact(reference.channels);
    for (pixel, expected) in pixels.zip(reference.values.chunks_exact(reference.channels)) {
        let mut pixel: Vec<f64> = pixel.iter().map(|&sample| f64::from(sample)).collect();
        convert(&mut pixel);
        for (sample, &expected) in pixel.iter().zip(expected) {
            let error = (sample.clamp(0.0, 1.0) - f64::from(expected) * step).abs();
            peak = peak.max(error);
            squares += error * error;
        }
    }
    let rms = (squares / decoded.len() as f64).sqrt();
    let peak_bound = bound(&folder, name, "peak_error") + step / 2.0;
    // Rounding errors are spread evenly over a step.
    let rms_bound = bound(&folder, name, "rms_error") + step / 12f64.sqrt();
    assert!(peak <= peak_bound, "{name}: peak error {peak}");
    assert!(rms <= rms_bound, "{name}: rms error {rms} > {rms_bound}");
}

/// All files with one shown picture and a reference picture, but `blendmodes`: its reference was
/// made with alpha clamped where the file says that it is not.
#[test]
fn pictures_are_within_the_conformance_error() {
    for name in [
        "alpha_triangles",
        "bench_oriented_brg",
        "bicycles",
        "delta_palette",
        "grayscale",
        "grayscale_public_university",
        "noise",
        "patches_lossless",
        "spot",
        "upsampling",
    ] {
        check_conformance(name, |_| {});
    }
}

#[test]
fn lossy_pictures_with_a_profile_are_said_to_be_srgb() {
    let Some(folder) = corpus() else { return };
    for (name, color_channels, icc_bytes) in [("patches", 3, 2924), ("grayscale", 1, 912)] {
        let file = read(&folder, &format!("conformance/{name}"));
        let picture = Decoder::default().read(&file).unwrap();
        let info = picture.info();
        assert_eq!(
            info.original_icc.as_ref().map(|icc| icc.len()),
            Some(icc_bytes),
            "{name}"
        );
        let ColorProfile::Encoding(encoding) = &info.profile else {
            panic!("{name}: samples are not in the file's profile");
        };
        assert_eq!(info.color_channels, color_channels);
        assert!(encoding.is_srgb(), "{name}");
        let is_gray = encoding.color_space == ColorSpace::Gray;
        assert_eq!(is_gray, color_channels == 1, "{name}");
    }
}

/// The reference has the file's own profile, a display's; the decoder's colors are sRGB.
#[test]
fn patches_are_within_the_conformance_error() {
    // Columns of red, green and blue in both profiles, as in their tags rXYZ, gXYZ and bXYZ.
    let srgb = [
        [0.436035, 0.385117, 0.143051],
        [0.222488, 0.716904, 0.060608],
        [0.013916, 0.097076, 0.713974],
    ];
    let display = [
        [0.511871, 0.296783, 0.155548],
        [0.239975, 0.703629, 0.056396],
        [-0.001038, 0.042480, 0.783463],
    ];
    let to_display = times(inverse(display), srgb);
    check_conformance("patches", |pixel| {
        let linear: Vec<f64> = pixel.iter().map(|&sample| srgb_to_linear(sample)).collect();
        for (sample, row) in pixel.iter_mut().zip(&to_display) {
            let sum: f64 = row.iter().zip(&linear).map(|(a, b)| a * b).sum();
            *sample = linear_to_srgb(sum.clamp(0.0, 1.0));
        }
    });
}

type Matrix = [[f64; 3]; 3];

fn times(a: Matrix, b: Matrix) -> Matrix {
    [0, 1, 2].map(|row| [0, 1, 2].map(|column| (0..3).map(|k| a[row][k] * b[k][column]).sum()))
}

fn inverse(m: Matrix) -> Matrix {
    let minor = |row: usize, column: usize| {
        let (r, c) = (
            [(row + 1) % 3, (row + 2) % 3],
            [(column + 1) % 3, (column + 2) % 3],
        );
        m[r[0]][c[0]] * m[r[1]][c[1]] - m[r[0]][c[1]] * m[r[1]][c[0]]
    };
    let determinant: f64 = (0..3).map(|column| m[0][column] * minor(0, column)).sum();
    [0, 1, 2].map(|row| [0, 1, 2].map(|column| minor(column, row) / determinant))
}

fn srgb_to_linear(sample: f64) -> f64 {
    if sample <= 0.04045 {
        sample / 12.92
    } else {
        ((sample + 0.055) / 1.055).powf(2.4)
    }
}

fn linear_to_srgb(sample: f64) -> f64 {
    if sample <= 0.0031308 {
        sample * 12.92
    } else {
        1.055 * sample.powf(1.0 / 2.4) - 0.055
    }
}

#[test]
fn repeated_decodes_are_identical_on_any_number_of_threads() {
    if !is_slow_wanted("repeated decodes of the corpus") {
        return;
    }
    let Some(folder) = corpus() else { return };
    for name in REPEATED {
        let file = read(&folder, name);
        let decoder = Decoder::default();
        let picture = decoder.read(&file).unwrap();
        let format = PixelFormat::new(picture.info().layout(), SampleFormat::U16 { bits: 16 });
        let stride_bytes = picture.info().width as usize * format.pixel_bytes();
        let mut pixels = vec![0; stride_bytes * picture.info().height as usize];
        let mut first: Option<Vec<u8>> = None;
        for threads in [1, 2, 8] {
            let pool = ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let decode = || picture.decode_bytes_into(format, &mut pixels, stride_bytes);
            pool.install(decode).expect(name);
            let first = first.get_or_insert_with(|| pixels.clone());
            assert!(*first == pixels, "{name} on {threads} threads");
        }
        // The picture has its ICC profile.
        drop(picture);
        assert_eq!(decoder.arena().snapshot().live_bytes, 0, "{name}");
    }
}
