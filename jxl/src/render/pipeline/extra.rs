use std::ops::Range;

use frame_arena::{AllocError, Scratch};

use crate::render::ring::Ring;
use crate::render::source::Source;
use crate::render::span::Span;
use crate::render::upsampling::{self, Upsampler, Weights};

/// An extra channel of a strip that is upsampled.
pub(super) struct UpsampledExtra<'s, 'p> {
    /// Of the channel, as coded.
    height: usize,
    span: Span,
    ring: Ring<'s>,
    upsampler: Upsampler<'s, 'p>,
}

impl<'s, 'p> UpsampledExtra<'s, 'p> {
    /// For `columns` of a frame of `size`, from row `first_row` of the frame on.
    pub(super) fn new(
        weights: &'p Weights,
        columns: Range<usize>,
        first_row: usize,
        size: (usize, usize),
        scratch: &'s Scratch<'_>,
    ) -> Result<Self, AllocError> {
        let factor = weights.factor();
        let (width, height) = (size.0.div_ceil(factor), size.1.div_ceil(factor));
        let columns = columns.start / factor..columns.end.div_ceil(factor);
        let span = Span::new(columns, upsampling::BORDER, width);
        let first = (first_row / factor).saturating_sub(upsampling::BORDER);
        Ok(Self {
            height,
            span,
            ring: Ring::new(scratch, &span, 1, upsampling::BORDER, height, first)?,
            upsampler: Upsampler::new(weights, 1, &span, scratch)?,
        })
    }

    /// `columns` of row `y` of the frame, of the source's channel `channel`.
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
