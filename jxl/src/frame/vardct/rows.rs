use frame_arena::{Scope, ScopePlan};
use rayon::prelude::*;

use super::frame::Frame;
use super::groups::{ExtraChannels, Groups};
use super::run::{AllSeams, Run, Shapes, band, finish, runs};
use crate::Error;
use crate::frame::margins::Margins;
use crate::frame::target::Target;
use crate::memory::Memory;
use crate::output::Cut;

const STAGE: &str = "group seams";

/// How the groups of a row are cut into runs, and what is kept between groups.
struct RowShape<'m> {
    margins: Margins,
    /// How many runs, and how many groups in each.
    runs: (usize, usize),
    shapes: Shapes<'m>,
}

impl<'m> RowShape<'m> {
    fn new(frame: &Frame<'_>, threads: usize, memory: Memory<'m>) -> Result<Self, Error> {
        let border = frame.parsed.rows.pipeline.border();
        let margins = Margins::new(frame.context, &frame.geometry, border);
        Ok(Self {
            margins,
            runs: runs(frame.context.groups().0, threads),
            shapes: Shapes::new(frame, margins, memory)?,
        })
    }
}

/// Plans [`decode`].
pub(super) fn plan(
    frame: &Frame<'_>,
    threads: usize,
    scope: &mut ScopePlan<'_>,
) -> Result<(), Error> {
    let kept = frame.context.scope.scratch_beyond_plan();
    let memory = Memory::new(frame.context.scope, &kept);
    let RowShape { runs, shapes, .. } = RowShape::new(frame, threads, memory)?;
    scope.stage(STAGE, |stage| {
        let room_bytes = shapes.seams_room(runs.0)?;
        let seams = stage.task(|task| task.room(room_bytes))?;
        stage.scratch_around(&seams, |stage| {
            let run = |task: &mut _| Run::plan(frame, &shapes, task);
            Ok(stage.tasks(runs.0.min(threads), run)?)
        })
    })
}

/// Decodes the groups of a frame, a row of them after the other, and hands what is finished to the
/// target.
///
/// What depends on the samples of several groups is finished with the last of them, or after it
/// where these are decoded by several tasks.
pub(super) fn decode(
    groups: &Groups<'_>,
    extra: ExtraChannels<'_>,
    mut target: Target<'_>,
) -> Result<(), Error> {
    let Groups {
        frame, renderer, ..
    } = groups;
    let context = frame.context;
    let (_, rows) = context.groups();
    context.scope.with_stage(STAGE, |stage| {
        let kept = stage.scratch_beyond_plan();
        let memory = Memory::new(stage, &kept);
        let shape = RowShape::new(frame, rayon::current_num_threads(), memory)?;
        // In one run of its own: a plan does not know which of the runs that planes share others
        // have left.
        let scratch = stage.scratch_with_room(shape.shapes.seams_room(shape.runs.0)?)?;
        let mut seams = AllSeams::new(&shape.shapes, shape.runs, (&scratch, memory))?;
        for row in 0..rows {
            let end = (row + 1) * context.group_dim - shape.margins.rows;
            let end = renderer.finished_rows((row + 1 < rows).then_some(end));
            let (piece, rest) = target.split(Cut::Row(end));
            target = rest;
            let row = Row {
                groups,
                extra,
                row,
                shape: &shape,
                stage,
            };
            memory.for_now(|memory| row.decode(piece, &mut seams, memory))?;
        }
        Ok(())
    })
}

/// One row of groups.
struct Row<'a> {
    groups: &'a Groups<'a>,
    extra: ExtraChannels<'a>,
    row: usize,
    shape: &'a RowShape<'a>,
    stage: &'a Scope,
}

impl Row<'_> {
    fn decode(
        &self,
        target: Target<'_>,
        seams: &mut AllSeams<'_>,
        memory: Memory<'_>,
    ) -> Result<(), Error> {
        let Self {
            groups,
            extra,
            shape,
            ..
        } = *self;
        let (margin, runs) = (shape.margins.columns, shape.runs);
        let (columns, _) = groups.frame.context.groups();
        let pieces = self.cut(target);
        let mut pieces = memory.collect(pieces.map(Some))?;
        let mut between = memory.list(runs.0)?;
        memory.for_now(|memory| {
            let mut tasks = memory.list(runs.0)?;
            let mut rest = &mut pieces[..];
            for (run, seams) in seams.runs(runs.0, memory)?.into_iter().enumerate() {
                let first = run * runs.1;
                if first > 0
                    && let Some((piece, others)) = std::mem::take(&mut rest).split_first_mut()
                {
                    between.push(piece.take());
                    rest = others;
                }
                let length = runs.1.min(columns - first).min(rest.len());
                let (pieces, others) = std::mem::take(&mut rest).split_at_mut(length);
                rest = others;
                tasks.push(Run {
                    first: (first, self.row),
                    pieces,
                    seams,
                });
            }
            let tasks = tasks.par_iter_mut();
            let results = tasks.map(|run| run.decode(groups, extra, &shape.shapes, self.stage));
            results.find_map_first(Result::err).map_or(Ok(()), Err)
        })?;
        match margin {
            0 => Ok(()),
            _ => self.finish_between(&mut between, seams),
        }
    }

    /// Cuts rows of the frame into what is finished with each group, and what is finished between
    /// runs.
    fn cut<'t>(&self, target: Target<'t>) -> impl Iterator<Item = Target<'t>> {
        let groups = self.groups;
        let context = groups.frame.context;
        let margin = self.shape.margins.columns;
        let (dim, (columns, _)) = (context.group_dim, context.groups());
        let (_, length) = self.shape.runs;
        let ends = (0..columns).flat_map(move |column| {
            let starts_run = column > 0 && column % length == 0;
            let between = starts_run.then_some(column * dim + margin);
            let group = (column + 1 < columns).then_some((column + 1) * dim - margin);
            between.into_iter().chain(group)
        });
        target.into_columns(ends.map(|end| groups.renderer.finished_columns(end)))
    }

    /// Finishes what lies between runs, all of which are decoded.
    fn finish_between(
        &self,
        between: &mut [Option<Target<'_>>],
        seams: &AllSeams<'_>,
    ) -> Result<(), Error> {
        let boundaries = between.par_iter_mut().enumerate();
        let results = boundaries.map(|(run, piece)| {
            let Some(piece) = piece.take() else {
                return Ok(());
            };
            let kept = self.stage.scratch_beyond_plan();
            let memory = Memory::new(self.stage, &kept);
            let place = ((run + 1) * self.shape.runs.1, self.row);
            let color = |channel: usize| seams.color[channel].boundary(run, place);
            let extra = seams.extra.iter();
            let local = memory.collect(extra.map(|seams| seams.boundary(run, place)))?;
            let color = band(&self.shape.shapes, color);
            let Self { groups, extra, .. } = *self;
            finish(groups, &color, extra.or(&local), piece, self.stage)
        });
        results.find_map_first(Result::err).map_or(Ok(()), Err)
    }
}
