use frame_arena::{AllocError, Scope, ScratchPlan};

use super::extra::ExtraChannels;
use super::frame::Frame;
use super::group_context::GroupContext;
use super::row_cut::BatchGroup;
use super::seams::BatchSeams;
use super::shape::GroupsShape;
use super::window::Window;
use crate::Error;
use crate::frame::local_channels::LocalChannels;
use crate::frame::target::Target;
use crate::grid::GroupPos;
use crate::memory::Memory;
use crate::vardct::GroupDecoder;

/// Neighboring groups of a row, decoded by one task.
pub(super) struct Batch<'r, 't> {
    pub(super) first: GroupPos,
    /// The pieces that are finished with each group. Each is taken when it is finished.
    pub(super) pieces: &'r mut [Option<Target<'t>>],
    pub(super) seams: BatchSeams<'r>,
}

impl Batch<'_, '_> {
    /// Plans [`decode`](Self::decode).
    pub(super) fn plan(
        frame: &Frame<'_>,
        shape: &GroupsShape<'_>,
        task: &mut ScratchPlan,
    ) -> Result<(), AllocError> {
        let context = frame.context;
        task.room(shape.window_room()?)?;
        GroupDecoder::plan(task)?;
        if frame.parsed.has_local_extra() {
            LocalChannels::plan_group(context.group_size(), context.extra_channels, task)?;
        }
        task.scratch(|task| frame.parsed.rows.plan_tile(task))
    }

    /// Decodes the groups from left to right. After each group, finishes the piece that depends on
    /// it and on groups to its left.
    pub(super) fn decode(
        &mut self,
        groups: &GroupContext<'_>,
        extra: ExtraChannels<'_>,
        shape: &GroupsShape<'_>,
        stage: &Scope,
    ) -> Result<(), Error> {
        let count = self.pieces.len();
        let room_bytes = shape.window_room()?;
        let kept = stage.scratch_beyond_plan();
        let memory = Memory::new(stage, &kept);
        let scratch = stage.scratch_with_room(room_bytes)?;
        let mut window = Window::new(&shape.window, (&scratch, memory))?;
        for (index, piece) in self.pieces.iter_mut().enumerate() {
            let Some(piece) = piece.take() else {
                continue;
            };
            let pos = GroupPos {
                column: self.first.column + index,
                ..self.first
            };
            let group = BatchGroup {
                pos,
                index,
                is_last: index + 1 == count,
                has_above: pos.row > shape.groups.pos.y,
            };
            self.seams.before(group, &mut window);
            decode_group(groups, extra, pos, &mut window, stage)?;
            self.seams.after(group, &window);
            let has_left = group.has_left();
            let color = shape.band(|channel| window.color[channel].placed(pos, has_left));
            let local = window.extra.iter();
            let local = memory.collect(local.map(|window| window.placed(pos, has_left)))?;
            groups.finish(&color, extra.or(&local), piece, stage)?;
        }
        Ok(())
    }
}

fn decode_group(
    groups: &GroupContext<'_>,
    extra: ExtraChannels<'_>,
    pos: GroupPos,
    window: &mut Window<'_>,
    stage: &Scope,
) -> Result<(), Error> {
    let kept = stage.scratch_beyond_plan();
    let memory = Memory::new(stage, &kept);
    let mut sections = groups.pass_sections(pos, memory)?;
    let context = groups.frame.context;
    let samples = 3 * context.group_dim * context.group_dim * sections.len().max(1);
    context.place.budget.spend(samples as u64)?;
    let [x, y, b] = &mut window.color;
    let samples = [x.group(pos), y.group(pos), b.group(pos)];
    match sections.is_empty() {
        false => groups.decoder.decode(pos, &mut sections, samples, stage)?,
        true => groups.lf_only.fill(pos, samples)?,
    }
    let group = pos.index(context.groups().width);
    let samples = window.extra.iter_mut().map(|window| window.group(pos));
    extra.decode_group(group, &mut sections, samples, (stage, memory))
}
