use std::ops::Range;

use frame_arena::{Scope, ScopePlan};
use rayon::prelude::*;

use super::batch::Batch;
use super::extra::{self, ExtraChannels, ExtraSource};
use super::frame::Frame;
use super::group_context::GroupContext;
use super::seams::Seams;
use super::shape::GroupsShape;
use crate::Error;
use crate::frame::target::Target;
use crate::grid::GroupPos;
use crate::memory::Memory;
use crate::output::Cut;

const STAGE: &str = "group seams";

/// Plans [`decode`].
pub(super) fn plan(
    frame: &Frame<'_>,
    threads: usize,
    scope: &mut ScopePlan<'_>,
) -> Result<(), Error> {
    let kept = frame.context.scope.scratch_beyond_plan();
    let memory = Memory::new(frame.context.scope, &kept);
    let shape = GroupsShape::new(frame, threads, memory)?;
    scope.stage(STAGE, |stage| {
        let room_bytes = shape.seams_room()?;
        let seams = stage.task(|task| task.room(room_bytes))?;
        stage.scratch_around(&seams, |stage| {
            let batch = |task: &mut _| Batch::plan(frame, &shape, task);
            Ok(stage.tasks(shape.cut.batches.min(threads), batch)?)
        })
    })
}

/// Decodes the wanted groups row by row and passes finished pieces to the target.
///
/// A piece that depends on several groups is finished with the last of them. If different tasks
/// decode these groups, it is finished after all of them.
pub(super) fn decode(
    groups: &GroupContext<'_>,
    mut extra: ExtraSource<'_, '_>,
    mut target: Target<'_>,
) -> Result<(), Error> {
    let GroupContext {
        frame, renderer, ..
    } = groups;
    let context = frame.context;
    let rows = frame.groups.rows();
    context.scope.with_stage(STAGE, |stage| {
        let kept = stage.scratch_beyond_plan();
        let memory = Memory::new(stage, &kept);
        let shape = GroupsShape::new(frame, rayon::current_num_threads(), memory)?;
        // The seams have a run of their own. Planes share runs, and a plan cannot know which of
        // these are free.
        let scratch = stage.scratch_with_room(shape.seams_room()?)?;
        let mut seams = Seams::new(&shape, (&scratch, memory))?;
        if let ExtraSource::Banded(channels) = &mut extra {
            // Squeezed samples depend on the rows above.
            for _ in 0..rows.start {
                extra::decode_row(groups, channels)?;
            }
        }
        for row in rows.clone() {
            let band = match &mut extra {
                ExtraSource::Channels(_) => None,
                ExtraSource::Banded(channels) => Some(extra::decode_row(groups, channels)?),
            };
            let end = (row + 1) * context.group_dim - shape.margins.rows;
            let end = renderer.finished_rows((row + 1 < rows.end).then_some(end));
            let (piece, rest) = target.split(Cut::Row(end));
            target = rest;
            memory.for_now(|memory| {
                let mut placed = memory.list(0)?;
                let extra = match (&extra, band) {
                    (ExtraSource::Channels(extra), _) => *extra,
                    (ExtraSource::Banded(channels), Some(band)) => {
                        placed = memory.collect(channels.placed(band))?;
                        ExtraChannels::Whole(&placed)
                    }
                    (ExtraSource::Banded(_), None) => ExtraChannels::Whole(&placed),
                };
                let row = GroupRow {
                    groups,
                    extra,
                    row,
                    shape: &shape,
                    stage,
                };
                row.decode(piece, &mut seams, memory)
            })?;
        }
        Ok(())
    })
}

/// One row of groups and the means to decode it.
struct GroupRow<'a> {
    groups: &'a GroupContext<'a>,
    extra: ExtraChannels<'a>,
    row: usize,
    shape: &'a GroupsShape<'a>,
    stage: &'a Scope,
}

impl GroupRow<'_> {
    fn decode(
        &self,
        target: Target<'_>,
        seams: &mut Seams<'_>,
        memory: Memory<'_>,
    ) -> Result<(), Error> {
        let Self {
            groups,
            extra,
            shape,
            ..
        } = *self;
        let cut = shape.cut;
        let columns = groups.frame.groups.columns();
        let pieces = self.cut(target);
        let mut pieces = memory.collect(pieces.map(Some))?;
        let mut between = memory.list(cut.batches)?;
        memory.for_now(|memory| {
            let mut tasks = memory.list(cut.batches)?;
            let mut rest = &mut pieces[..];
            for (batch, seams) in seams.batches(cut, memory)?.into_iter().enumerate() {
                let column = columns.start + batch * cut.groups;
                if batch > 0
                    && let Some((piece, others)) = std::mem::take(&mut rest).split_first_mut()
                {
                    between.push(piece.take());
                    rest = others;
                }
                let count = cut.groups.min(columns.end - column).min(rest.len());
                let (pieces, others) = std::mem::take(&mut rest).split_at_mut(count);
                rest = others;
                tasks.push(Batch {
                    first: self.pos(column),
                    pieces,
                    seams,
                });
            }
            let tasks = tasks.par_iter_mut();
            let results = tasks.map(|batch| batch.decode(groups, extra, shape, self.stage));
            results.find_map_first(Result::err).map_or(Ok(()), Err)
        })?;
        match shape.margins.columns {
            0 => Ok(()),
            _ => self.finish_between(&mut between, seams),
        }
    }

    fn pos(&self, column: usize) -> GroupPos {
        GroupPos {
            column,
            row: self.row,
        }
    }

    /// Cuts rows of the frame into the pieces that are finished with each group and those between
    /// batches.
    fn cut<'t>(&self, target: Target<'t>) -> impl Iterator<Item = Target<'t>> {
        let (groups, shape) = (self.groups, self.shape);
        let context = groups.frame.context;
        let (dim, Range { start, end }) = (context.group_dim, groups.frame.groups.columns());
        let (margin, groups_per_batch) = (shape.margins.columns, shape.cut.groups);
        let ends = (start..end).flat_map(move |column| {
            let starts_batch = column > start && (column - start) % groups_per_batch == 0;
            let between = starts_batch.then_some(column * dim + margin);
            let group = (column + 1 < end).then_some((column + 1) * dim - margin);
            between.into_iter().chain(group)
        });
        target.into_columns(ends.map(|end| groups.renderer.finished_columns(end)))
    }

    /// Finishes the pieces between batches after all batches are decoded.
    fn finish_between(
        &self,
        between: &mut [Option<Target<'_>>],
        seams: &Seams<'_>,
    ) -> Result<(), Error> {
        let Self {
            groups,
            extra,
            shape,
            stage,
            ..
        } = *self;
        let boundaries = between.par_iter_mut().enumerate();
        let results = boundaries.map(|(batch, piece)| {
            let Some(piece) = piece.take() else {
                return Ok(());
            };
            let kept = stage.scratch_beyond_plan();
            let memory = Memory::new(stage, &kept);
            let right = self.pos(self.groups.frame.groups.pos.x + (batch + 1) * shape.cut.groups);
            let local = seams.extra.iter();
            let local = memory.collect(local.map(|seams| seams.boundary(batch, right)))?;
            let color = shape.band(|channel| seams.color[channel].boundary(batch, right));
            groups.finish(&color, extra.or(&local), piece, stage)
        });
        results.find_map_first(Result::err).map_or(Ok(()), Err)
    }
}
