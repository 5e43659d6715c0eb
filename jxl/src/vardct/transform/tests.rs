//! Checks against two references: the sums of cosines of ISO/IEC 18181-1 in `f64`, and the
//! transforms of jxl-rs.

use std::f64::consts::{PI, SQRT_2};

use frame_arena::{Arena, PlaneAlloc, PlaneViewMut};
use jxl_simd::{ScalarDescriptor, SimdDescriptor};
use jxl_transforms::transform::transform_to_pixels_impl;
use jxl_transforms::transform_map::HfTransformType;

use super::*;
use crate::grid::Size;
use crate::simd::{Kernel, dispatch, dispatch_octets};

/// A varblock of up to 64 x 64 samples.
pub(super) struct Varblock {
    pub(super) transform: TransformType,
    lf: Vec<f32>,
    /// All coefficients except the lowest frequencies.
    coefficients: Vec<f32>,
    positions: Positions,
}

impl Varblock {
    /// All coefficients, including the lowest frequencies.
    pub(super) fn all(&self) -> (Vec<f32>, Positions) {
        let Size { width, height } = self.transform.blocks();
        let mut lf = self.lf.clone();
        lowest_from_lf(&mut lf, width);
        let (mut all, mut positions) = (self.coefficients.clone(), self.positions);
        for y in 0..height {
            for x in 0..width {
                let position = lowest_position(self.transform, x, y);
                all[position] = lf[y * width + x];
                positions.add(position as u16);
            }
        }
        (all, positions)
    }
}

struct Ours<'a, 'p> {
    transform: TransformType,
    coefficients: &'a mut [f32],
    positions: Positions,
    out: PlaneViewMut<'p, f32>,
}

impl Kernel for Ours<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, d: D) {
        let mut spare = [f32::NAN; SPARE];
        let (coefficients, out) = (self.coefficients, self.out);
        inverse(
            d,
            self.transform,
            coefficients,
            self.positions,
            &mut spare,
            out,
        );
    }
}

struct Twin<'a> {
    transform: TransformType,
    lf: &'a mut [f32],
    samples: &'a mut [f32],
}

impl Kernel for Twin<'_> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, d: D) {
        let transform = HfTransformType::from_usize(self.transform as usize);
        transform_to_pixels_impl(d, transform.unwrap(), self.lf, self.samples);
    }
}

/// Runs with vectors of four lanes, if the processor has them.
fn run_quads(kernel: Ours<'_, '_>) {
    #[cfg(target_arch = "x86_64")]
    if let Some(d) = jxl_simd::Sse42Descriptor::new() {
        return d.call(
            #[inline(always)]
            |d| kernel.run(d),
        );
    }
    kernel.run(ScalarDescriptor);
}

const RUNS: [fn(Ours<'_, '_>); 3] = [
    |kernel| dispatch_octets(kernel),
    |kernel| run_quads(kernel),
    |kernel| kernel.run(ScalarDescriptor),
];

/// Samples of the varblock by each instruction set. Checks that nothing around them changes.
pub(super) fn samples(varblock: &Varblock) -> [Vec<f32>; 3] {
    let arena = Arena::new();
    let frame = arena.frame();
    let Size { width, height } = varblock.transform.blocks();
    let (width, height) = (8 * width, 8 * height);
    RUNS.map(|run| {
        let (mut coefficients, positions) = varblock.all();
        let mut plane = frame.plane::<f32>(width + 5, height + 4).unwrap();
        plane.fill(7.0);
        run(Ours {
            transform: varblock.transform,
            coefficients: &mut coefficients,
            positions,
            out: plane.view_mut().into_rect(3, 2, width, height),
        });
        let mut samples = Vec::new();
        for (y, row) in plane.rows().enumerate() {
            for (x, &sample) in row.iter().enumerate() {
                if (3..3 + width).contains(&x) && (2..2 + height).contains(&y) {
                    samples.push(sample);
                } else {
                    assert_eq!(sample, 7.0, "{:?}: {x}, {y}", varblock.transform);
                }
            }
        }
        samples
    })
}

fn twin_samples(varblock: &Varblock) -> Vec<f32> {
    let mut samples = varblock.coefficients.clone();
    dispatch(Twin {
        transform: varblock.transform,
        lf: &mut varblock.lf.clone(),
        samples: &mut samples,
    });
    samples
}

