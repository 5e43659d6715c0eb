use frame_arena::{Plane, PlaneSpec, Spec};

use super::shape::PipelineShape;
use crate::render::filter::{Filter, FilterInput};
use crate::render::restoration::AnyFilter;
use crate::render::ring::{Ring, three};
use crate::render::sigma::Sigma;
use crate::render::source::Source;
use crate::render::span::Span;

/// Most restoration filters of a frame.
const FILTERS: usize = AnyFilter::MOST;

/// The restoration filters on the color channels of a strip.
pub(super) struct Chain<'s, 'p> {
    span: Span,
    height: usize,
    sigma: Sigma<'p>,
    /// Samples as decoded.
    source: Ring<'s>,
    stages: Stages<'s>,
}

/// Draws on a row, given its number, the columns of its samples, and the samples.
pub(super) type DrawRow<'a> = dyn FnMut(usize, &Span, [&mut [f32]; 3]) + 'a;

/// Filters in the order of application; unused places come last.
type Stages<'s> = [Option<Stage<'s>>; FILTERS];

struct Stage<'s> {
    filter: AnyFilter,
    kept: Plane<'s, f32>,
    /// Whether no row was made yet.
    is_first: bool,
    output: Ring<'s>,
}

/// Rows kept by filters; rows of the source and of the output of each filter.
pub(super) type ChainSpec = (
    [Option<PlaneSpec<f32>>; FILTERS],
    [Option<PlaneSpec<f32>>; 1 + FILTERS],
);

impl<'s, 'p> Chain<'s, 'p> {
    pub(super) fn spec(shape: &PipelineShape<'_>, span: &Span) -> ChainSpec {
        // Stale: rows are written wholly, up to columns whose results nobody uses.
        let kept = |filter: AnyFilter| PlaneSpec::stale(span.len(), filter.kept_rows());
        let mut kept = shape.filters().map(kept);
        // A ring keeps what its reader looks at.
        let mut rings = shape.borders().map(|border| Ring::spec(span, 3, border));
        (
            [(); FILTERS].map(|()| kept.next()),
            [(); 1 + FILTERS].map(|()| rings.next()),
        )
    }

    /// A chain for the columns of `span`, from row `first` on.
    pub(super) fn new(
        shape: &PipelineShape<'_>,
        sigma: Sigma<'p>,
        span: Span,
        first: usize,
        (kept, rings): <ChainSpec as Spec>::Memory<'s>,
    ) -> Self {
        debug_assert!(shape.filters().count() <= FILTERS);
        let height = shape.coded_size.height;
        // Each ring starts as far above as all its readers look.
        let mut above = shape.border();
        let starts = shape.borders().map(|border| {
            let start = first.saturating_sub(above);
            above -= border;
            start
        });
        let rings = rings.into_iter().flatten().zip(starts);
        let mut rings = rings.map(|(rows, start)| Ring::new(rows, 3, height, start));
        let source = rings.next().expect("a ring of the source");
        let kept = kept.into_iter().flatten();
        let mut filters = shape.filters().zip(kept).zip(rings);
        let stages = [(); FILTERS].map(|()| {
            let ((filter, kept), output) = filters.next()?;
            Some(Stage {
                filter,
                kept,
                is_first: true,
                output,
            })
        });
        Self {
            span,
            height,
            sigma,
            source,
            stages,
        }
    }

    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// Rows of the color channels.
    pub(super) fn height(&self) -> usize {
        self.height
    }

    /// Makes filtered rows up to `y`. `draw` gets each of them once, from the top.
    pub(super) fn advance(
        &mut self,
        source: &dyn Source,
        y: usize,
        draw: Option<&mut DrawRow<'_>>,
    ) -> &mut Ring<'s> {
        let used = self
            .stages
            .iter()
            .take_while(|stage| stage.is_some())
            .count();
        let stages = &mut self.stages[..used];
        let span = &self.span;
        let strip = StripRows {
            span,
            height: self.height,
            sigma: self.sigma,
            source,
        };
        let Some(draw) = draw else {
            strip.make_rows(&mut self.source, stages, y);
            return last_ring(&mut self.source, stages);
        };
        let mut next = last_ring(&mut self.source, stages).next();
        while next <= y {
            strip.make_rows(&mut self.source, stages, next);
            let ring = last_ring(&mut self.source, stages);
            draw(next, span, three(ring.row_mut(next)));
            for row in three(ring.row_mut(next)) {
                span.mirror_edges(row);
            }
            next += 1;
        }
        last_ring(&mut self.source, stages)
    }
}

/// The output ring of the last of `stages`, or the source's ring if there are none.
fn last_ring<'a, 's>(
    source: &'a mut Ring<'s>,
    stages: &'a mut [Option<Stage<'s>>],
) -> &'a mut Ring<'s> {
    match stages {
        [.., Some(last)] => &mut last.output,
        _ => source,
    }
}

/// The input of a strip's rows.
struct StripRows<'r> {
    span: &'r Span,
    height: usize,
    sigma: Sigma<'r>,
    source: &'r dyn Source,
}

impl StripRows<'_> {
    /// Makes rows of the last of `stages`, or of the source if there are none, up to row `y`.
    fn make_rows<'s>(&self, first: &mut Ring<'s>, stages: &mut [Option<Stage<'s>>], y: usize) {
        let Some((Some(stage), before)) = stages.split_last_mut() else {
            while first.next() <= y {
                self.read_row(first);
            }
            return;
        };
        while stage.output.next() <= y {
            let needed = stage.output.next() + stage.filter.border();
            self.make_rows(first, before, needed.min(self.height - 1));
            let input = FilterInput {
                rows: match before {
                    [.., Some(last)] => &last.output,
                    _ => &*first,
                },
                span: self.span,
                sigma: self.sigma,
                is_first: stage.is_first,
            };
            let made = stage.output.next();
            let Stage { filter, kept, .. } = stage;
            filter.run(input, kept, &mut stage.output);
            stage.is_first = false;
            for row in three(stage.output.row_mut(made)) {
                self.span.mirror_edges(row);
            }
        }
    }

    fn read_row(&self, ring: &mut Ring<'_>) {
        let y = ring.next();
        let columns = self.span.columns();
        let start = self.span.index(columns.start as isize);
        let samples = start..start + columns.len();
        for (channel, row) in ring.push().enumerate() {
            let out = &mut row[samples.clone()];
            self.source.read(channel, y, columns.clone(), out);
            self.span.mirror_edges(row);
        }
    }
}
