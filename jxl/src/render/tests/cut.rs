use std::ops::Range;

use frame_arena::Arena;

use crate::render::naive::Picture;
use crate::render::pipeline::{FinishedRow, Pipeline, PipelineShape};
use crate::render::source::Source;

/// Another source's samples where a rectangle depends on them, and NaN in the colors elsewhere.
struct Fenced<'s> {
    source: &'s dyn Source,
    columns: Range<usize>,
    rows: Range<usize>,
}

impl<'s> Fenced<'s> {
    fn new(
        pipeline: &Pipeline<'_>,
        source: &'s dyn Source,
        (columns, rows): (Range<usize>, Range<usize>),
    ) -> Self {
        let PipelineShape { factor, .. } = pipeline.shape;
        let border = pipeline.shape.border();
        let around = |range: Range<usize>| {
            let first = (range.start / factor).saturating_sub(border);
            first..range.end.div_ceil(factor) + border
        };
        Self {
            source,
            columns: around(columns),
            rows: around(rows),
        }
    }
}

impl Source for Fenced<'_> {
    fn read(&self, channel: usize, y: usize, columns: Range<usize>, out: &mut [f32]) {
        self.source.read(channel, y, columns.clone(), out);
        for (x, sample) in columns.zip(out) {
            if channel < 3 && !(self.columns.contains(&x) && self.rows.contains(&y)) {
                *sample = f32::NAN;
            }
        }
    }
}

/// Produces all rows, in rectangles of at most `width` x `height`; the first ones are `margin`
/// columns and rows smaller.
pub(super) fn produce(
    pipeline: &Pipeline<'_>,
    source: &dyn Source,
    cut: (usize, usize),
    margin: usize,
) -> Vec<Picture> {
    let (width, height) = pipeline.shape.size.into();
    let channels = 3 + pipeline.extra_upsampling.len();
    let mut out = vec![Picture::from_fn(width, height, |_, _| f32::NAN); channels];
    let arena = Arena::new();
    let frame = arena.frame();
    let ranges = |length: usize, cut: usize| {
        let start = move |i: usize| (i * cut).saturating_sub(margin);
        let ranges = (0..=length / cut + 1).map(move |i| start(i)..start(i + 1).min(length));
        ranges.filter(|range| !range.is_empty())
    };
    for rows in ranges(height, cut.1) {
        for columns in ranges(width, cut.0) {
            let rows = rows.clone();
            let (x, mut next) = (columns.start, rows.start);
            let source = Fenced::new(pipeline, source, (columns.clone(), rows.clone()));
            let scratch = frame.scratch();
            let finish = |row: FinishedRow<'_>| {
                assert_eq!(row.y, next);
                next += 1;
                let start = row.y * width + x;
                for (channel, samples) in row.color.iter().enumerate() {
                    out[channel].samples[start..][..samples.len()].copy_from_slice(samples);
                }
                for (channel, samples) in row.extra.rows().enumerate() {
                    out[3 + channel].samples[start..][..samples.len()].copy_from_slice(samples);
                }
            };
            let end = rows.end;
            pipeline
                .produce(&source, columns, rows, &scratch, finish)
                .unwrap();
            assert_eq!(next, end);
        }
    }
    out
}
