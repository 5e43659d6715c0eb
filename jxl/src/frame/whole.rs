//! Frames whose channels are kept whole until all sections are decoded: small ones, and those
//! with transforms that look at neighbors.

use crate::bits::Bits;
use frame_arena::{PlaneView, Scope, ScopePlan, Spec, TileGrid};
use rayon::prelude::*;

use super::channels::WholeChannels;
use super::groups::GroupTasks;
use super::parsed::ParsedFrame;
use super::render::{ModularColor, Renderer};
use super::rows::RowWriter;
use super::target::Target;
use crate::Error;
use crate::memory::{Memory, list_in};
use crate::render::{Placed, STRIP_WIDTH, Sigma};

/// Rows that one task hands to the output.
const BAND_ROWS: usize = 64;
/// Rows that one task filters and hands to the output: filters look at rows around, which are made
/// twice.
const FILTERED_ROWS: usize = 256;

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
        if rows.is_plain() {
            let tasks = threads.min(height.div_ceil(BAND_ROWS));
            Ok(stage.tasks(tasks, |task| RowWriter::spec(context, width).plan(task))?)
        } else {
            let (columns, rows_of_tiles) =
                TileGrid::new(STRIP_WIDTH, FILTERED_ROWS).count(width, height);
            let tasks = threads.min(columns * rows_of_tiles);
            Ok(stage.tasks(tasks, |task| rows.plan_tile(task))?)
        }
    })
}

/// Decodes the rest of the frame. `bits` goes on in the LF global section.
pub(super) fn decode(
    frame: &ParsedFrame<'_>,
    mut bits: Bits<'_>,
    target: Target<'_>,
    memory: Memory<'_>,
) -> Result<(), Error> {
    let context = &frame.context;
    let sigma = Sigma::of_modular(context.header.restoration_filter.epf.as_ref());
    let place = (context.scope, memory);
    let renderer = || Renderer::new(frame, sigma, [0.0, 1.0], place);
    let renderer = (!frame.rows.is_plain()).then(renderer).transpose()?;
    context.scope.with_stage(STAGE, |stage| {
        let kept = stage.scratch_beyond_plan();
        let memory = Memory::new(stage, &kept);
        let mut channels = WholeChannels::new(frame, stage, memory)?;
        channels.tasks(&mut bits)?.run(frame, stage)?;
        channels.invert()?;
        let picture = channels.picture()?;
        let Some(renderer) = &renderer else {
            return write_rows(frame, &picture, target, (stage, memory));
        };
        let (color, extra) = picture.split_at(context.color_channels);
        let color = ModularColor::new(frame, color);
        let extra = memory.collect(extra.iter().copied().map(Placed::whole))?;
        render_rows(renderer, &color, &extra, target, (stage, memory))
    })
}

fn write_rows(
    frame: &ParsedFrame<'_>,
    channels: &[PlaneView<'_, i32>],
    target: Target<'_>,
    (stage, memory): (&Scope, Memory<'_>),
) -> Result<(), Error> {
    let Some(output) = target.into_output() else {
        return Ok(());
    };
    let ParsedFrame {
        context, global, ..
    } = frame;
    let mut tiles = memory.collect(output.into_tiles(context.width, BAND_ROWS))?;
    tiles
        .par_iter_mut()
        .enumerate()
        .try_for_each(|(band, tile)| {
            let (y, width, height) = (band * BAND_ROWS, tile.width(), tile.height());
            stage.with_scratch(|scratch| {
                let mut rects = list_in(scratch, channels.len())?;
                let channels = channels.iter();
                rects.extend(channels.map(|channel| channel.rect(0, y, width, height)));
                RowWriter::new(context, global, width, scratch)?.put_tile(tile, &rects)
            })
        })
}

fn render_rows(
    renderer: &Renderer<'_>,
    color: &ModularColor<'_>,
    extra: &[Placed<'_, i32>],
    target: Target<'_>,
    (stage, memory): (&Scope, Memory<'_>),
) -> Result<(), Error> {
    let mut tiles = memory.collect(target.into_tiles(STRIP_WIDTH, FILTERED_ROWS))?;
    let results = tiles
        .par_iter_mut()
        .map(|tile| renderer.put_tile(color, extra, tile, stage));
    results.find_map_first(Result::err).map_or(Ok(()), Err)
}
