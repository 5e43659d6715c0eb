//! Modular frames with squeezed channels. They are decoded and sent out by rows of groups.

use frame_arena::{ScopePlan, TileGrid};

use super::bands::BandedChannels;
use super::groups::SectionChannels;
use super::parsed::ParsedFrame;
use super::render::{Color, Renderer};
use super::target::Target;
use crate::Error;
use crate::bits::Bits;
use crate::memory::Memory;
use crate::modular::BandsShape;
use crate::output::Cut;
use crate::render::STRIP_WIDTH;

/// Rows that one task finishes.
const TILE_ROWS: usize = 64;

const STAGE: &str = "channels";

/// Plans [`decode`].
pub(super) fn plan(
    frame: &ParsedFrame<'_>,
    shape: &BandsShape<'_>,
    threads: usize,
    scope: &mut ScopePlan<'_>,
) -> Result<(), Error> {
    Renderer::plan(frame, scope)?;
    scope.stage(STAGE, |stage| {
        BandedChannels::plan(frame, shape, threads, stage)?;
        let width = frame.context.size().width;
        let rows = frame.context.group_dim + shape.lag();
        let (columns, rows) = TileGrid::new(STRIP_WIDTH, TILE_ROWS).count(width, rows);
        let tasks = threads.min(columns * rows);
        Ok(stage.tasks(tasks, |task| frame.rows.plan_tile(task))?)
    })
}

/// Decodes the rest of the frame. `bits` stands in the LF global section.
pub(super) fn decode(
    frame: &ParsedFrame<'_>,
    shape: &BandsShape<'_>,
    mut bits: Bits<'_>,
    mut target: Target<'_>,
    memory: Memory<'_>,
) -> Result<(), Error> {
    let context = &frame.context;
    let renderer = Renderer::of_modular(frame, (context.scope, memory))?;
    context.scope.with_stage(STAGE, |stage| {
        let kept = stage.scratch_beyond_plan();
        let memory = Memory::new(stage, &kept);
        let mut channels = BandedChannels::new(frame, shape, stage, memory)?;
        memory.for_now(|memory| channels.low_tasks(&mut bits, memory)?.run(frame, stage))?;
        channels.invert_low()?;
        let decode_group = |group: usize, channels: &mut [SectionChannels<'_, '_>]| {
            for (pass, channels) in channels.iter_mut().enumerate() {
                if !channels.is_empty() {
                    let index = context.group_stream(pass, group);
                    let stream = frame.global.stream(context, stage, index);
                    match frame.sections.group(pass, group)? {
                        Some(mut bits) => channels.decode(&mut bits, stream)?,
                        None => channels.clear(),
                    }
                }
            }
            Ok(())
        };
        for _ in 0..context.groups().height {
            let band = channels.decode_row(decode_group)?;
            let (piece, rest) = target.split(Cut::Row(band.first + band.rows));
            target = rest;
            memory.for_now(|memory| {
                let picture = memory.collect(channels.placed(band))?;
                let (color, extra) = picture.split_at(context.color_channels);
                let color = Color::Integers(color);
                let mut tiles = memory.collect(piece.into_tiles(STRIP_WIDTH, TILE_ROWS))?;
                let put_tile = |tile: &mut _| renderer.put_tile(&color, extra, tile, stage);
                context.place.workers.for_each(tiles.iter_mut(), put_tile)
            })?;
        }
        Ok(())
    })
}