/// The contribution of frequency `k` of `n` to sample `i` (ISO/IEC 18181-1, I.2.1).
fn cosine(k: usize, i: usize, n: usize) -> f64 {
    let scale = if k == 0 { 1.0 } else { SQRT_2 };
    scale * (k as f64 * (i as f64 + 0.5) * PI / n as f64).cos()
}

/// Samples of a matrix of coefficients. Vertical frequencies increase downward.
fn naive(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let (height, width) = (rows.len(), rows[0].len());
    let line = |values: &[f64]| -> Vec<f64> {
        let n = values.len();
        let sample = |i| (0..n).map(|k| values[k] * cosine(k, i, n)).sum();
        (0..n).map(sample).collect()
    };
    let rows: Vec<Vec<f64>> = rows.iter().map(|row| line(row)).collect();
    let columns = (0..width).map(|x| line(&rows.iter().map(|row| row[x]).collect::<Vec<_>>()));
    let columns: Vec<Vec<f64>> = columns.collect();
    let row = |y: usize| columns.iter().map(|column| column[y]).collect();
    (0..height).map(row).collect()
}

/// Coefficients with vertical frequencies increasing downward, whatever the transform's layout.
fn upright(transform: TransformType, all: &[f32]) -> Vec<Vec<f64>> {
    let long = transform.long();
    let coefficient = |row: usize, column: usize| f64::from(all[row * long + column]);
    let short = all.len() / long;
    match transform.is_wide() {
        true => (0..short)
            .map(|v| (0..long).map(|u| coefficient(v, u)).collect())
            .collect(),
        false => (0..long)
            .map(|v| (0..short).map(|u| coefficient(u, v)).collect())
            .collect(),
    }
}

/// Passes varblocks of all types that fit in a workspace to `check`, full and sparse ones.
pub(super) fn for_varblocks(check: impl Fn(&Varblock)) {
    let mut random = 1_u32;
    let mut next = |below: usize| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 8) as usize % below
    };
    let small = |transform: &TransformType| transform.log_blocks() <= 6;
    for transform in TransformType::ALL.into_iter().filter(small) {
        let area = transform.blocks().area();
        let (len, long) = (64 * area, transform.long());
        for round in 0..24 {
            let mut varblock = Varblock {
                transform,
                lf: (0..area).map(|_| next(2001) as f32 * 0.01 - 10.0).collect(),
                coefficients: vec![0.0; len],
                positions: Positions::NONE,
            };
            for _ in 0..[0, 1, 2, 5, len / 4, 2 * len][round % 6] {
                // Places of nonzero coefficients: all; low columns; low rows; low columns of low
                // rows.
                let (columns, rows) = [(long, len / long), (2, 64), (64, 2), (3, 3)][round / 6];
                let row = next(rows.min(len / long));
                let position = row * long + next(columns.min(long));
                varblock.coefficients[position] = next(2001) as f32 * 0.01 - 10.0;
                varblock.positions.add(position as u16);
            }
            check(&varblock);
        }
    }
}

pub(super) fn largest(values: impl IntoIterator<Item = f32>) -> f32 {
    values
        .into_iter()
        .fold(0.0, |most, value| most.max(value.abs()))
}

#[test]
fn samples_are_those_of_another_decoder() {
    for_varblocks(|varblock| {
        let expected = twin_samples(varblock);
        let tolerance = 1e-5 * largest(expected.iter().copied());
        for (run, samples) in samples(varblock).into_iter().enumerate() {
            let apart = largest(samples.iter().zip(&expected).map(|(a, b)| a - b));
            let transform = varblock.transform;
            assert!(
                apart <= tolerance,
                "{transform:?} {run}: {apart} of {tolerance}"
            );
        }
    });
}

