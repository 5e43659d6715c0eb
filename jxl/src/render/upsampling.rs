//! Upsampling by 2, 4 or 8 (ISO/IEC 18181-1, J.2): every sample becomes a square of samples, each a
//! weighted sum of the 5x5 samples around it, clamped to their range.

mod kernel;
mod part;
mod rows;

pub(crate) use kernel::Weights;

use frame_arena::{Plane, PlaneSpec, SliceSpec, Spec};

use super::ring::Ring;
use super::span::Span;

/// Rows and columns around a sample that its result depends on.
pub(super) const BORDER: usize = 2;

/// Upsamples channels of one strip.
pub(super) struct Upsampler<'s, 'p> {
    weights: &'p Weights,
    /// The `factor` upsampled rows of `current`, channel by channel.
    rows: Plane<'s, f32>,
    /// Lowest and highest of the five samples in each column.
    range: [&'s mut [f32]; 2],
    current: Option<usize>,
}

/// Memory for upsampled rows, and for the range of each column.
pub(super) type UpsamplerSpec = (PlaneSpec<f32>, [SliceSpec<f32>; 2]);

impl<'s, 'p> Upsampler<'s, 'p> {
    /// `span` is that of the input.
    pub(super) fn spec(factor: usize, channels: usize, span: &Span) -> UpsamplerSpec {
        // Stale: a row is written before it is read.
        let rows = PlaneSpec::stale(span.len() * factor, factor * channels);
        (rows, [SliceSpec::stale(span.len()); 2])
    }

    /// `memory` is as [specified](Self::spec) for the factor of these weights.
    pub(super) fn new(
        weights: &'p Weights,
        (rows, range): <UpsamplerSpec as Spec>::Memory<'s>,
    ) -> Self {
        Self {
            weights,
            rows,
            range,
            current: None,
        }
    }

    pub(super) fn factor(&self) -> usize {
        self.weights.factor()
    }

    /// Upsamples row `y` of `channels` channels of the input, unless that is already done.
    pub(super) fn advance(&mut self, input: &Ring<'_>, channels: usize, span: &Span, y: usize) {
        if self.current == Some(y) {
            return;
        }
        self.current = Some(y);
        for channel in 0..channels {
            let rows = [-2, -1, 0, 1, 2].map(|dy| input.row(y as isize + dy, channel));
            self.upsample(rows, channel, span);
        }
    }

    fn upsample(&mut self, input: [&[f32]; 5], channel: usize, span: &Span) {
        let factor = self.factor();
        let (derived, produced) = (span.derived(), span.produced());
        let [low, high] = &mut self.range;
        let columns = input.map(|row| &row[derived.clone()]);
        rows::column_ranges(columns, &mut low[derived.clone()], &mut high[derived]);
        let around = produced.start - BORDER..produced.end + BORDER;
        let range = [&low[around.clone()], &high[around.clone()]];
        let input = input.map(|row| &row[around.clone()]);
        let produced = produced.start * factor..produced.end * factor;
        let width = self.rows.width();
        let out = self.rows.view_mut();
        let out = out.into_rect(0, channel * factor, width, factor);
        let out = out.into_rows().map(|row| &mut row[produced.clone()]);
        let kernels = self.weights.kernels();
        match factor {
            2 => rows::upsample_2(kernels, input, range, array(out)),
            4 => rows::upsample_4(kernels, input, range, array(out)),
            _ => rows::upsample_8(kernels, input, range, array(out)),
        }
    }

    /// Row `index` of the `factor` rows of a channel.
    pub(super) fn row_mut(&mut self, channel: usize, index: usize) -> &mut [f32] {
        self.rows.row_mut(channel * self.factor() + index)
    }

    /// Row `index` of the `factor` rows of the first three channels.
    pub(super) fn rows_mut(&mut self, index: usize) -> [&mut [f32]; 3] {
        let factor = self.factor();
        let rows = self.rows.rows_mut().skip(index);
        super::ring::three(rows.step_by(factor))
    }
}

fn array<'r, const N: usize>(mut rows: impl Iterator<Item = &'r mut [f32]>) -> [&'r mut [f32]; N] {
    [(); N].map(|()| rows.next().unwrap_or_default())
}
