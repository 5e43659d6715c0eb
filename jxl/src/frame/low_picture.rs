//! The averages of a squeezed Modular frame as a picture of an eighth of its width and height. They
//! are in the LF global section and in LF groups, so the sections of groups are not read.

use frame_arena::{ScopePlan, TileGrid};

use super::bands::low_tasks;
use super::parsed::ParsedFrame;
use super::render::{Color, Renderer};
use super::target::Target;
use crate::Error;
use crate::bits::Bits;
use crate::grid::Size;
use crate::memory::Memory;
use crate::modular::{BandsShape, Low, StreamShape};
use crate::render::{Placed, STRIP_WIDTH};

/// Rows that one task finishes.
const TILE_ROWS: usize = 64;

const STAGE: &str = "averages";

/// Plans [`decode`].
pub(super) fn plan(
    frame: &ParsedFrame<'_>,
    shape: &BandsShape<'_>,
    threads: usize,
    scope: &mut ScopePlan<'_>,
) -> Result<(), Error> {
    let ParsedFrame {
        context, global, ..
    } = frame;
    Renderer::plan(frame, scope)?;
    scope.stage(STAGE, |stage| {
        shape.plan_low(stage)?;
        global.plan_channels(stage)?;
        // A stream has at most two channels of a shape for each channel of the picture: the two
        // residuals of a squeeze.
        let picture = context.color_channels + context.extra_channels;
        let stream = StreamShape::new(context.group_size().into(), 2 * picture);
        let sections = threads.min(context.lf_group_count());
        stage.tasks(sections, |task| stream.plan(task))?;
        shape.plan_eighths(threads, stage)?;
        let Size { width, height } = context.size();
        let size = (width.div_ceil(8), height.div_ceil(8));
        let (columns, rows) = TileGrid::new(STRIP_WIDTH, TILE_ROWS).count(size.0, size.1);
        let tasks = threads.min(columns * rows);
        Ok(stage.tasks(tasks, |task| Renderer::plan_converted(size.0, task))?)
    })
}

/// Decodes the averages and writes them to `target`, which has their size. `bits` stands in the LF
/// global section.
pub(super) fn decode(
    frame: &ParsedFrame<'_>,
    shape: &BandsShape<'_>,
    mut bits: Bits<'_>,
    target: Target<'_>,
    memory: Memory<'_>,
) -> Result<(), Error> {
    let context = &frame.context;
    let renderer = Renderer::of_modular(frame, (context.scope, memory))?;
    context.scope.with_stage(STAGE, |stage| {
        let kept = stage.scratch_beyond_plan();
        let memory = Memory::new(stage, &kept);
        let mut low = Low::new(shape, stage, memory)?;
        memory.for_now(|memory| {
            low_tasks(frame, shape, &mut low, &mut bits, (stage, memory))?.run(frame, stage)
        })?;
        memory.for_now(|memory| low.invert_to_eighths((stage, memory), context.place.workers))?;
        let picture = memory.collect(low.eighths().map(Placed::whole))?;
        let (color, extra) = picture.split_at(context.color_channels);
        let color = Color::Integers(color);
        let mut tiles = memory.collect(target.into_tiles(STRIP_WIDTH, TILE_ROWS))?;
        let put_tile = |tile: &mut _| renderer.put_converted(&color, extra, tile, stage);
        context.place.workers.for_each(tiles.iter_mut(), put_tile)
    })
}
