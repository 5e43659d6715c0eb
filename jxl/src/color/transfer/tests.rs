use super::*;

const BT2100_LUMINANCES: [f64; 3] = [0.2627, 0.6780, 0.0593];
const TARGETS: [f32; 5] = [100.0, 255.0, 300.0, 1000.0, 4000.0];

fn encoding(transfer_function: TransferFunction) -> ColorEncoding {
    ColorEncoding {
        transfer_function,
        ..ColorEncoding::SRGB
    }
}

fn transfer(function: TransferFunction, intensity_target: f32) -> Transfer {
    Transfer::new(&encoding(function), BT2100_LUMINANCES, intensity_target)
}

/// Light from far below 0 to far above 1, dense between and around 0.
fn light() -> Vec<f32> {
    const COUNT: i32 = 1 << 17;
    let even = (-COUNT / 4..=COUNT).map(|step| step as f32 / COUNT as f32);
    let powers = (-1200..=60).map(|step| (step as f32 / 10.0).exp2());
    let powers = powers.flat_map(|power| [power, -power]);
    even.chain(powers).chain([0.0, -0.0]).collect()
}

/// Asserts that all light is encoded as `expected`, within 1e-6 of the larger of full scale and the
/// sample.
fn check(name: &str, transfer: Transfer, expected: impl Fn(f64) -> f64) {
    let linear = light();
    let mut encoded = linear.clone();
    transfer.run_curve(&mut encoded);
    for (&linear, &found) in linear.iter().zip(&encoded) {
        let expected = expected(f64::from(linear));
        let apart = (f64::from(found) - expected).abs() / expected.abs().max(1.0);
        assert!(
            apart < 1e-6,
            "{name} of {linear}: {found} instead of {expected}"
        );
    }
}

/// The function continued to negative light with opposite sign.
fn mirrored(function: impl Fn(f64) -> f64) -> impl Fn(f64) -> f64 {
    move |linear| function(linear.abs()).copysign(linear)
}

/// All colors whose components are among `values`.
fn triples(values: &[f32]) -> Vec<[f32; 3]> {
    let triples = values.iter().flat_map(|&r| {
        let pairs = values
            .iter()
            .flat_map(move |&g| values.iter().map(move |&b| (g, b)));
        pairs.map(move |(g, b)| [r, g, b])
    });
    triples.collect()
}

#[test]
fn srgb_is_that_of_the_standard() {
    let expected = |x: f64| match x <= 0.003_130_8 {
        true => 12.92 * x,
        false => 1.055 * x.powf(1.0 / 2.4) - 0.055,
    };
    let srgb = transfer(TransferFunction::Srgb, 255.0);
    check("sRGB", srgb, mirrored(expected));
}

#[test]
fn srgb_is_decoded_as_the_standard_says() {
    let expected = mirrored(|x| match x <= 0.040_45 {
        true => x / 12.92,
        false => ((x + 0.055) / 1.055).powf(2.4),
    });
    let samples: Vec<f32> = (-400..=1400).map(|step| step as f32 / 1000.0).collect();
    let mut light = samples.clone();
    let [mut green, mut blue] = [samples.clone(), samples.clone()];
    srgb_to_light([&mut light, &mut green, &mut blue]);
    assert!(light == green && light == blue);
    for (&sample, &found) in samples.iter().zip(&light) {
        let apart = (f64::from(found) - expected(f64::from(sample))).abs();
        assert!(apart < 1e-6, "{sample}: {found}");
    }
}

#[test]
fn bt709_is_that_of_the_standard() {
    check(
        "BT.709",
        transfer(TransferFunction::Bt709, 255.0),
        |x| match x < 0.018 {
            true => 4.5 * x,
            false => 1.099 * x.powf(0.45) - 0.099,
        },
    );
}

#[test]
fn powers_are_exact() {
    check("linear", transfer(TransferFunction::Linear, 255.0), |x| x);
    let dci = transfer(TransferFunction::Dci, 255.0);
    check("DCI", dci, |x| x.max(0.0).powf(1.0 / 2.6));
    for exponent in [1_221, 3_333_333, 4_545_455, 10_000_000] {
        let gamma = transfer(TransferFunction::Gamma { exponent }, 255.0);
        let exponent = f64::from(exponent) / 1e7;
        check("gamma", gamma, |x| x.max(0.0).powf(exponent));
    }
}

/// ITU-R BT.2100, table 4.
fn pq(nits: f64) -> f64 {
    let (m1, m2) = (2610.0 / 16384.0, 2523.0 / 32.0);
    let (c1, c2, c3) = (3424.0 / 4096.0, 2413.0 / 128.0, 2392.0 / 128.0);
    let y = (nits / 10_000.0).powf(m1);
    ((c1 + c2 * y) / (1.0 + c3 * y)).powf(m2)
}

