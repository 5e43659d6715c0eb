//! Where the rows of a frame come from.

use std::ops::Range;

use frame_arena::PlaneView;
use jxl_simd::simd_function;

/// Decoded samples of a frame, before any filter.
pub(crate) trait Source {
    /// Writes `columns` of row `y` of a channel into `out`, which has as many samples. Channels 0 to 2 are X, Y, B or Cb, Y, Cr
    /// or R, G, B in the size of the frame's colour channels; those from 3 on are extra channels in the size that they are
    /// coded in. `columns` start at a multiple of 8.
    fn read(&self, channel: usize, y: usize, columns: Range<usize>, out: &mut [f32]);
}

/// Consecutive rows of the three colour channels of a frame; chroma may be subsampled.
pub(crate) struct Band<'p> {
    planes: [BandPlane<'p>; 3],
}

/// Rows of one channel.
pub(crate) struct BandPlane<'p> {
    /// Rows from `first_row` of the channel on.
    pub(crate) samples: PlaneView<'p, f32>,
    pub(crate) first_row: usize,
    /// Of the whole channel.
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// True where the channel has half as many columns as the frame.
    pub(crate) halves_columns: bool,
    /// True where the channel has half as many rows as the frame.
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
            out.copy_from_slice(&plane.row(y)[columns]);
        }
    }
}

/// Subsampled samples that are upsampled at once.
const CHUNK: usize = 128;

impl<'p> BandPlane<'p> {
    fn row(&self, y: usize) -> &'p [f32] {
        self.samples.row(y - self.first_row)
    }

    /// Chroma upsampling (ISO/IEC 18181-1, J.1): three quarters of the nearest sample and a quarter of the next but one in each
    /// halved direction.
    fn read_chroma(&self, y: usize, columns: Range<usize>, out: &mut [f32]) {
        let (near, far) = self.near_and_far_rows(y);
        if !self.halves_columns {
            return mix_rows(&near[columns.clone()], &far[columns], out);
        }
        let mut first = columns.start / 2;
        for out in out.chunks_mut(2 * CHUNK) {
            let count = out.len().div_ceil(2);
            // A sample more on both sides, mirrored at the edges.
            let mut mixed = [0.0; CHUNK + 2];
            let inner = first..first + count;
            mix_rows(
                &near[inner.clone()],
                &far[inner.clone()],
                &mut mixed[1..=count],
            );
            let (left, right) = (first.saturating_sub(1), inner.end.min(self.width - 1));
            mixed[0] = mix(near[left], far[left]);
            mixed[count + 1] = mix(near[right], far[right]);
            double_columns(&mixed[..count + 2], out);
            first += CHUNK;
        }
    }

    fn near_and_far_rows(&self, y: usize) -> (&'p [f32], &'p [f32]) {
        if !self.halves_rows {
            return (self.row(y), self.row(y));
        }
        let near = y / 2;
        let far = if y.is_multiple_of(2) {
            near.saturating_sub(1)
        } else {
            (near + 1).min(self.height - 1)
        };
        (self.row(near), self.row(far))
    }
}

#[inline(always)]
fn mix(near: f32, far: f32) -> f32 {
    0.75 * near + 0.25 * far
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
    /// `samples` have one more on both sides than are doubled; the last doubled one may be single in `out`.
    fn double_columns_simd(samples: &[f32], out: &mut [f32]) {
        let _ = d;
        let (left, middle, right) = (samples, &samples[1..], &samples[2..]);
        let (pairs, last) = out.as_chunks_mut::<2>();
        let count = pairs.len();
        let around = left.iter().zip(&middle[..count]).zip(right);
        for (pair, ((&left, &middle), &right)) in pairs.iter_mut().zip(around) {
            *pair = [mix(middle, left), mix(middle, right)];
        }
        if let [last] = last {
            *last = mix(middle[count], left[count]);
        }
    }
);
