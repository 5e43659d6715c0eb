use frame_arena::Scope;
use rayon::prelude::*;

use super::groups::{ExtraChannels, Groups};
use super::run::{AllSeams, Run, Shapes, band, finish, runs, seams_room};
use super::window::Margins;
use crate::Error;
use crate::frame::target::Target;

/// The groups of a frame, decoded a row of them after the other.
pub(super) struct Rows<'a> {
    pub(super) groups: &'a Groups<'a>,
    pub(super) extra: ExtraChannels<'a>,
}

impl Rows<'_> {
    /// What depends on the samples of several groups is finished with the last of them, or after it where these are decoded by
    /// several tasks.
    pub(super) fn decode(&self, mut target: Target<'_>) -> Result<(), Error> {
        let Groups {
            frame, renderer, ..
        } = self.groups;
        let context = frame.context;
        let margins = Margins::new(context, &frame.geometry, renderer.border());
        let shapes = Shapes::new(self.groups, margins, self.extra);
        let (columns, rows) = context.groups();
        let runs = runs(columns, rayon::current_num_threads());
        context.scope.with_stage("group seams", |stage| {
            // In one run of its own: a plan does not know which of the runs that planes share others have left.
            let room_bytes = seams_room(shapes.iter(), runs.0)?;
            let scratch = stage.scratch_with_room(room_bytes)?;
            let mut seams = AllSeams::new(&shapes, runs, &scratch)?;
            for row in 0..rows {
                let end = (row + 1) * context.group_dim - margins.rows;
                let end = renderer.finished_rows((row + 1 < rows).then_some(end));
                let (piece, rest) = target.split_at_row(end);
                target = rest;
                let mut pieces = self.cut(piece, margins.columns, runs.1).into_iter();
                let (mut tasks, mut between) = (Vec::with_capacity(runs.0), Vec::new());
                for (run, seams) in seams.runs(runs.0).into_iter().enumerate() {
                    let first = run * runs.1;
                    if first > 0 {
                        between.extend(pieces.next());
                    }
                    tasks.push(Run {
                        first: (first, row),
                        pieces: pieces.by_ref().take(runs.1.min(columns - first)).collect(),
                        seams,
                    });
                }
                let results = tasks.into_par_iter();
                let results =
                    results.map(|run| run.decode(self.groups, self.extra, &shapes, stage));
                results.find_map_first(Result::err).map_or(Ok(()), Err)?;
                if margins.columns > 0 {
                    self.finish_between(between, (runs.1, row), (&shapes, &seams), stage)?;
                }
            }
            Ok(())
        })
    }

    /// Cuts rows of the frame into what is finished with each group, and what is finished between runs of `length` groups.
    fn cut<'t>(&self, target: Target<'t>, margin: usize, length: usize) -> Vec<Target<'t>> {
        let context = self.groups.frame.context;
        let (dim, (columns, _)) = (context.group_dim, context.groups());
        let ends = (0..columns).flat_map(|column| {
            let starts_run = column > 0 && column % length == 0;
            let between = starts_run.then_some(column * dim + margin);
            let group = (column + 1 < columns).then_some((column + 1) * dim - margin);
            between.into_iter().chain(group)
        });
        target.into_columns(ends.map(|end| self.groups.renderer.finished_columns(end)))
    }

    /// Finishes what lies between runs of `length` groups of a row, all of which are decoded.
    fn finish_between(
        &self,
        between: Vec<Target<'_>>,
        (length, row): (usize, usize),
        (shapes, seams): (&Shapes, &AllSeams<'_>),
        stage: &Scope,
    ) -> Result<(), Error> {
        let boundaries = between.into_par_iter().enumerate();
        let results = boundaries.map(|(run, piece)| {
            let place = ((run + 1) * length, row);
            let colour = |channel: usize| seams.colour[channel].boundary(run, place);
            let extra = seams.extra.iter();
            let local: Vec<_> = extra.map(|seams| seams.boundary(run, place)).collect();
            let colour = band(shapes, colour);
            finish(self.groups, &colour, self.extra.or(&local), piece, stage)
        });
        results.find_map_first(Result::err).map_or(Ok(()), Err)
    }
}
