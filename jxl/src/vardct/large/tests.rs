use frame_arena::{Arena, PlaneAlloc};
use jxl_transforms::transform::transform_to_pixels_impl;
use jxl_transforms::transform_map::HfTransformType;

use super::*;
use crate::simd::{dispatch, dispatch_octets};
use crate::vardct::QuantBias;
use crate::vardct::bias::pack_signed;

/// A transform type with memory for its samples.
struct Whole<'a> {
    transform: TransformType,
    lf: &'a mut [f32],
    values: &'a mut [f32],
}

impl Kernel for Whole<'_> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, d: D) {
        let transform = HfTransformType::from_usize(self.transform as usize);
        transform_to_pixels_impl(d, transform.unwrap(), self.lf, self.values);
    }
}

/// Some coefficients of a varblock: position and value.
fn coefficients(area: Area, seed: u32) -> Vec<(u16, i32)> {
    let mut random = seed;
    let mut next = || {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        random >> 8
    };
    let count = (area.width * area.height) as u32;
    let coefficients = (0..300).map(|_| ((next() % count) as u16, next() as i32 % 9 - 4));
    coefficients.collect()
}

const BIAS: QuantBias = QuantBias {
    unit: [0.9, 0.8, 0.7],
    numerator: 0.145,
};
const SCALES: [f32; 3] = [1.5, 0.5, 0.25];
const FROM_Y: [f32; 2] = [0.25, -0.5];

/// Values of the three channels in coefficient layout.
fn values(sums: [Vec<i32>; 3], factors: &[f32]) -> [Vec<f32>; 3] {
    let mut channel = 0;
    let [mut x, y, mut b] = sums.map(|sums| {
        let quantized = sums.iter().zip(factors);
        let values = quantized.map(|(&quantized, factor)| match quantized {
            0 => 0.0,
            quantized => {
                ChannelBias::new(&BIAS, channel).apply(quantized) * factor * SCALES[channel]
            }
        });
        let values = values.collect::<Vec<_>>();
        channel += 1;
        values
    });
    for (chroma, from_y) in [(&mut x, FROM_Y[0]), (&mut b, FROM_Y[1])] {
        for (value, luma) in chroma.iter_mut().zip(&y) {
            *value += from_y * luma;
        }
    }
    [x, y, b]
}

fn check(transform: TransformType) {
    let arena = Arena::new();
    let frame = arena.frame();
    let area = Area::new(transform, Pos::new(2, 1));
    let len = area.width * area.height;
    let lf = frame.plane_from_fn(40, 40, |x, y| (x * x) as f32 * 0.01 - y as f32);
    let lf = lf.unwrap();
    let factors: Vec<f32> = (0..len).map(|i| 0.5 + (i % 77) as f32 * 0.01).collect();
    let mut planes = frame.planes::<f32>(3, 16 + 256, 8 + 256).unwrap();
    let mut samples: Vec<_> = planes.planes_mut().collect();
    let mut sums = [0, 1, 2].map(|_| vec![0; len]);
    for (channel, samples) in samples.iter_mut().enumerate() {
        samples.fill(f32::NAN);
        area.clear(samples);
        let mut in_place = InPlace { samples, area };
        for (position, value) in coefficients(area, channel as u32) {
            in_place.add(position, pack_signed(value), 0);
            sums[channel][usize::from(position)] += value;
        }
    }
    let mut samples: [PlaneViewMut<'_, f32>; 3] = samples.try_into().ok().unwrap();
    dispatch_octets(ReconstructLarge {
        transform,
        area,
        factors: [&factors; 3],
        scales: SCALES,
        biases: &[0, 1, 2].map(|channel| ChannelBias::new(&BIAS, channel)),
        from_y: FROM_Y,
        lf: &[lf.view(), lf.view(), lf.view()],
        lf_place: Pos::new(3, 4),
        samples: &mut samples,
        workspace: &mut vec![f32::NAN; WORKSPACE],
    });
    for (samples, mut expected) in samples.iter().zip(values(sums, &factors)) {
        let lf_rows = (4..4 + area.height / 8).flat_map(|y| &lf.row(y)[3..3 + area.width / 8]);
        dispatch(Whole {
            transform,
            lf: &mut lf_rows.copied().collect::<Vec<_>>(),
            values: &mut expected,
        });
        let largest = expected
            .iter()
            .fold(0.0, |most: f32, value| most.max(value.abs()));
        for (y, expected) in (area.y..).zip(expected.chunks_exact(area.width)) {
            let row = &samples.row(y)[area.x..area.x + area.width];
            for (&sample, &expected) in row.iter().zip(expected) {
                let apart = (sample - expected).abs();
                let is_near = apart < 1e-5 * largest;
                assert!(is_near, "{transform:?}: {sample} {expected}");
            }
        }
    }
}

#[test]
fn samples_are_those_of_a_transform_in_memory_of_its_own() {
    use TransformType as T;
    check(T::Dct128x128);
    check(T::Dct128x64);
    check(T::Dct64x128);
    check(T::Dct256x256);
    check(T::Dct256x128);
    check(T::Dct128x256);
}
