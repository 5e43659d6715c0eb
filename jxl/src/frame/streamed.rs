//! Frames whose groups are finished one by one, so that no channel is kept whole.

use frame_arena::{PlaneSetSpec, Scope, ScopePlan, Spec};

use super::context::FrameContext;
use super::local_channels::LocalChannels;
use super::parsed::ParsedFrame;
use super::pieces::Pieces;
use super::render::{Color, Renderer};
use super::target::Target;
use crate::Error;
use crate::bits::Bits;
use crate::grid::{Rect, Size};
use crate::memory::{Memory, list_in};
use crate::render::Placed;

const STAGE: &str = "groups";

/// The channels of a group of this size.
fn channels(context: &FrameContext<'_>, group: Size) -> PlaneSetSpec<i32> {
    let count = context.color_channels + context.extra_channels;
    // Stale: coded channels are decoded wholly, the others made from them.
    PlaneSetSpec::stale(count, group.width, group.height)
}

/// Plans [`decode`].
pub(super) fn plan(
    frame: &ParsedFrame<'_>,
    threads: usize,
    scope: &mut ScopePlan<'_>,
) -> Result<(), Error> {
    let context = &frame.context;
    LocalChannels::plan(&frame.global, scope)?;
    scope.stage(STAGE, |stage| {
        let dim = context.group_dim;
        // Of the kinds of the frame, also where fewer groups are wanted: what tasks of another kind
        // hold may be more.
        let kinds = Pieces::cut(context.size(), Size::square(dim));
        let tasks = kinds.iter().map(|piece| {
            let size = Size::new(piece.width, piece.height);
            let task = stage.task(|task| {
                let channels = channels(context, size);
                channels.plan(task)?;
                LocalChannels::plan_group(size, channels.count(), task)?;
                task.scratch(|task| frame.rows.plan_tile(task))
            })?;
            Ok((piece.count, task))
        });
        let tasks = tasks.collect::<Result<Vec<_>, Error>>()?;
        let groups = frame.wanted_groups().size.area();
        stage.tasks_of_kinds(threads.min(groups), &tasks);
        Ok(())
    })
}

pub(super) fn decode(
    frame: &ParsedFrame<'_>,
    mut bits: Bits<'_>,
    target: Target<'_>,
    memory: Memory<'_>,
) -> Result<(), Error> {
    let context = &frame.context;
    let groups = Groups {
        frame,
        renderer: Renderer::of_modular(frame, (context.scope, memory))?,
        channels: LocalChannels::new(context, &frame.global, &mut bits, memory)?,
    };
    context.scope.with_stage(STAGE, |stage| {
        for band in target.into_bands(context.group_dim) {
            let tiles = band.into_groups(context.group_dim);
            let tiles = memory.collect(tiles)?.leak();
            let decode = |tile: &mut _| groups.decode(tile, stage);
            context.place.workers.for_each(tiles.iter_mut(), decode)?;
        }
        Ok(())
    })
}

/// The state that all groups share.
struct Groups<'a> {
    frame: &'a ParsedFrame<'a>,
    renderer: Renderer<'a>,
    channels: LocalChannels<'a>,
}

impl Groups<'_> {
    /// Decodes the group that contains `tile`, and finishes the tile.
    fn decode(&self, tile: &mut Target<'_>, stage: &Scope) -> Result<(), Error> {
        let context = &self.frame.context;
        let (dim, columns) = (context.group_dim, context.groups().width);
        let square = tile.rect().squares(dim);
        let group = square.pos.y * columns + square.pos.x;
        let Rect { pos, size } = square.cells(dim, context.coded_size());
        let bits = self.frame.sections.group(self.channels.pass, group)?;
        stage.with_scratch(|scratch| {
            let mut planes = channels(context, size).open(scratch)?;
            let mut channels = list_in(scratch, planes.count())?;
            channels.extend(planes.planes_mut());
            match bits {
                Some(mut bits) => (self.channels).decode(group, &mut bits, &mut channels, stage)?,
                None => channels.iter_mut().for_each(|channel| channel.fill(0)),
            }
            let mut placed = list_in(scratch, channels.len())?;
            placed.extend(channels.iter().map(|channel| Placed {
                samples: channel.view(),
                column: pos.x,
                row: pos.y,
            }));
            let (color, extra) = placed.split_at(context.color_channels);
            (self.renderer).put_tile(&Color::Integers(color), extra, tile, stage)
        })
    }
}
