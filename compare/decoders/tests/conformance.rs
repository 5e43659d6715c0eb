//! Decodes files of the conformance suite to floats. Each picture must stay within the errors that
//! the suite allows.
//!
//! The references are floats written by libjxl's `djxl`: the suite's own references are not
//! available, and pictures of 8 bits do not show an error of 1e-5.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jxl_arena::Decoder;

/// Files, and the color space that djxl is to convert them to. XYB pictures with an ICC profile are
/// output as sRGB here. `spot` is judged by its reference picture in the decoder's own tests:
/// djxl does not mix spot colors into floats.
const FILES: [(&str, Option<&str>); 18] = [
    ("alpha_nonpremultiplied", None),
    ("alpha_triangles", None),
    ("animation_icos4d", None),
    ("animation_newtons_cradle", None),
    ("bench_oriented_brg", None),
    ("bicycles", None),
    ("blendmodes", None),
    ("cafe", None),
    ("delta_palette", None),
    ("grayscale", Some("Gra_D65_Rel_SRG")),
    ("grayscale_jpeg", None),
    ("grayscale_public_university", None),
    ("lossless_pfm", None),
    ("noise", None),
    ("patches", Some("RGB_D65_SRG_Rel_SRG")),
    ("patches_lossless", None),
    ("progressive", Some("RGB_D65_SRG_Rel_SRG")),
    ("upsampling", None),
];

/// Files that djxl 0.7 decodes wrongly: it clamps alpha of `blendmodes`, which says that alpha is
/// not clamped, and draws other noise in `noise`.
const WRONG_IN_0_7: [&str; 2] = ["blendmodes", "noise"];

/// Pictures of floats: their number, height, width and channels, and samples one after the other.
struct Floats {
    shape: [usize; 4],
    samples: Vec<f32>,
}

/// Returns the RMS and peak error that the suite allows for each picture of a file.
fn allowed(folder: &Path, name: &str) -> Vec<[f64; 2]> {
    let json = fs::read_to_string(folder.join(format!("refs/{name}.test.json"))).expect(name);
    let values = |key: &str| {
        let key = format!("\"{key}\":");
        let parts = json.split(&key).skip(1);
        let numbers = parts.map(|part| part.split([',', '\n', '}']).next().unwrap().trim());
        let parsed = numbers.map(|number| number.parse::<f64>().expect(name));
        parsed.collect::<Vec<_>>()
    };
    let pairs = values("rms_error").into_iter().zip(values("peak_error"));
    pairs.map(|(rms, peak)| [rms, peak]).collect()
}

/// Decodes with djxl, which writes floats in a file of NumPy's format, version 1.0.
fn by_djxl(file: &Path, color_space: Option<&str>) -> Floats {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.npy");
    let mut command = Command::new("djxl");
    command.args([file, &out]).stdin(Stdio::null());
    command.args(color_space.map(|space| format!("--color_space={space}")));
    let output = command.output().unwrap();
    assert!(output.status.success(), "djxl: {output:?}");
    let bytes = fs::read(out).unwrap();
    assert_eq!(bytes[..8], *b"\x93NUMPY\x01\x00");
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = str::from_utf8(&bytes[10..start]).unwrap();
    assert!(header.contains("'<f4'") && header.contains("'fortran_order': False"));
    let (_, shape) = header.split_once("'shape': (").unwrap();
    let (shape, _) = shape.split_once(')').unwrap();
    let shape: Vec<usize> = shape
        .split(',')
        .map(|n| n.trim().parse().unwrap())
        .collect();
    Floats {
        shape: shape.try_into().unwrap(),
        samples: bytemuck::pod_collect_to_vec(&bytes[start..]),
    }
}

/// Decodes all pictures with jxl-arena, in the layout that the file has.
fn by_arena(file: &Path) -> Floats {
    let file = fs::read(file).unwrap();
    let picture = Decoder::default().read(&file).unwrap();
    let (info, layout) = (picture.info(), picture.info().layout());
    let mut shape = [
        0,
        info.height as usize,
        info.width as usize,
        layout.channels(),
    ];
    let mut samples = Vec::new();
    let mut frames = picture.frames().unwrap();
    while let Some((_, picture)) = frames.decode_next::<f32>(layout).unwrap() {
        shape[0] += 1;
        samples.extend(picture);
    }
    Floats { shape, samples }
}

/// Returns RMS and peak error of each channel of picture `index`. djxl may write more channels.
fn errors(ours: &Floats, theirs: &Floats, index: usize) -> Vec<[f64; 2]> {
    let [_, height, width, channels] = ours.shape;
    let pixels = height * width;
    let picture = |floats: &Floats| {
        let samples = pixels * floats.shape[3];
        index * samples..(index + 1) * samples
    };
    let mut errors = vec![[0f64; 2]; channels];
    let ours = ours.samples[picture(ours)].chunks_exact(channels);
    let theirs = theirs.samples[picture(theirs)].chunks_exact(theirs.shape[3]);
    for (ours, theirs) in ours.zip(theirs) {
        for (channel, [squares, peak]) in errors.iter_mut().enumerate() {
            let error = (f64::from(ours[channel]) - f64::from(theirs[channel])).abs();
            *squares += error * error;
            *peak = peak.max(error);
        }
    }
    let rms = |[squares, peak]: [f64; 2]| [(squares / pixels as f64).sqrt(), peak];
    errors.into_iter().map(rms).collect()
}

#[test]
fn pictures_are_within_the_errors_that_the_suite_allows() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/conformance");
    if !folder.is_dir() {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    }
    let Ok(version) = Command::new("djxl").arg("--version").output() else {
        eprintln!("skipped: djxl is not installed");
        return;
    };
    let is_0_7 = String::from_utf8_lossy(&version.stdout).starts_with("djxl v0.7");
    for (name, color_space) in FILES {
        if is_0_7 && WRONG_IN_0_7.contains(&name) {
            eprintln!("skipped: {name}, which djxl 0.7 decodes wrongly");
            continue;
        }
        let file: PathBuf = folder.join(name).with_extension("jxl");
        let (ours, theirs) = (by_arena(&file), by_djxl(&file, color_space));
        assert_eq!(ours.shape[..3], theirs.shape[..3], "{name}");
        assert!(ours.shape[3] <= theirs.shape[3], "{name}");
        let allowed = allowed(&folder, name);
        assert_eq!(allowed.len(), ours.shape[0], "{name}");
        let mut worst = [0f64; 2];
        for (index, [rms, peak]) in allowed.into_iter().enumerate() {
            for (channel, error) in errors(&ours, &theirs, index).into_iter().enumerate() {
                let is_within = error[0] <= rms && error[1] <= peak;
                assert!(
                    is_within,
                    "{name}, picture {index}, channel {channel}: {error:?}"
                );
                worst = [worst[0].max(error[0]), worst[1].max(error[1])];
            }
        }
        println!("{name}: RMS {:.1e}, peak {:.1e}", worst[0], worst[1]);
    }
}