#[test]
fn samples_are_sums_of_cosines() {
    for_varblocks(|varblock| {
        use TransformType as T;
        let (transform, (all, _)) = (varblock.transform, varblock.all());
        let is_whole = !matches!(
            transform,
            T::Hornuss | T::Dct2x2 | T::Dct4x4 | T::Dct4x8 | T::Dct8x4
        ) && !(T::Afv0 as usize..=T::Afv3 as usize).contains(&(transform as usize));
        if !is_whole {
            return;
        }
        let expected = naive(&upright(transform, &all)).concat();
        let tolerance = 4e-6 * largest(expected.iter().map(|&sample| sample as f32));
        for (run, samples) in samples(varblock).into_iter().enumerate() {
            let apart = samples.iter().zip(&expected);
            let apart = largest(apart.map(|(&a, b)| (f64::from(a) - b) as f32));
            assert!(
                apart <= tolerance,
                "{transform:?} {run}: {apart} of {tolerance}"
            );
        }
    });
}

/// The standard's parts of a block, by the rows and columns of their coefficients.
#[test]
fn parts_of_a_block_are_sums_of_cosines() {
    for_varblocks(|varblock| {
        use TransformType as T;
        let (transform, (all, _)) = (varblock.transform, varblock.all());
        let at = |row: usize, column: usize| f64::from(all[8 * row + column]);
        let expected = match transform {
            T::Dct4x8 | T::Dct8x4 => {
                let half = |part: usize| {
                    let sign = if part == 0 { 1.0 } else { -1.0 };
                    let mut rows: Vec<Vec<f64>> = (0..4)
                        .map(|row| (0..8).map(|column| at(part + 2 * row, column)).collect())
                        .collect();
                    rows[0][0] = at(0, 0) + sign * at(1, 0);
                    naive(&rows)
                };
                let (first, second) = (half(0), half(1));
                let rows = [first, second].concat();
                match transform {
                    T::Dct4x8 => rows.concat(),
                    _ => (0..8)
                        .flat_map(|y| rows.iter().map(move |row| row[y]))
                        .collect(),
                }
            }
            T::Dct4x4 => {
                let (a, b, c, e) = (at(0, 0), at(0, 1), at(1, 0), at(1, 1));
                let lowest = [a + b + c + e, a + b - c - e, a - b + c - e, a - b - c + e];
                let mut samples = vec![0.0; 64];
                for (part, lowest) in lowest.into_iter().enumerate() {
                    let (part_x, part_y) = (part % 2, part / 2);
                    // The block has vertical frequencies along its rows.
                    let coefficient = |v: usize, u: usize| at(part_y + 2 * u, part_x + 2 * v);
                    let mut rows: Vec<Vec<f64>> = (0..4)
                        .map(|v| (0..4).map(|u| coefficient(v, u)).collect())
                        .collect();
                    rows[0][0] = lowest;
                    for (y, row) in naive(&rows).into_iter().enumerate() {
                        for (x, sample) in row.into_iter().enumerate() {
                            samples[8 * (4 * part_y + y) + 4 * part_x + x] = sample;
                        }
                    }
                }
                samples
            }
            _ => return,
        };
        let tolerance = 2e-6 * largest(expected.iter().map(|&sample| sample as f32));
        for (run, samples) in samples(varblock).into_iter().enumerate() {
            let apart = samples.iter().zip(&expected);
            let apart = largest(apart.map(|(&a, b)| (f64::from(a) - b) as f32));
            assert!(
                apart <= tolerance,
                "{transform:?} {run}: {apart} of {tolerance}"
            );
        }
    });
}

#[test]
fn lowest_frequencies_have_the_means_of_the_lf_image() {
    for transform in TransformType::ALL {
        let Size { width, height } = transform.blocks();
        let lf = (0..width * height).map(|i| ((i * i * 31) % 97) as f32 * 0.1 - 4.0);
        let lf: Vec<f32> = lf.collect();
        let mut lowest = lf.clone();
        lowest_from_lf(&mut lowest, width);
        // The mean of eight samples of a frequency along one side.
        let mean = |k: usize, block: usize, n: usize| -> f64 {
            (0..8).map(|i| cosine(k, 8 * block + i, 8 * n)).sum::<f64>() / 8.0
        };
        for y in 0..height {
            for x in 0..width {
                let sum: f64 = (0..width * height)
                    .map(|place| {
                        let (u, v) = (place % width, place / width);
                        f64::from(lowest[place]) * mean(u, x, width) * mean(v, y, height)
                    })
                    .sum();
                let apart = sum - f64::from(lf[y * width + x]);
                assert!(apart.abs() < 2e-5, "{transform:?} {x} {y}: {apart}");
            }
        }
    }
}
