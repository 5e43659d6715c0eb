use frame_arena::{AllocError, Scratch};

use super::Pipeline;
use crate::render::epf::Epf;
use crate::render::gaborish::Gaborish;
use crate::render::ring::{Ring, three};
use crate::render::source::Source;
use crate::render::span::Span;
use crate::render::upsampling;

/// The restoration filters on the colour channels of a strip.
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
type Stages<'s, 'p> = [Option<Stage<'s, 'p>>; 4];

struct Stage<'s, 'p> {
    filter: Filter<'s, 'p>,
    output: Ring<'s>,
}

enum Filter<'s, 'p> {
    Gaborish(Gaborish),
    Epf(Epf<'s, 'p>),
}

impl Filter<'_, '_> {
    fn border(&self) -> usize {
        match self {
            Filter::Gaborish(_) => 1,
            Filter::Epf(epf) => epf.border(),
        }
    }
}

impl<'s, 'p> Chain<'s, 'p> {
    /// For the columns of `span`, from row `first` on.
    pub(super) fn new(
        pipeline: &Pipeline<'p>,
        span: Span,
        first: usize,
        scratch: &'s Scratch<'_>,
    ) -> Result<Self, AllocError> {
        let mut filters = [const { None }; 4];
        let mut count = 0;
        let mut add = |filter| {
            filters[count] = Some(filter);
            count += 1;
        };
        if let Some(weights) = pipeline.gaborish {
            add(Filter::Gaborish(Gaborish::new(weights)));
        }
        if let Some((params, sigma)) = pipeline.epf {
            for &pass in pipeline.passes() {
                add(Filter::Epf(Epf::new(pass, params, sigma, &span, scratch)?));
            }
        }
        let height = pipeline.coded_size.1;
        // From the last to the first: a ring keeps what its reader looks at, and starts as far above.
        let mut border = pipeline.upsampling.map_or(0, |_| upsampling::BORDER);
        let mut start = first;
        let mut ring = |border| {
            start = first.min(start).saturating_sub(border);
            Ring::new(scratch, &span, 3, border, height, start)
        };
        let mut stages = [const { None }; 4];
        for (stage, filter) in stages.iter_mut().zip(filters).rev() {
            let Some(filter) = filter else { continue };
            let output = ring(border)?;
            border = filter.border();
            *stage = Some(Stage { filter, output });
        }
        Ok(Self {
            span,
            height,
            source: ring(border)?,
            stages,
        })
    }

    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// Rows of the colour channels.
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
        let needed = stage.output.next() + stage.filter.border();
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
