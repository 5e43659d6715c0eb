//! Frames whose channels are kept whole until all sections are decoded: small ones, and those
//! with transforms that look at neighbors.

use crate::bits::Bits;
use frame_arena::{ScopePlan, TileGrid};

use super::channels::WholeChannels;
use super::groups::GroupTasks;
use super::parsed::ParsedFrame;
use super::render::{Color, Renderer};
use super::target::Target;
use crate::Error;
use crate::memory::Memory;
use crate::render::{Placed, STRIP_WIDTH};

/// Rows that one task finishes if samples are written without changes.
const PLAIN_ROWS: usize = 64;
/// Rows that one task finishes otherwise: more, because filters need the rows around, which are
/// computed twice.
const FILTERED_ROWS: usize = 256;

/// Rows that are finished before later ones where rows go out in order.
pub(super) const BAND_ROWS: usize = 2 * FILTERED_ROWS;

const STAGE: &str = "channels";

/// Plans [`decode`].
pub(super) fn plan(
    frame: &ParsedFrame<'_>,
    threads: usize,
    scope: &mut ScopePlan<'_>,
) -> Result<(), Error> {
    let ParsedFrame {
        context,
        global,
        rows,
        ..
    } = frame;
    Renderer::plan(frame, scope)?;
    scope.stage(STAGE, |stage| {
        WholeChannels::plan(frame, stage)?;
        GroupTasks::plan(frame, threads, stage)?;
        global.layout.plan_inverse(threads, stage)?;
        let (width, height) = context.size().into();
        let (columns, rows_of_tiles) =
            TileGrid::new(STRIP_WIDTH, tile_rows(frame)).count(width, height);
        let tasks = threads.min(columns * rows_of_tiles);
        Ok(stage.tasks(tasks, |task| rows.plan_tile(task))?)
    })
}

/// Decodes the rest of the frame. `bits` reads the rest of the LF global section.
pub(super) fn decode(
    frame: &ParsedFrame<'_>,
    mut bits: Bits<'_>,
    target: Target<'_>,
    memory: Memory<'_>,
) -> Result<(), Error> {
    let context = &frame.context;
    let renderer = Renderer::of_modular(frame, (context.scope, memory))?;
    context.scope.with_stage(STAGE, |stage| {
        let kept = stage.scratch_beyond_plan();
        let memory = Memory::new(stage, &kept);
        let mut channels = WholeChannels::new(frame, stage, memory)?;
        channels.tasks(&mut bits)?.run(frame, stage)?;
        channels.invert()?;
        let picture = channels.picture()?;
        let picture = memory.collect(picture.into_iter().map(Placed::whole))?;
        let (color, extra) = picture.split_at(context.color_channels);
        let color = Color::Integers(color);
        for band in target.into_bands(BAND_ROWS) {
            let mut tiles = memory.collect(band.into_tiles(STRIP_WIDTH, tile_rows(frame)))?;
            let put_tile = |tile: &mut _| renderer.put_tile(&color, extra, tile, stage);
            context.place.workers.for_each(tiles.iter_mut(), put_tile)?;
        }
        Ok(())
    })
}

/// Rows of the tile that one task finishes.
fn tile_rows(frame: &ParsedFrame<'_>) -> usize {
    match frame.rows.is_plain() {
        true => PLAIN_ROWS,
        false => FILTERED_ROWS,
    }
}
