use std::ops::Range;

use frame_arena::{PlaneSpec, Spec};

use crate::render::ring::Ring;
use crate::render::source::Source;
use crate::render::span::Span;
use crate::render::upsampling::{self, Upsampler, UpsamplerSpec, Weights};

/// An upsampled extra channel of a strip.
pub(super) struct UpsampledExtra<'s, 'p> {
    /// Rows of the channel, as coded.
    height: usize,
    span: Span,
    ring: Ring<'s>,
    upsampler: Upsampler<'s, 'p>,
}

/// Memory for coded rows, and for upsampling.
pub(super) type UpsampledExtraSpec = (PlaneSpec<f32>, UpsamplerSpec);

impl<'s, 'p> UpsampledExtra<'s, 'p> {
    pub(super) fn spec(factor: usize, span: &Span) -> UpsampledExtraSpec {
        let ring = Ring::spec(span, 1, upsampling::BORDER);
        (ring, Upsampler::spec(factor, 1, span))
    }

    /// Upsamples `span` of a channel in a frame of `frame_height` rows, from row `first_row` of the
    /// frame on.
    pub(super) fn new(
        weights: &'p Weights,
        span: Span,
        first_row: usize,
        frame_height: usize,
        (ring, upsampler): <UpsampledExtraSpec as Spec>::Memory<'s>,
    ) -> Self {
        let factor = weights.factor();
        let height = frame_height.div_ceil(factor);
        let first = (first_row / factor).saturating_sub(upsampling::BORDER);
        Self {
            height,
            span,
            ring: Ring::new(ring, 1, height, first),
            upsampler: Upsampler::new(weights, upsampler),
        }
    }

    /// Returns `columns` of row `y` of the frame, for channel `channel` of the source.
    pub(super) fn row(
        &mut self,
        source: &dyn Source,
        channel: usize,
        y: usize,
        columns: Range<usize>,
    ) -> &[f32] {
        let factor = self.upsampler.factor();
        let last = (y / factor + upsampling::BORDER).min(self.height - 1);
        while self.ring.next() <= last {
            self.read(source, channel);
        }
        self.upsampler
            .advance(&self.ring, 1, &self.span, y / factor);
        let start = self.span.upsampled(factor).index(columns.start as isize);
        &self.upsampler.row_mut(0, y % factor)[start..start + columns.len()]
    }

    fn read(&mut self, source: &dyn Source, channel: usize) {
        let y = self.ring.next();
        let columns = self.span.columns();
        let start = self.span.index(columns.start as isize);
        for row in self.ring.push() {
            let samples = &mut row[start..start + columns.len()];
            source.read(channel, y, columns.clone(), samples);
            self.span.mirror_edges(row);
        }
    }
}
