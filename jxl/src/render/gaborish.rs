//! The Gabor-like filter (ISO/IEC 18181-1, J.3): a symmetric 3x3 kernel per channel.

use frame_arena::Plane;
use jxl_simd::{F32SimdVec, simd_function};

use super::restoration::{Filter, FilterInput};
use super::ring::{Ring, three};
use super::vectors::{load, splat, vectors, vectors_mut, vectors_of_3};
use crate::headers::RestorationFilter;

#[derive(Clone, Copy)]
pub(super) struct Gaborish {
    /// Per channel the weights of the center, of each side and of each corner; they sum up to 1.
    kernels: [[f32; 3]; 3],
}

impl Gaborish {
    /// `weights` are those of a side and a corner relative to the center's, per channel.
    fn new(weights: [[f32; 2]; 3]) -> Self {
        let kernels = weights.map(|[side, corner]| {
            let scale = 1.0 / (1.0 + 4.0 * (side + corner));
            [scale, side * scale, corner * scale]
        });
        Self { kernels }
    }
}

impl Filter for Gaborish {
    const MOST: usize = 1;

    fn of_frame(header: &RestorationFilter) -> impl Iterator<Item = Self> {
        header.gab.map(Self::new).into_iter()
    }

    fn border(&self) -> usize {
        1
    }

    fn kept_rows(&self) -> usize {
        0
    }

    fn run(&self, input: FilterInput<'_, '_>, _: &mut Plane<'_, f32>, output: &mut Ring<'_>) {
        let y = output.next() as isize;
        let produced = input.span.produced();
        let around = produced.start - 1..produced.end + 1;
        let rows = |dy| input.rows.rows(y + dy);
        let (above, center, below) = (rows(-1), rows(0), rows(1));
        for (channel, out) in three(output.push()).into_iter().enumerate() {
            let rows = [
                &above[channel][around.clone()],
                &center[channel][around.clone()],
                &below[channel][around.clone()],
            ];
            convolve_row(self.kernels[channel], rows, &mut out[produced.clone()]);
        }
    }
}

simd_function!(
    convolve_row,
    d: D,
    /// Inputs are a sample longer on both sides than the output, which is whole vectors.
    fn convolve_row_simd(kernel: [f32; 3], rows: [&[f32]; 3], out: &mut [f32]) {
        let [at_center, at_side, at_corner] = kernel;
        let at_center = splat(d, at_center);
        let (at_side, at_corner) = (splat(d, at_side), splat(d, at_corner));
        let len = out.len();
        let [above, center, below] = rows;
        let [above_left, above_right] = [vectors::<D>(above, 0, len), vectors::<D>(above, 2, len)];
        let [left, right] = [vectors::<D>(center, 0, len), vectors::<D>(center, 2, len)];
        let [below_left, below_right] = [vectors::<D>(below, 0, len), vectors::<D>(below, 2, len)];
        let [above, center, below] = vectors_of_3::<D>([&above[1..], &center[1..], &below[1..]], len);
        for (i, out) in vectors_mut::<D>(out).iter_mut().enumerate() {
            let sides = load(d, above, i) + load(d, left, i) + load(d, right, i) + load(d, below, i);
            let corners = load(d, above_left, i) + load(d, above_right, i);
            let corners = corners + load(d, below_left, i) + load(d, below_right, i);
            let sum = sides.mul_add(at_side, load(d, center, i) * at_center);
            corners.mul_add(at_corner, sum).store_array(out);
        }
    }
);
