//! XYB to sRGB samples between 0 and 1, many pixels at once.

use jxl_simd::{F32SimdVec, SimdDescriptor, SimdMask};

use super::light::LightTransform;

/// Linear light up to here is scaled, above it is raised to a power (IEC 61966-2-1).
const LINEAR_END: f32 = 0.003_130_8;
const LINEAR_SCALE: f32 = 12.92;
/// The power part, as a quotient of polynomials of the square root: at most 8e-7 off up to full
/// scale. Fitted by least squares, weighted again and again by what was off.
const NUMERATOR: [f32; 5] = [
    -0.050_273_71,
    0.877_428_8,
    28.235_805,
    63.098_576,
    13.284_363,
];
const DENOMINATOR: [f32; 4] = [1.0, 22.066_338, 62.130_266, 20.249_24];

/// Part of an [`LightTransform`] to sRGB, or to other primaries with its transfer function.
#[derive(Clone, Copy)]
pub(crate) struct XybToSrgb {
    /// Subtracted from the cone responses' roots.
    roots: [f32; 3],
    /// Cubes to linear light.
    matrix: [[f32; 3]; 3],
    offsets: [f32; 3],
}

impl XybToSrgb {
    pub(super) fn new(transform: &LightTransform) -> Self {
        let offsets = transform.to_linear.apply(transform.bias);
        Self {
            roots: transform.bias_roots.map(|root| root as f32),
            matrix: transform.to_linear.to_f32(),
            offsets: offsets.map(|offset| offset as f32),
        }
    }

    /// Red, green and blue of some pixels, clamped to 0 to 1.
    #[inline(always)]
    pub(crate) fn convert<D: SimdDescriptor>(
        &self,
        d: D,
        [x, y, b]: [D::F32Vec; 3],
    ) -> [D::F32Vec; 3] {
        let splat = |value| D::F32Vec::splat(d, value);
        let cubes = [
            cube(y + x - splat(self.roots[0])),
            cube(y - x - splat(self.roots[1])),
            cube(b - splat(self.roots[2])),
        ];
        // Written out: the methods of arrays that take closures are not always inlined.
        [
            self.channel(d, 0, cubes),
            self.channel(d, 1, cubes),
            self.channel(d, 2, cubes),
        ]
    }

    #[inline(always)]
    fn channel<D: SimdDescriptor>(&self, d: D, channel: usize, cubes: [D::F32Vec; 3]) -> D::F32Vec {
        let splat = |value| D::F32Vec::splat(d, value);
        let row = self.matrix[channel];
        let sum = cubes[0].mul_add(splat(row[0]), splat(self.offsets[channel]));
        let sum = cubes[1].mul_add(splat(row[1]), sum);
        encode(d, cubes[2].mul_add(splat(row[2]), sum))
    }
}

#[inline(always)]
fn cube<V: F32SimdVec>(root: V) -> V {
    root * root * root
}

/// The transfer function of sRGB, of linear light that is clamped to 0 to 1 first.
#[inline(always)]
fn encode<D: SimdDescriptor>(d: D, linear: D::F32Vec) -> D::F32Vec {
    let splat = |value| D::F32Vec::splat(d, value);
    // Not-a-number becomes 0 where the first operand is left out then.
    let linear = linear.max(splat(0.0)).min(splat(1.0));
    let root = linear.sqrt();
    let [n0, n1, n2, n3, n4] = NUMERATOR;
    let numerator = root.mul_add(splat(n4), splat(n3));
    let numerator = root.mul_add(numerator, splat(n2));
    let numerator = root.mul_add(numerator, splat(n1));
    let numerator = root.mul_add(numerator, splat(n0));
    let [d0, d1, d2, d3] = DENOMINATOR;
    let denominator = root.mul_add(splat(d3), splat(d2));
    let denominator = root.mul_add(denominator, splat(d1));
    let denominator = root.mul_add(denominator, splat(d0));
    let is_power = linear.gt(splat(LINEAR_END));
    is_power.if_then_else_f32(numerator / denominator, linear * splat(LINEAR_SCALE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Kernel, dispatch};

    struct Encode<'a>(&'a mut [f32]);

    impl Kernel for Encode<'_> {
        type Output = ();

        #[inline(always)]
        fn run<D: SimdDescriptor>(self, d: D) {
            for samples in self.0.chunks_exact_mut(D::F32Vec::LEN) {
                encode(d, D::F32Vec::load(d, samples)).store(samples);
            }
        }
    }

    #[test]
    fn encoding_is_that_of_the_standard() {
        const COUNT: usize = 1 << 18;
        let linear: Vec<f32> = (0..COUNT)
            .map(|i| i as f32 / COUNT as f32 * 1.2 - 0.1)
            .collect();
        let mut encoded = linear.clone();
        dispatch(Encode(&mut encoded));
        for (&linear, &found) in linear.iter().zip(&encoded) {
            let linear = f64::from(linear).clamp(0.0, 1.0);
            let expected = match linear {
                0.0..=0.003_130_8 => linear * 12.92,
                _ => 1.055 * linear.powf(1.0 / 2.4) - 0.055,
            };
            let apart = (f64::from(found) - expected).abs();
            assert!(apart < 1.5e-6, "{linear}: {found} instead of {expected}");
        }
    }
}
