use std::ops::Range;

use frame_arena::{AllocError, PlanRequest, Plane, PlaneSpec, Scratch, Spec};

use super::chain::{Chain, ChainSpec, DrawRow};
use super::drawing::{Drawing, DrawingSpec};
use super::extra::{UpsampledExtra, UpsampledExtraSpec};
use super::shape::PipelineShape;
use super::{FinishedRow, Pipeline};
use crate::memory::{List, list_in};
use crate::render::noise::{self, NoiseRows, NoiseSpec};
use crate::render::ring::three;
use crate::render::source::Source;
use crate::render::span::{STEP, Span};
use crate::render::upsampling::{self, Upsampler, UpsamplerSpec};
use crate::render::ycbcr::ycbcr_to_rgb;

impl<'p> Pipeline<'p> {
    /// Produces the rows of a rectangle of the frame, from the top down.
    ///
    /// A row does not depend on the rectangle that it is produced in.
    ///
    /// # Errors
    /// Memory.
    ///
    /// # Panics
    /// An empty rectangle or one that exceeds the frame.
    pub(crate) fn produce(
        &self,
        source: &dyn Source,
        columns: Range<usize>,
        rows: Range<usize>,
        scratch: &Scratch<'_>,
        mut finish: impl FnMut(FinishedRow<'_>),
    ) -> Result<(), AllocError> {
        let size = self.shape.size;
        assert!(!columns.is_empty() && columns.end <= size.width);
        assert!(!rows.is_empty() && rows.end <= size.height);
        let mut strip = Strip::new(self, columns, rows.start, scratch)?;
        for y in rows {
            finish(strip.row(source, y));
        }
        Ok(())
    }
}

impl PipelineShape<'_> {
    /// Plans a strip of at most `columns` columns of the frame.
    pub(crate) fn plan_strip(
        &self,
        columns: usize,
        task: &mut impl PlanRequest,
    ) -> Result<(), AllocError> {
        let strip = StripShape {
            pipeline: self,
            columns: Columns::AtMost(columns),
        };
        strip
            .upsampled_extra()
            .try_for_each(|spec| spec.plan(task))?;
        strip.spec().plan(task)
    }
}

/// The columns of a frame that a strip produces.
#[derive(Clone)]
enum Columns {
    These(Range<usize>),
    /// Up to this many, anywhere in the frame.
    AtMost(usize),
}

impl Columns {
    fn len(&self) -> usize {
        match self {
            Self::These(columns) => columns.len(),
            Self::AtMost(count) => *count,
        }
    }

    /// The columns that upsampling by `factor` turns into these columns, with `border` columns
    /// around them, in a picture of `width` columns.
    fn span(&self, factor: usize, border: usize, width: usize) -> Span {
        match self {
            Self::These(columns) => {
                let columns = columns.start / factor..columns.end.div_ceil(factor);
                Span::new(columns, border, width)
            }
            // Columns of the frame may start inside of one that is upsampled.
            Self::AtMost(count) => {
                let count = count.div_ceil(factor) + usize::from(factor > 1);
                Span::widest(count, border, width)
            }
        }
    }

    /// Columns of groups that `span` touches.
    fn groups(&self, span: &Span, group_dim: usize) -> usize {
        let columns = span.columns();
        match self {
            Self::These(_) => columns.end.div_ceil(group_dim) - columns.start / group_dim,
            Self::AtMost(_) => 1 + columns.len().div_ceil(group_dim),
        }
    }
}

/// The memory of a strip.
struct StripShape<'a> {
    pipeline: &'a PipelineShape<'a>,
    columns: Columns,
}

/// Memory for a finished row of each extra channel, noise, upsampling, filters and drawing.
type StripSpec = (
    PlaneSpec<f32>,
    Option<NoiseSpec>,
    Option<UpsamplerSpec>,
    ChainSpec,
    Option<DrawingSpec>,
);

