use super::light::TargetPrimaries;
use super::matrix::{Matrix, xyz};
use super::*;
use crate::color::encoding::Chromaticity;

const OPSIN: OpsinInverse = OpsinInverse {
    matrix: [
        [11.031_567, -9.866_944, -0.164_623],
        [-3.254_147_4, 4.418_770_4, -0.164_623],
        [-3.658_851_3, 2.712_923, 1.945_928_2],
    ],
    bias: [-0.003_793_073_3; 3],
};

/// Encodings of each kind of primaries and white.
fn encodings() -> Vec<ColorEncoding> {
    let custom = Chromaticity {
        x: 345_700,
        y: 358_500,
    };
    let pairs = [
        (Primaries::Srgb, WhitePoint::D65),
        (Primaries::P3, WhitePoint::D65),
        (Primaries::P3, WhitePoint::Dci),
        (Primaries::Bt2100, WhitePoint::D65),
        (Primaries::Srgb, WhitePoint::E),
        (Primaries::Bt2100, WhitePoint::Custom(custom)),
    ];
    let encoding = |(primaries, white_point)| ColorEncoding {
        primaries,
        white_point,
        ..ColorEncoding::SRGB
    };
    pairs.map(encoding).to_vec()
}

/// Red, green and blue of a target have its chromaticities, and white stays white.
#[test]
fn matrices_lead_to_the_primaries_of_the_target() {
    for target in encodings() {
        let primaries = TargetPrimaries::new(&target).unwrap();
        let white = primaries.from_linear_srgb.apply([1.0; 3]);
        for channel in white {
            assert!((channel - 1.0).abs() < 1e-12, "{target:?} {white:?}");
        }
        let white = target.white_point.xy();
        let adapt = Matrix::adaptation(xyz(WhitePoint::D65.xy()), xyz(white)).unwrap();
        let back = primaries.from_linear_srgb.inverse().unwrap();
        let to_xyz = adapt.times(Matrix::srgb_to_xyz().unwrap()).times(back);
        for (column, [x, y]) in target.primaries.xy().into_iter().enumerate() {
            let color = to_xyz.column(column);
            let sum: f64 = color.iter().sum();
            let apart = (color[0] / sum - x).abs() + (color[1] / sum - y).abs();
            assert!(apart < 1e-12, "{target:?}: {apart}");
        }
    }
}

/// ITU-R BT.2087 gives the matrix from BT.709 to BT.2020 to four digits.
#[test]
fn matrix_to_bt2020_is_the_published_one() {
    let target = ColorEncoding {
        primaries: Primaries::Bt2100,
        ..ColorEncoding::SRGB
    };
    let published = [
        [0.6274, 0.3293, 0.0433],
        [0.0691, 0.9195, 0.0114],
        [0.0164, 0.0880, 0.8956],
    ];
    let rows = TargetPrimaries::new(&target)
        .unwrap()
        .from_linear_srgb
        .rows();
    for (published, computed) in published.iter().flatten().zip(rows.iter().flatten()) {
        assert!(
            (published - computed).abs() < 1e-4,
            "{published} {computed}"
        );
    }
}

/// X, Y and B of linear sRGB colors around and beyond the cube of 0 to 1 (ISO/IEC 18181-1, L.2).
fn grid() -> Vec<[f32; 3]> {
    const STEPS: i32 = 28;
    let cones = Matrix::from_f32(OPSIN.matrix).inverse().unwrap();
    let level = |step: i32| f64::from(step) / 20.0 - 0.15;
    let colors = (0..STEPS.pow(3)).map(|i| [i, i / STEPS, i / STEPS.pow(2)]);
    let colors = colors.map(|steps| steps.map(|step| level(step % STEPS)));
    colors
        .map(|color| {
            let bias = f64::from(OPSIN.bias[0]);
            let [l, m, s] = cones
                .apply(color)
                .map(|cone| (cone - bias).cbrt() + bias.cbrt());
            [(l - m) / 2.0, (l + m) / 2.0, s].map(|value| value as f32)
        })
        .collect()
}

/// Linear sRGB of X, Y and B, in double precision.
fn light([x, y, b]: [f32; 3]) -> [f64; 3] {
    let [x, y, b] = [x, y, b].map(f64::from);
    let bias = f64::from(OPSIN.bias[0]);
    let cones = [y + x, y - x, b].map(|root| (root - bias.cbrt()).powi(3) + bias);
    Matrix::from_f32(OPSIN.matrix).apply(cones)
}

/// The samples of light in double precision. Negative light is encoded as the curves define.
fn encode(function: TransferFunction, light: f64) -> f64 {
    let magnitude = light.abs();
    match function {
        TransferFunction::Srgb => match magnitude <= 0.003_130_8 {
            true => 12.92 * light,
            false => (1.055 * magnitude.powf(1.0 / 2.4) - 0.055).copysign(light),
        },
        TransferFunction::Bt709 => match light < 0.018 {
            true => 4.5 * light,
            false => 1.099 * light.powf(0.45) - 0.099,
        },
        TransferFunction::Dci => light.max(0.0).powf(1.0 / 2.6),
        TransferFunction::Gamma { exponent } => light.max(0.0).powf(f64::from(exponent) / 1e7),
        _ => light,
    }
}

/// The whole way from X, Y and B to float samples, of light from -0.15 to 1.25. The curves of the
/// other functions have tests of their own.
#[test]
fn float_samples_are_exact() {
    let functions = [
        TransferFunction::Linear,
        TransferFunction::Srgb,
        TransferFunction::Bt709,
        TransferFunction::Dci,
        TransferFunction::Gamma {
            exponent: 4_545_455,
        },
    ];
    let xyb = grid();
    for encoding in encodings() {
        let primaries = TargetPrimaries::new(&encoding).unwrap();
        for transfer_function in functions {
            let target = ColorEncoding {
                transfer_function,
                ..encoding
            };
            let transform = LightTransform::new(&target, &OPSIN, 255.0).unwrap();
            let mut rows = [0, 1, 2].map(|k| xyb.iter().map(|xyb| xyb[k]).collect::<Vec<_>>());
            transform.run(&mut rows.each_mut().map(Vec::as_mut_slice));
            let mut largest = 0f64;
            for (index, &xyb) in xyb.iter().enumerate() {
                let light = primaries.from_linear_srgb.apply(light(xyb));
                for (row, light) in rows.iter().zip(light) {
                    let expected = encode(transfer_function, light);
                    let apart = (f64::from(row[index]) - expected).abs();
                    largest = largest.max(apart);
                }
            }
            assert!(largest < 1e-6, "{target:?}: {largest}");
        }
    }
}
