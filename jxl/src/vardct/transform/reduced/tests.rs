//! Checks against the full transform, averaged.

use frame_arena::{Arena, PlaneAlloc};

use super::super::tests::{Varblock, for_varblocks, largest, samples};
use super::super::{SPARE, TransformType};
use super::*;
use crate::simd::{Kernel, allow_lanes, dispatch_octets, levels};

struct Reduced<'a, 'p> {
    varblock: &'a Varblock,
    block: Size,
    out: PlaneViewMut<'p, f32>,
}

impl Kernel for Reduced<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, d: D) {
        let (mut coefficients, positions) = self.varblock.all();
        let mut spare = [f32::NAN; SPARE];
        inverse_reduced(
            d,
            self.varblock.transform,
            &mut coefficients,
            positions,
            &mut spare,
            self.block,
            self.out,
        );
    }
}

/// The averages of a varblock. Checks that nothing around them changes.
fn reduced(varblock: &Varblock, block: Size) -> Vec<f32> {
    let arena = Arena::new();
    let frame = arena.frame();
    let Size { width, height } = varblock.transform.blocks();
    let (width, height) = (width * block.width, height * block.height);
    let mut plane = frame.plane::<f32>(width + 3, height + 2).unwrap();
    plane.fill(7.0);
    dispatch_octets(Reduced {
        varblock,
        block,
        out: plane.view_mut().into_rect(2, 1, width, height),
    });
    let mut averages = Vec::new();
    for (y, row) in plane.rows().enumerate() {
        for (x, &sample) in row.iter().enumerate() {
            if (2..2 + width).contains(&x) && (1..1 + height).contains(&y) {
                averages.push(sample);
            } else {
                assert_eq!(sample, 7.0, "{:?}: {x}, {y}", varblock.transform);
            }
        }
    }
    averages
}

/// The averages of the samples of a full transform.
fn averaged(varblock: &Varblock, block: Size) -> Vec<f32> {
    let [full, ..] = samples(varblock);
    let Size { width, height } = varblock.transform.blocks();
    let (columns, rows) = (BLOCK / block.width, BLOCK / block.height);
    let mut averages = Vec::new();
    for y in 0..height * block.height {
        for x in 0..width * block.width {
            let square = (0..rows * columns).map(|i| {
                let (x, y) = (x * columns + i % columns, y * rows + i / columns);
                f64::from(full[y * BLOCK * width + x])
            });
            averages.push((square.sum::<f64>() / (rows * columns) as f64) as f32);
        }
    }
    averages
}

fn check(varblock: &Varblock, block: Size) {
    let expected = averaged(varblock, block);
    let tolerance = 4e-6 * largest(samples(varblock)[0].iter().copied()).max(1.0);
    let mut first: Option<Vec<f32>> = None;
    for lanes in levels() {
        allow_lanes(lanes);
        let found = reduced(varblock, block);
        let apart = largest(found.iter().zip(&expected).map(|(a, b)| a - b));
        let transform = varblock.transform;
        assert!(
            apart <= tolerance,
            "{transform:?}, {block:?}, {lanes} lanes: {apart} of {tolerance}"
        );
        let first = first.get_or_insert_with(|| found.clone());
        assert_eq!(*first, found, "{transform:?}, {block:?}, {lanes} lanes");
    }
}

#[test]
fn samples_are_averages_of_the_full_transform() {
    for_varblocks(|varblock| {
        for side in [4, 2, 1] {
            check(varblock, Size::square(side));
        }
    });
}

/// Blocks of chroma that is subsampled in one direction only.
#[test]
fn rectangles_are_averaged() {
    for_varblocks(|varblock| {
        if varblock.transform == TransformType::Dct8x8 {
            for block in [(8, 4), (4, 8), (4, 2), (2, 4), (2, 1), (1, 2)] {
                check(varblock, Size::new(block.0, block.1));
            }
        }
    });
}
