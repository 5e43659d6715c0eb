use frame_arena::{PlaneSpec, Spec};

use super::shape::{FilterShape, PipelineShape};
use crate::render::epf::{Epf, EpfSpec, Sigma};
use crate::render::gaborish::Gaborish;
use crate::render::ring::{Ring, three};
use crate::render::source::Source;
use crate::render::span::Span;

/// Most restoration filters of a frame: Gaborish, and three passes of the edge-preserving filter.
const FILTERS: usize = 4;

/// The restoration filters on the color channels of a strip.
pub(super) struct Chain<'s, 'p> {
    span: Span,
    height: usize,
    /// Samples as decoded.
    source: Ring<'s>,
    stages: Stages<'s, 'p>,
}

/// Draws on a row: its number, the columns of its samples, the samples.
pub(super) type DrawRow<'a> = dyn FnMut(usize, &Span, [&mut [f32]; 3]) + 'a;

/// Filters in the order that they are applied in; those that are used come first.
type Stages<'s, 'p> = [Option<Stage<'s, 'p>>; FILTERS];

struct Stage<'s, 'p> {
    border: usize,
    filter: Filter<'s, 'p>,
    output: Ring<'s>,
}

enum Filter<'s, 'p> {
    Gaborish(Gaborish),
    Epf(Epf<'s, 'p>),
}

/// Memory of the edge-preserving filters; rows of the source, then of the output of each filter.
pub(super) type ChainSpec = (
    [Option<EpfSpec>; FILTERS],
    [Option<PlaneSpec<f32>>; 1 + FILTERS],
);

impl<'s, 'p> Chain<'s, 'p> {
    pub(super) fn spec(shape: &PipelineShape<'_>, span: &Span) -> ChainSpec {
        let mut filters = shape.filters().map(|filter| match filter {
            FilterShape::Gaborish(_) => None,
            FilterShape::Epf(pass, _) => Some(Epf::spec(pass, span)),
        });
        // A ring keeps what its reader looks at.
        let mut rings = shape.borders().map(|border| Ring::spec(span, 3, border));
        (
            [(); FILTERS].map(|()| filters.next().flatten()),
            [(); 1 + FILTERS].map(|()| rings.next()),
        )
    }

    /// For the columns of `span`, from row `first` on.
    pub(super) fn new(
        shape: &PipelineShape<'p>,
        sigma: Sigma<'p>,
        span: Span,
        first: usize,
        (epf, rings): <ChainSpec as Spec>::Memory<'s>,
    ) -> Self {
        let height = shape.coded_size.1;
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
        let mut stages = [const { None }; FILTERS];
        let filters = shape.filters().zip(epf).zip(rings);
        for (stage, ((filter, epf), output)) in stages.iter_mut().zip(filters) {
            let border = filter.border();
            let filter = match (filter, epf) {
                (FilterShape::Gaborish(weights), _) => Filter::Gaborish(Gaborish::new(weights)),
                (FilterShape::Epf(pass, params), Some(memory)) => {
                    Filter::Epf(Epf::new(pass, params, sigma, memory))
                }
                (FilterShape::Epf(..), None) => break,
            };
            *stage = Some(Stage {
                border,
                filter,
                output,
            });
        }
        Self {
            span,
            height,
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

    /// Filtered rows, with `y` the last one made. `draw` is given each of them once, from the top.
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
        let (span, height) = (&self.span, self.height);
        let Some(draw) = draw else {
            make_rows(&mut self.source, stages, span, height, source, y);
            return last_ring(&mut self.source, stages);
        };
        let mut next = last_ring(&mut self.source, stages).next();
        while next <= y {
            make_rows(&mut self.source, stages, span, height, source, next);
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

/// The ring that the last of `stages` writes, or the source's if there are none.
fn last_ring<'a, 's>(
    source: &'a mut Ring<'s>,
    stages: &'a mut [Option<Stage<'s, '_>>],
) -> &'a mut Ring<'s> {
    match stages {
        [.., Some(last)] => &mut last.output,
        _ => source,
    }
}

/// Makes rows of the last of `stages`, or of the source if there are none, until row `y` is there.
fn make_rows<'s>(
    first: &mut Ring<'s>,
    stages: &mut [Option<Stage<'s, '_>>],
    span: &Span,
    height: usize,
    source: &dyn Source,
    y: usize,
) {
    let Some((Some(stage), before)) = stages.split_last_mut() else {
        while first.next() <= y {
            read_row(first, span, source);
        }
        return;
    };
    while stage.output.next() <= y {
        let needed = stage.output.next() + stage.border;
        make_rows(first, before, span, height, source, needed.min(height - 1));
        let input = match before {
            [.., Some(last)] => &last.output,
            _ => &*first,
        };
        let made = stage.output.next();
        match &mut stage.filter {
            Filter::Gaborish(filter) => filter.run(input, span, &mut stage.output),
            Filter::Epf(filter) => filter.run(input, span, &mut stage.output),
        }
        for row in three(stage.output.row_mut(made)) {
            span.mirror_edges(row);
        }
    }
}

fn read_row(ring: &mut Ring<'_>, span: &Span, source: &dyn Source) {
    let y = ring.next();
    let columns = span.columns();
    let samples = span.index(columns.start as isize)..span.index(columns.end as isize);
    for (channel, row) in ring.push().enumerate() {
        source.read(channel, y, columns.clone(), &mut row[samples.clone()]);
        span.mirror_edges(row);
    }
}