impl StripShape<'_> {
    /// Columns of the color channels before upsampling.
    fn coded_span(&self) -> Span {
        let PipelineShape {
            factor, coded_size, ..
        } = *self.pipeline;
        let border = self.pipeline.border();
        self.columns.span(factor, border, coded_size.width)
    }

    /// Columns of an extra channel that is upsampled by `factor`.
    fn extra_span(&self, factor: usize) -> Span {
        let width = self.pipeline.size.width.div_ceil(factor);
        self.columns.span(factor, upsampling::BORDER, width)
    }

    /// Columns for which noise is made.
    fn noise_span(&self) -> Span {
        self.columns
            .span(1, noise::BORDER, self.pipeline.size.width)
    }

    /// Memory of each extra channel that is wanted, if it is upsampled.
    fn upsampled_extra(&self) -> impl Iterator<Item = Option<UpsampledExtraSpec>> {
        let factors = self.pipeline.extra_factors.iter();
        factors.map(|&factor| {
            let spec = || UpsampledExtra::spec(factor, &self.extra_span(factor));
            (factor > 1).then(spec)
        })
    }

    /// Memory of everything else.
    fn spec(&self) -> StripSpec {
        let (shape, span) = (self.pipeline, self.coded_span());
        let noise = shape.noise_group_dim.map(|group_dim| {
            let span = self.noise_span();
            NoiseRows::spec(self.columns.groups(&span, group_dim), &span)
        });
        let upsampler = || Upsampler::spec(shape.factor, 3, &span);
        (
            // Stale: written wholly for each row.
            PlaneSpec::stale(self.columns.len(), shape.extra_factors.len()),
            noise,
            (shape.factor > 1).then(upsampler),
            Chain::spec(shape, &span),
            Drawing::spec(shape, &span),
        )
    }
}

/// Some columns of a frame, produced row by row.
struct Strip<'s, 'p> {
    columns: Range<usize>,
    chain: Chain<'s, 'p>,
    drawing: Option<Drawing<'s, 'p>>,
    upsampler: Option<Upsampler<'s, 'p>>,
    noise: Option<NoiseRows<'s, 'p>>,
    is_ycbcr: bool,
    upsampled_extra: List<'s, Option<UpsampledExtra<'s, 'p>>>,
    /// A finished row of each extra channel.
    extra: Plane<'s, f32>,
}

impl<'s, 'p> Strip<'s, 'p> {
    /// A strip of `columns` of the frame, from row `first_row` on.
    fn new(
        pipeline: &Pipeline<'p>,
        columns: Range<usize>,
        first_row: usize,
        scratch: &'s Scratch<'s>,
    ) -> Result<Self, AllocError> {
        let shape = StripShape {
            pipeline: &pipeline.shape,
            columns: Columns::These(columns.clone()),
        };
        let upsampled_extra = upsampled_extra(pipeline, &shape, first_row, scratch)?;
        let (extra, noise, upsampler, chain, drawing) = shape.spec().open(scratch)?;
        let noise = pipeline.noise.zip(noise).map(|(noise, memory)| {
            let span = (shape.noise_span(), columns.len());
            NoiseRows::new(noise, span, first_row, memory)
        });
        let upsampler = pipeline.upsampling.zip(upsampler);
        let upsampler = upsampler.map(|(weights, memory)| Upsampler::new(weights, memory));
        let (span, sigma) = (shape.coded_span(), pipeline.sigma);
        let first = first_row / pipeline.shape.factor;
        Ok(Self {
            columns,
            chain: Chain::new(&pipeline.shape, sigma, span, first, chain),
            drawing: drawing.map(|memory| Drawing::new(pipeline, memory)),
            upsampler,
            noise,
            is_ycbcr: pipeline.shape.is_ycbcr,
            upsampled_extra,
            extra,
        })
    }

    /// Produces row `y`; rows must be requested in order.
    fn row(&mut self, source: &dyn Source, y: usize) -> FinishedRow<'_> {
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
            color: [&mut x[..width], &mut y_row[..width], &mut b[..width]],
            extra: self.extra.view_mut(),
        }
    }
}

/// The wanted extra channels that are upsampled.
fn upsampled_extra<'s, 'p>(
    pipeline: &Pipeline<'p>,
    shape: &StripShape<'_>,
    first_row: usize,
    scratch: &'s Scratch<'s>,
) -> Result<List<'s, Option<UpsampledExtra<'s, 'p>>>, AllocError> {
    let mut upsampled = list_in(scratch, pipeline.extra_upsampling.len())?;
    let height = pipeline.shape.size.height;
    for (weights, spec) in pipeline
        .extra_upsampling
        .iter()
        .zip(shape.upsampled_extra())
    {
        let extra = weights.zip(spec.open(scratch)?).map(|(weights, memory)| {
            let span = shape.extra_span(weights.factor());
            UpsampledExtra::new(weights, span, first_row, height, memory)
        });
        upsampled.push(extra);
    }
    Ok(upsampled)
}
