//! The Gabor-like filter (ISO/IEC 18181-1, J.3): a symmetric 3x3 kernel per channel.

use std::ops::Range;

use crate::simd::simd_function;
use frame_arena::Plane;
use jxl_simd::{F32SimdVec, SimdDescriptor};

use super::filter::{Filter, FilterInput};
use super::ring::{Ring, three};
use super::vectors::{load, splat, vectors, vectors_mut};
use crate::headers::RestorationFilter;

#[derive(Clone, Copy)]
pub(super) struct Gaborish {
    /// Weights of the center, of each side and of each corner, for each channel; the nine weights
    /// sum to 1.
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
        let rows = |dy| input.rows.rows(y + dy);
        let rows = [rows(-1), rows(0), rows(1)];
        let produced = input.span.produced();
        convolve_row(&self.kernels, rows, produced, three(output.push()));
    }
}

simd_function!(
    convolve_row,
    d: D,
    /// `rows` are the row above, the row itself and the one below. Writes `columns`, which are
    /// whole vectors.
    fn convolve_row_simd(
        kernels: &[[f32; 3]; 3],
        rows: [[&[f32]; 3]; 3],
        columns: Range<usize>,
        out: [&mut [f32]; 3],
    ) {
        for (channel, (kernel, out)) in kernels.iter().zip(out).enumerate() {
            let rows = [rows[0][channel], rows[1][channel], rows[2][channel]];
            convolve_channel(d, kernel, rows, &columns, out);
        }
    }
);

#[inline(always)]
fn convolve_channel<D: SimdDescriptor>(
    d: D,
    kernel: &[f32; 3],
    [above, center, below]: [&[f32]; 3],
    columns: &Range<usize>,
    out: &mut [f32],
) {
    let [at_center, at_side, at_corner] = kernel;
    let at_center = splat(d, *at_center);
    let (at_side, at_corner) = (splat(d, *at_side), splat(d, *at_corner));
    let (start, len) = (columns.start, columns.len());
    let [left, right] = [start - 1, start + 1];
    let above_left = vectors::<D>(above, left, len);
    let above_right = vectors::<D>(above, right, len);
    let below_left = vectors::<D>(below, left, len);
    let below_right = vectors::<D>(below, right, len);
    let [left, right] = [
        vectors::<D>(center, left, len),
        vectors::<D>(center, right, len),
    ];
    let above = vectors::<D>(above, start, len);
    let center = vectors::<D>(center, start, len);
    let below = vectors::<D>(below, start, len);
    let out = vectors_mut::<D>(&mut out[columns.clone()]);
    for (i, out) in out.iter_mut().enumerate() {
        let sides = load(d, above, i) + load(d, left, i) + load(d, right, i) + load(d, below, i);
        let corners = load(d, above_left, i) + load(d, above_right, i);
        let corners = corners + load(d, below_left, i) + load(d, below_right, i);
        let sum = sides * at_side + load(d, center, i) * at_center;
        (corners * at_corner + sum).store_array(out);
    }
}
