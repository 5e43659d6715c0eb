//! The profile connection space: XYZ of a D50 white with Y = 1, and L*a*b* relative to it.

/// XYZ of the white (ICC.1:2022, 7.2.16).
pub(super) const WHITE: [f32; 3] = [0.9642, 1.0, 0.8249];
/// XYZ that 0xFFFF stands for (ICC.1:2022, 6.3.4.2).
const MOST_XYZ: f32 = 1.0 + 32_767.0 / 32_768.0;
/// Factor from L*a*b* of lut16Type to that of other types (ICC.1:2022, 10.10).
const LEGACY_SCALE: f32 = 65_535.0 / 65_280.0;
/// Above this, L*a*b* uses the cube root; below it, a line (CIE 15: 216 / 24389).
const ROOT_START: f32 = 24.0 / 116.0 * (24.0 / 116.0) * (24.0 / 116.0);

/// Encodings of colors of the connection space as numbers from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// XYZ as it is.
    Light,
    Xyz,
    Lab,
    /// L*a*b* in lut16Type, of every version.
    LegacyLab,
}

impl Encoding {
    pub(super) fn to_xyz(self, [a, b, c, _]: [f32; 4]) -> [f32; 3] {
        let lab = |scale: f32| {
            let [l, a, b] = [a, b, c].map(|value| value * scale);
            lab_to_xyz([100.0 * l, 255.0 * a - 128.0, 255.0 * b - 128.0])
        };
        match self {
            Self::Light => [a, b, c],
            Self::Xyz => [a, b, c].map(|value| value * MOST_XYZ),
            Self::Lab => lab(1.0),
            Self::LegacyLab => lab(LEGACY_SCALE),
        }
    }

    pub(super) fn encode_xyz(self, xyz: [f32; 3]) -> [f32; 4] {
        let lab = |scale: f32| {
            let [l, a, b] = xyz_to_lab(xyz);
            let numbers = [l / 100.0, (a + 128.0) / 255.0, (b + 128.0) / 255.0];
            numbers.map(|value| value / scale)
        };
        let [a, b, c] = match self {
            Self::Light => xyz,
            Self::Xyz => xyz.map(|value| value / MOST_XYZ),
            Self::Lab => lab(1.0),
            Self::LegacyLab => lab(LEGACY_SCALE),
        };
        [a, b, c, 0.0]
    }
}

pub(super) fn lab_to_xyz([l, a, b]: [f32; 3]) -> [f32; 3] {
    let y = (l + 16.0) / 116.0;
    let light = |root: f32| match root > 24.0 / 116.0 {
        true => root * root * root,
        false => (108.0 / 841.0) * (root - 16.0 / 116.0),
    };
    let light = [y + a / 500.0, y, y - b / 200.0].map(light);
    std::array::from_fn(|k| light[k] * WHITE[k])
}

pub(super) fn xyz_to_lab(xyz: [f32; 3]) -> [f32; 3] {
    let root = |light: f32| match light > ROOT_START {
        true => light.cbrt(),
        false => (841.0 / 108.0) * light + 16.0 / 116.0,
    };
    let [x, y, z]: [f32; 3] = std::array::from_fn(|k| root(xyz[k] / WHITE[k]));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of CIE 15: the white, and a gray of a fifth of its light.
    #[test]
    fn lightness_is_that_of_the_standard() {
        let [l, a, b] = xyz_to_lab(WHITE);
        assert!((l - 100.0).abs() < 1e-4 && a.abs() < 1e-4 && b.abs() < 1e-4);
        let [l, ..] = xyz_to_lab(WHITE.map(|value| value * 0.184_187));
        assert!((l - 50.0).abs() < 1e-3, "{l}");
    }

    #[test]
    fn every_encoding_has_an_inverse() {
        for encoding in [
            Encoding::Light,
            Encoding::Xyz,
            Encoding::Lab,
            Encoding::LegacyLab,
        ] {
            for xyz in [
                [0.3, 0.2, 0.1],
                [0.0, 0.0, 0.0],
                [0.004, 0.003, 0.002],
                WHITE,
            ] {
                let found = encoding.to_xyz(encoding.encode_xyz(xyz));
                for (found, expected) in found.iter().zip(xyz) {
                    assert!((found - expected).abs() < 2e-6, "{encoding:?} {xyz:?}");
                }
            }
        }
    }
}
