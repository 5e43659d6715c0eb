use std::ops::Range;

use frame_arena::{AllocError, Plane, PlaneAlloc, Scratch};

use super::chain::{Chain, DrawRow};
use super::drawing::Drawing;
use super::extra::UpsampledExtra;
use super::{FinishedRow, Pipeline};
use crate::render::noise::NoiseRows;
use crate::render::ring::three;
use crate::render::source::Source;
use crate::render::span::{STEP, Span};
use crate::render::upsampling::{self, Upsampler};
use crate::render::ycbcr::ycbcr_to_rgb;

/// Some columns of a frame, produced row by row.
pub(super) struct Strip<'s, 'p> {
    columns: Range<usize>,
    chain: Chain<'s, 'p>,
    drawing: Option<Drawing<'s, 'p>>,
    upsampler: Option<Upsampler<'s, 'p>>,
    noise: Option<NoiseRows<'s, 'p>>,
    is_ycbcr: bool,
    upsampled_extra: Vec<Option<UpsampledExtra<'s, 'p>>>,
    /// A finished row of each extra channel.
    extra: Plane<'s, f32>,
}

impl<'s, 'p> Strip<'s, 'p> {
    /// For `columns` of the frame, from row `first_row` on.
    pub(super) fn new(
        pipeline: &Pipeline<'p>,
        columns: Range<usize>,
        first_row: usize,
        scratch: &'s Scratch<'_>,
    ) -> Result<Self, AllocError> {
        let factor = pipeline.factor();
        let coded_columns = columns.start / factor..columns.end.div_ceil(factor);
        let span = Span::new(coded_columns, pipeline.border(), pipeline.coded_size.0);
        let upsampler = pipeline.upsampling;
        let upsampler = upsampler.map(|weights| Upsampler::new(weights, 3, &span, scratch));
        let noise = pipeline.noise;
        let noise = noise.map(|noise| NoiseRows::new(noise, columns.clone(), first_row, scratch));
        let extra = pipeline.extra_upsampling.iter().map(|weights| {
            let new = |weights| {
                UpsampledExtra::new(weights, columns.clone(), first_row, pipeline.size, scratch)
            };
            weights.map(new).transpose()
        });
        Ok(Self {
            chain: Chain::new(pipeline, span, first_row / factor, scratch)?,
            drawing: Drawing::new(pipeline, &span, scratch)?,
            upsampler: upsampler.transpose()?,
            noise: noise.transpose()?,
            is_ycbcr: pipeline.is_ycbcr,
            upsampled_extra: extra.collect::<Result<_, _>>()?,
            // Stale: written wholly for each row.
            extra: scratch.stale_plane(columns.len(), pipeline.extra_upsampling.len())?,
            columns,
        })
    }

    /// Row `y`; rows come in order.
    pub(super) fn row(&mut self, source: &dyn Source, y: usize) -> FinishedRow<'_> {
        let columns = self.columns.clone();
        for (index, upsampled) in self.upsampled_extra.iter_mut().enumerate() {
            let out = self.extra.row_mut(index);
            match upsampled {
                None => source.read(3 + index, y, columns.clone(), out),
                Some(extra) => {
                    out.copy_from_slice(extra.row(source, 3 + index, y, columns.clone()))
                }
            }
        }
        let span = *self.chain.span();
        let (rows, start) = {
            let extra = &mut self.extra;
            let drawing = self.drawing.as_mut();
            let mut draw = drawing.map(|drawing| drawing.on_rows(&columns, extra));
            let draw = draw.as_mut().map(|draw| draw as &mut DrawRow<'_>);
            match &mut self.upsampler {
                None => {
                    let ring = self.chain.advance(source, y, draw);
                    (three(ring.row_mut(y)), span.index(columns.start as isize))
                }
                Some(upsampler) => {
                    let factor = upsampler.factor();
                    let last = (y / factor + upsampling::BORDER).min(self.chain.height() - 1);
                    let ring = self.chain.advance(source, last, draw);
                    upsampler.advance(ring, 3, &span, y / factor);
                    let start = span.upsampled(factor).index(columns.start as isize);
                    (upsampler.rows_mut(y % factor), start)
                }
            }
        };
        let whole_steps = start..start + columns.len().next_multiple_of(STEP);
        let [x, y_row, b] = rows;
        let mut rows = [
            &mut x[whole_steps.clone()],
            &mut y_row[whole_steps.clone()],
            &mut b[whole_steps],
        ];
        if let Some(noise) = &mut self.noise {
            noise.add(y, columns.start, &mut rows);
        }
        if self.is_ycbcr {
            ycbcr_to_rgb(&mut rows);
        }
        let [x, y_row, b] = rows;
        let width = columns.len();
        FinishedRow {
            y,
            colour: [&mut x[..width], &mut y_row[..width], &mut b[..width]],
            extra: self.extra.view_mut(),
        }
    }
}
