use std::ops::Range;

use crate::simd::simd_function;
use jxl_simd::{F32SimdVec, SimdDescriptor, SimdMask};

use crate::render::span::STEP;
use crate::render::vectors::splat;

/// Place of a dot, 1 / sigma, and its X, Y and B.
pub(super) type Paint = [f32; 6];

/// Columns of the lanes of a vector, counted from the first.
const LANES: [f32; STEP] = [
    0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0,
];

simd_function!(
    dot,
    d: D,
    /// Paints a dot on the given samples of row `y`, the first of which is in column `column`. Rows
    /// are a vector longer than the samples.
    pub(super) fn dot_simd(
        paint: &Paint,
        column: usize,
        y: usize,
        samples: Range<usize>,
        rows: &mut [&mut [f32]; 3],
    ) {
        let [center_x, center_y, inverse_sigma, color @ ..] = *paint;
        let dy = y as f32 - center_y;
        let dy2 = splat(d, dy * dy);
        let inverse_sigma = splat(d, inverse_sigma);
        let (half, near) = (splat(d, 0.5), splat(d, 0.125f32.sqrt()));
        let lanes = D::F32Vec::load(d, &LANES);
        for start in samples.clone().step_by(D::F32Vec::LEN) {
            let x = splat(d, (column + start - samples.start) as f32) + lanes;
            let dx = x - splat(d, center_x);
            let half_distance = (dx * dx + dy2).sqrt() * half;
            let outer = error_function::<D>(d, (half_distance + near) * inverse_sigma);
            let inner = error_function::<D>(d, (half_distance - near) * inverse_sigma);
            let factor = (outer - inner) * (outer - inner);
            let left = splat(d, (samples.end - start) as f32).gt(lanes);
            for (row, color) in rows.iter_mut().zip(color) {
                let row = &mut row[start..start + D::F32Vec::LEN];
                let old = D::F32Vec::load(d, row);
                let new = factor * splat(d, color) + old;
                left.if_then_else_f32(new, old).store(row);
            }
        }
    }
);

/// The error function, by a rational approximation within 7e-4 (as libjxl's `FastErff`).
#[inline(always)]
fn error_function<D: SimdDescriptor>(d: D, x: D::F32Vec) -> D::F32Vec {
    let one = splat(d, 1.0);
    let size = x.abs();
    let sum = size * splat(d, 7.773_944e-2) + splat(d, 2.052_600_2e-4);
    let sum = sum * size + splat(d, 2.321_202_2e-1);
    let sum = sum * size + splat(d, 2.778_208e-1);
    let sum = sum * size + one;
    let square = sum * sum;
    (one - one / (square * square)).copysign(x)
}
