//! Vectorized conversion from XYB to sRGB samples between 0 and 1.

use jxl_simd::{F32SimdVec, SimdDescriptor, SimdMask};

use super::light::LightTransform;
use crate::simd::{max, min};

/// Linear light up to here is scaled; above, it is raised to a power (IEC 61966-2-1).
const LINEAR_END: f32 = 0.003_130_8;
const LINEAR_SCALE: f32 = 12.92;
/// The power part as a quotient of polynomials of the square root, with an error of at most 8e-7 up
/// to full scale. It was fitted by least squares, repeatedly reweighted by the errors.
const NUMERATOR: [f32; 5] = [
    -0.050_273_71,
    0.877_428_8,
    28.235_805,
    63.098_576,
    13.284_363,
];
const DENOMINATOR: [f32; 4] = [1.0, 22.066_338, 62.130_266, 20.249_24];

/// A [`LightTransform`] to sRGB, or to other primaries with the transfer function of sRGB.
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

    /// Converts a vector of pixels to red, green and blue, clamped to 0 to 1.
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
        encode(
            d,
            [
                self.channel(d, 0, cubes),
                self.channel(d, 1, cubes),
                self.channel(d, 2, cubes),
            ],
        )
    }

    /// Linear light of a channel.
    #[inline(always)]
    fn channel<D: SimdDescriptor>(&self, d: D, channel: usize, cubes: [D::F32Vec; 3]) -> D::F32Vec {
        let splat = |value| D::F32Vec::splat(d, value);
        let row = self.matrix[channel];
        let sum = cubes[0] * splat(row[0]) + splat(self.offsets[channel]);
        let sum = cubes[1] * splat(row[1]) + sum;
        cubes[2] * splat(row[2]) + sum
    }
}

#[inline(always)]
fn cube<V: F32SimdVec>(root: V) -> V {
    root * root * root
}

/// The transfer function of sRGB for linear light, which is clamped to 0 to 1 first. Three channels
/// are computed together, because they share more vectors of constants than the processor has
/// registers.
#[inline(always)]
fn encode<D: SimdDescriptor>(d: D, mut linear: [D::F32Vec; 3]) -> [D::F32Vec; 3] {
    let splat = |value| D::F32Vec::splat(d, value);
    let (zero, one) = (splat(0.0), splat(1.0));
    let mut roots = [zero; 3];
    for (linear, root) in linear.iter_mut().zip(&mut roots) {
        // Not-a-number becomes 0.
        *linear = min(max(*linear, zero), one);
        *root = linear.sqrt();
    }
    let numerators = polynomials(d, roots, &NUMERATOR);
    let denominators = polynomials(d, roots, &DENOMINATOR);
    let (end, scale) = (splat(LINEAR_END), splat(LINEAR_SCALE));
    let mut encoded = [zero; 3];
    for (channel, encoded) in encoded.iter_mut().enumerate() {
        let linear = linear[channel];
        let power = numerators[channel] / denominators[channel];
        *encoded = linear.gt(end).if_then_else_f32(power, linear * scale);
    }
    encoded
}

/// A polynomial of three vectors; the constant coefficient comes first.
#[inline(always)]
fn polynomials<D: SimdDescriptor, const N: usize>(
    d: D,
    x: [D::F32Vec; 3],
    coefficients: &[f32; N],
) -> [D::F32Vec; 3] {
    let mut sums = [D::F32Vec::splat(d, coefficients[N - 1]); 3];
    for &coefficient in coefficients[..N - 1].iter().rev() {
        let coefficient = D::F32Vec::splat(d, coefficient);
        for (sum, x) in sums.iter_mut().zip(&x) {
            *sum = *x * *sum + coefficient;
        }
    }
    sums
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
            let lanes = D::F32Vec::LEN;
            for samples in self.0.chunks_exact_mut(3 * lanes) {
                let channel = |index: usize| D::F32Vec::load(d, &samples[index * lanes..]);
                let encoded = encode(d, [channel(0), channel(1), channel(2)]);
                for (samples, encoded) in samples.chunks_exact_mut(lanes).zip(encoded) {
                    encoded.store(samples);
                }
            }
        }
    }

    #[test]
    fn encoding_is_that_of_the_standard() {
        const COUNT: usize = 3 << 17;
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