#[test]
fn pq_is_that_of_the_standard() {
    for target in [100.0, 255.0, 1000.0, 10_000.0] {
        let transfer = transfer(TransferFunction::Pq, target);
        check("PQ", transfer, mirrored(|x| pq(x * f64::from(target))));
    }
}

/// ITU-R BT.2100, table 5.
fn hlg(scene: f64) -> f64 {
    let a = 0.178_832_77f64;
    let (b, c) = (1.0 - 4.0 * a, 0.5 - a * (4.0 * a).ln());
    match scene <= 1.0 / 12.0 {
        true => (3.0 * scene).sqrt(),
        false => a * (12.0 * scene - b).ln() + c,
    }
}

#[test]
fn hlg_is_that_of_the_standard() {
    check("HLG", transfer(TransferFunction::Hlg, 300.0), mirrored(hlg));
}

fn inverse_ootf(luminance: f64, target: f32) -> f64 {
    let gamma = 1.2 * 1.111f64.powf((f64::from(target) / 1000.0).log2());
    luminance.powf((1.0 - gamma) / gamma)
}

#[test]
fn hlg_starts_with_the_light_of_the_scene() {
    for target in TARGETS {
        let transfer = transfer(TransferFunction::Hlg, target);
        let colors = triples(&[0.001, 0.02, 0.3, 0.5, 0.9, 1.0, 1.5]);
        let mut rows = [0, 1, 2].map(|k| colors.iter().map(|rgb| rgb[k]).collect::<Vec<f32>>());
        transfer.run_rgb(&mut rows.each_mut().map(Vec::as_mut_slice));
        for (index, rgb) in colors.iter().enumerate() {
            let products = rgb.iter().zip(BT2100_LUMINANCES);
            let luminance = products.map(|(&value, y)| f64::from(value) * y).sum();
            let ratio = match target {
                // The system gamma is 1 as good as.
                300.0 => 1.0,
                _ => inverse_ootf(luminance, target),
            };
            for (row, &linear) in rows.iter().zip(rgb) {
                let expected = hlg(f64::from(linear) * ratio);
                let apart = (f64::from(row[index]) - expected).abs();
                assert!(apart < 1e-6, "{target} nits, {rgb:?}: {apart}");
            }
        }
        let negative = |k: usize| colors.iter().map(|rgb| -rgb[k]).collect::<Vec<f32>>();
        let mut mirrored = [0, 1, 2].map(negative);
        transfer.run_rgb(&mut mirrored.each_mut().map(Vec::as_mut_slice));
        let pairs = rows.iter().flatten().zip(mirrored.iter().flatten());
        pairs.for_each(|(positive, negative)| assert_eq!(*positive, -negative));
    }
}

#[test]
fn gray_hlg_is_that_of_equal_colors() {
    for target in TARGETS {
        let transfer = transfer(TransferFunction::Hlg, target);
        let mut gray = light();
        let mut rgb = [(); 3].map(|()| gray.clone());
        transfer.run_gray(&mut gray);
        transfer.run_rgb(&mut rgb.each_mut().map(Vec::as_mut_slice));
        for (gray, red) in gray.iter().zip(&rgb[0]) {
            assert!((gray - red).abs() <= 1e-6 * red.abs().max(1.0));
        }
    }
}

/// Colors out of the target's gamut can have a negative luminance.
#[test]
fn no_light_makes_samples_that_are_not_finite() {
    let functions = [
        TransferFunction::Srgb,
        TransferFunction::Bt709,
        TransferFunction::Pq,
        TransferFunction::Hlg,
        TransferFunction::Dci,
        TransferFunction::Gamma { exponent: 1_221 },
    ];
    let values = [-1e30, -1.0, -1e-3, -1e-30, -0.0, 0.0, 1e-30, 0.5, 1e30];
    let colors = triples(&values);
    for function in functions {
        for target in TARGETS {
            let transfer = transfer(function, target);
            let mut rows = [0, 1, 2].map(|k| colors.iter().map(|rgb| rgb[k]).collect::<Vec<f32>>());
            transfer.run_rgb(&mut rows.each_mut().map(Vec::as_mut_slice));
            let is_finite = rows.iter().flatten().all(|sample| sample.is_finite());
            assert!(is_finite, "{function:?} at {target} nits");
        }
    }
}

#[test]
fn any_length_is_encoded() {
    let transfer = transfer(TransferFunction::Srgb, 255.0);
    for length in 0..40 {
        let mut row = vec![0.5; length + 1];
        transfer.run_gray(&mut row[..length]);
        assert_eq!(row[length], 0.5);
        let expected = 1.055 * 0.5f64.powf(1.0 / 2.4) - 0.055;
        let apart = |&sample: &f32| (f64::from(sample) - expected).abs();
        assert!(row[..length].iter().all(|sample| apart(sample) < 1e-6));
    }
}
