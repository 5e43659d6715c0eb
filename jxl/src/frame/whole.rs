//! Frames whose channels are kept whole until all sections are decoded: small ones, and those
//! with transforms that look at neighbours.

use frame_arena::{Plane, PlaneAlloc, PlaneView, Scope};
use jxl_bitstream::Bitstream;
use jxl_image::ImageHeader;
use rayon::prelude::*;

use super::context::FrameContext;
use super::groups::GroupTasks;
use super::lf_global::LfGlobal;
use super::render::{ModularColour, Renderer};
use super::rows::RowWriter;
use super::sections::Sections;
use super::target::Target;
use crate::Error;
use crate::modular::Palettes;
use crate::render::{Placed, STRIP_WIDTH};

/// Rows that one task hands to the output.
pub(super) const BAND_ROWS: usize = 64;
/// Rows that one task filters and hands to the output: filters look at rows around, which are made twice.
pub(super) const FILTERED_ROWS: usize = 256;

/// Decodes the rest of the frame. `bits` goes on in the LF global section.
pub(super) fn decode(
    renderer: &Renderer<'_>,
    image: &ImageHeader,
    sections: &Sections<'_>,
    global: &LfGlobal,
    mut bits: Bitstream<'_>,
    target: Target<'_>,
) -> Result<(), Error> {
    let context = renderer.context();
    context.scope.with_stage("channels", |stage| {
        let mut planes = Vec::new();
        for shape in context.picture(context.width, context.height) {
            planes.push(stage.plane(shape.width, shape.height)?);
        }
        for &(width, height) in global.layout.palettes() {
            planes.push(stage.plane(width, height)?);
        }
        let mut bases: Vec<_> = planes.iter_mut().map(Plane::view_mut).collect();
        let tasks = GroupTasks::after_global(context, global, &mut bits, &mut bases, stage)?;
        tasks.run(context, sections, global, stage)?;
        let palettes = Palettes::InBases;
        global
            .layout
            .invert(&mut bases, palettes, context.bit_depth, stage)?;
        let picture = context.colour_channels + context.extra_channels;
        let channels: Vec<_> = bases[..picture].iter().map(|base| base.view()).collect();
        if renderer.is_plain() && target.is_plain() {
            write_rows(context, global, &channels, target, stage)
        } else {
            let (colour, extra) = channels.split_at(context.colour_channels);
            let depth = image.metadata.bit_depth;
            let colour = ModularColour::new(context, global, depth, colour);
            let extra: Vec<_> = extra.iter().copied().map(Placed::whole).collect();
            render_rows(renderer, &colour, &extra, target, stage)
        }
    })
}

fn write_rows(
    context: &FrameContext<'_>,
    global: &LfGlobal,
    channels: &[PlaneView<'_, i32>],
    target: Target<'_>,
    stage: &Scope,
) -> Result<(), Error> {
    let Some(output) = target.into_output() else {
        return Ok(());
    };
    let tiles = output.into_tiles(context.width, BAND_ROWS);
    tiles
        .into_par_iter()
        .enumerate()
        .try_for_each(|(band, mut tile)| {
            let (y, width, height) = (band * BAND_ROWS, tile.width(), tile.height());
            let channels = channels
                .iter()
                .map(|channel| channel.rect(0, y, width, height));
            let channels: Vec<_> = channels.collect();
            stage.with_scratch(|scratch| {
                RowWriter::new(context, global, width, scratch)?.put_tile(&mut tile, &channels)
            })
        })
}

fn render_rows(
    renderer: &Renderer<'_>,
    colour: &ModularColour<'_>,
    extra: &[Placed<'_, i32>],
    target: Target<'_>,
    stage: &Scope,
) -> Result<(), Error> {
    let tiles = target.into_tiles(STRIP_WIDTH, FILTERED_ROWS);
    let results = tiles
        .into_par_iter()
        .map(|mut tile| renderer.put_tile(colour, extra, &mut tile, stage));
    results.find_map_first(Result::err).map_or(Ok(()), Err)
}
