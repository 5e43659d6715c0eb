//! `--reduce` and `--fit`.

use std::fs;

use jxl_arena::{Decoder, Layout, Reduction};

use super::{Folder, assert_succeeds, decode, sample};
use crate::support::{assert_same, read_png, read_pngs};

fn reduced(name: &str, reduction: Reduction) -> (usize, Vec<u16>) {
    let file = fs::read(sample(name)).unwrap();
    let picture = Decoder::default().read(&file).unwrap().reduced(reduction);
    let samples = picture.decode::<u8>(Layout::Rgb).unwrap();
    let samples = samples.into_iter().map(u16::from).collect();
    (picture.info().width as usize, samples)
}

#[test]
fn reduced_pictures_are_those_of_the_library() {
    let folder = Folder::new("reduce");
    for (name, factor) in [
        ("rgb8_e3_g0", "2"),
        ("vardct_groups", "4"),
        ("vardct_groups", "8"),
    ] {
        let out = folder.file("out.png");
        assert_succeeds(&decode(&sample(name), &out, &["--reduce", factor]));
        let png = read_png(&out);
        let reduction = Reduction::from_factor(factor.parse().unwrap()).unwrap();
        let (width, samples) = reduced(name, reduction);
        assert_eq!((png.width, png.channels), (width, 3), "{name}");
        assert_same(name, (width, 3), &png.values, &samples);
    }
}

/// The exact size, from the next larger reduction.
#[test]
fn fitted_pictures_have_the_exact_size() {
    let folder = Folder::new("fit");
    // 390 x 265 pixels.
    let name = "rgb8_e3_g0";
    let file = fs::read(sample(name)).unwrap();
    let full = Decoder::default().read(&file).unwrap();
    assert_eq!((full.info().width, full.info().height), (390, 265));
    for (fit, size, reduction) in [
        ("49x34", (49, 33), Reduction::Eighth),
        ("50x34", (50, 34), Reduction::Quarter),
        ("195x1000", (195, 133), Reduction::Half),
        ("100x100", (100, 68), Reduction::Half),
        ("1000x60", (88, 60), Reduction::Quarter),
        ("300x300", (300, 204), Reduction::Full),
        ("10x10", (10, 7), Reduction::Eighth),
        ("390x265", (390, 265), Reduction::Full),
        ("5000x4000", (390, 265), Reduction::Full),
    ] {
        let out = folder.file("out.png");
        assert_succeeds(&decode(&sample(name), &out, &["--fit", fit]));
        let png = read_png(&out);
        assert_eq!((png.width, png.height), size, "{fit}");
        let (width, samples) = reduced(name, reduction);
        let expected = averaged((width, &samples), size);
        for (index, (&sample, expected)) in png.values.iter().zip(expected).enumerate() {
            let difference = (f64::from(sample) - expected).abs();
            assert!(
                difference <= 0.5 + 1e-6,
                "{fit}, sample {index}: {difference}"
            );
        }
    }
}

/// Averages over equal parts of a picture of three channels, as many as `size` has pixels.
fn averaged((width, samples): (usize, &[u16]), size: (usize, usize)) -> Vec<f64> {
    let height = samples.len() / (3 * width);
    let spans = |from: usize, to: usize| {
        let length = from as f64 / to as f64;
        (0..to).map(move |index| {
            let (start, end) = (index as f64 * length, (index + 1) as f64 * length);
            let parts = (0..from).map(move |at| {
                let covered = end.min(at as f64 + 1.0) - start.max(at as f64);
                (at, covered / length)
            });
            parts.filter(|&(_, part)| part > 0.0).collect::<Vec<_>>()
        })
    };
    let columns = spans(width, size.0).collect::<Vec<_>>();
    let rows = spans(height, size.1);
    let averages = rows.flat_map(|rows| {
        let pixels = columns.iter().map(move |columns| {
            [0, 1, 2].map(|channel| {
                let row = |y: usize| {
                    let at = |x: usize| f64::from(samples[3 * (y * width + x) + channel]);
                    columns.iter().map(|&(x, part)| part * at(x)).sum::<f64>()
                };
                rows.iter().map(|&(y, part)| part * row(y)).sum::<f64>()
            })
        });
        pixels.flatten().collect::<Vec<_>>()
    });
    averages.collect()
}

#[test]
fn animations_fit() {
    let folder = Folder::new("fit-animation");
    let (name, out) = ("animation_vardct", folder.file("out.png"));
    assert_succeeds(&decode(&sample(name), &out, &["--fit=20x20", "--repeat=2"]));
    let file = fs::read(sample(name)).unwrap();
    let picture = Decoder::default().read(&file).unwrap();
    let pictures = read_pngs(&out);
    assert_eq!(pictures.len(), picture.frame_infos().count());
    for png in pictures {
        assert_eq!(png.width.max(png.height), 20);
    }
}

#[test]
fn other_sizes_are_wrong_usage() {
    let folder = Folder::new("fit-usage");
    let out = folder.file("out.png");
    for options in [
        &["--reduce=3"][..],
        &["--reduce=0"],
        &["--fit=0x10"],
        &["--fit=10"],
        &["--fit=10x10", "--reduce=2"],
        &["--fit=10x10", "--region=1x1+0+0"],
        &["--reduce=2", "--region=1x1+0+0"],
    ] {
        let output = decode(&sample("rgb8_e3_g0"), &out, options);
        assert_eq!(output.status.code(), Some(2), "{options:?}");
        assert!(!out.exists());
    }
}
