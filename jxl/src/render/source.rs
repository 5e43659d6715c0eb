//! Sources of a frame's decoded rows.

use std::ops::Range;

use crate::simd::simd_function;
use frame_arena::{PlaneView, Sample};
use jxl_simd::F32SimdVec;

/// Decoded samples of a frame, before any filter.
pub(crate) trait Source {
    /// Writes `columns` of row `y` of a channel into `out`, which has as many samples. Channels 0
    /// to 2 are X, Y, B or Cb, Y, Cr or R, G, B in the size of the frame's color channels; those
    /// from 3 on are extra channels in their coded size. `columns` start at a multiple of 8.
    fn read(&self, channel: usize, y: usize, columns: Range<usize>, out: &mut [f32]);
}

/// A rectangle of a channel.
#[derive(Clone, Copy)]
pub(crate) struct Placed<'p, T> {
    pub(crate) samples: PlaneView<'p, T>,
    /// First column of the rectangle in the channel.
    pub(crate) column: usize,
    pub(crate) row: usize,
}

impl<'p, T: Sample> Placed<'p, T> {
    /// A whole channel.
    pub(crate) fn whole(samples: PlaneView<'p, T>) -> Self {
        Self {
            samples,
            column: 0,
            row: 0,
        }
    }

    /// `columns` of row `y` of the channel.
    pub(crate) fn row(&self, y: usize, columns: Range<usize>) -> &'p [T] {
        &self.samples.row(y - self.row)[columns.start - self.column..columns.end - self.column]
    }

    /// The columns of the channel that the rectangle has.
    fn columns(&self) -> Range<usize> {
        self.column..self.column + self.samples.width()
    }
}

/// A rectangle of the three color channels of a frame; chroma may be subsampled.
pub(crate) struct Band<'p> {
    planes: [BandPlane<'p>; 3],
}

/// A rectangle of one of them.
pub(crate) struct BandPlane<'p> {
    pub(crate) placed: Placed<'p, f32>,
    /// Size of the whole channel.
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// True if the channel has half as many columns as the frame.
    pub(crate) halves_columns: bool,
    /// True if the channel has half as many rows as the frame.
    pub(crate) halves_rows: bool,
}

impl<'p> Band<'p> {
    pub(crate) fn new(planes: [BandPlane<'p>; 3]) -> Self {
        Self { planes }
    }
}

impl Source for Band<'_> {
    fn read(&self, channel: usize, y: usize, columns: Range<usize>, out: &mut [f32]) {
        let plane = &self.planes[channel];
        if plane.halves_columns || plane.halves_rows {
            plane.read_chroma(y, columns, out);
        } else {
            out.copy_from_slice(plane.placed.row(y, columns));
        }
    }
}

/// Number of subsampled samples that are upsampled together.
const CHUNK: usize = 448;

impl BandPlane<'_> {
    /// Chroma upsampling (ISO/IEC 18181-1, J.1): three quarters of the nearest sample and a quarter
    /// of the second nearest in each halved direction. Beyond the rectangle its edge is repeated,
    /// which is correct at the edges of the picture; elsewhere, no wanted sample depends on these
    /// columns.
    fn read_chroma(&self, y: usize, columns: Range<usize>, out: &mut [f32]) {
        let (near, far) = self.near_and_far_rows(y);
        let row = |y, columns| self.placed.row(y, columns);
        if !self.halves_columns {
            return mix_rows(row(near, columns.clone()), row(far, columns), out);
        }
        let there = self.placed.columns();
        let there = there.start..there.end.min(self.width);
        let mut first = columns.start / 2;
        for out in out.chunks_mut(2 * CHUNK) {
            let count = out.len().div_ceil(2);
            let inner = first..first + count;
            // A sample more on both sides, mirrored at the edges.
            let mut mixed = [0.0; CHUNK + 2];
            let (near_row, far_row) = (row(near, inner.clone()), row(far, inner.clone()));
            mix_rows(near_row, far_row, &mut mixed[1..=count]);
            let mixed_at = |x: usize| mix(row(near, x..x + 1)[0], row(far, x..x + 1)[0]);
            mixed[0] = mixed_at(first.saturating_sub(1).max(there.start));
            mixed[count + 1] = mixed_at(inner.end.min(there.end - 1));
            double_columns(&mixed[..count + 2], out);
            first += CHUNK;
        }
    }

    fn near_and_far_rows(&self, y: usize) -> (usize, usize) {
        if !self.halves_rows {
            return (y, y);
        }
        let near = y / 2;
        let far = match y % 2 {
            0 => near.saturating_sub(1),
            _ => (near + 1).min(self.height - 1),
        };
        (near, far)
    }
}

/// Shares of the nearest and the second nearest sample.
const NEAR: f32 = 0.75;
const FAR: f32 = 0.25;

#[inline(always)]
fn mix(near: f32, far: f32) -> f32 {
    NEAR * near + FAR * far
}

simd_function!(
    mix_rows,
    d: D,
    fn mix_rows_simd(near: &[f32], far: &[f32], out: &mut [f32]) {
        let _ = d;
        for ((out, &near), &far) in out.iter_mut().zip(near).zip(far) {
            *out = mix(near, far);
        }
    }
);

simd_function!(
    double_columns,
    d: D,
    /// `samples` has one more sample on both sides than are doubled; the last doubled one may have
    /// only one sample in `out`.
    fn double_columns_simd(samples: &[f32], out: &mut [f32]) {
        let lanes = D::F32Vec::LEN;
        let [near, far] = [NEAR, FAR].map(|share| D::F32Vec::splat(d, share));
        let whole = out.len() / (2 * lanes) * lanes;
        let (vectors, rest) = out.split_at_mut(2 * whole);
        let left = samples.chunks_exact(lanes);
        let middle = samples[1..].chunks_exact(lanes);
        let right = samples[2..].chunks_exact(lanes);
        let vectors = vectors.chunks_exact_mut(2 * lanes);
        for (((out, left), middle), right) in vectors.zip(left).zip(middle).zip(right) {
            let middle = D::F32Vec::load(d, middle) * near;
            let left = middle + D::F32Vec::load(d, left) * far;
            let right = middle + D::F32Vec::load(d, right) * far;
            D::F32Vec::store_interleaved_2(left, right, out);
        }
        let samples = &samples[whole..];
        let (left, middle, right) = (samples, &samples[1..], &samples[2..]);
        for (i, out) in rest.chunks_mut(2).enumerate() {
            out[0] = mix(middle[i], left[i]);
            if let [_, out] = out {
                *out = mix(middle[i], right[i]);
            }
        }
    }
);
