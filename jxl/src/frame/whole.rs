//! Frames whose channels are kept whole until all sections are decoded: small ones, and those
//! with transforms that look at neighbours.

use frame_arena::{Plane, PlaneAlloc, PlaneView, Scope};
use jxl_bitstream::Bitstream;
use rayon::prelude::*;

use super::context::FrameContext;
use super::groups::GroupTasks;
use super::lf_global::LfGlobal;
use super::rows::RowWriter;
use super::sections::Sections;
use crate::Error;
use crate::modular::Palettes;
use crate::output::Output;

/// Rows that one task hands to the output.
const BAND_ROWS: usize = 64;

pub(super) fn decode(
    context: &FrameContext<'_>,
    sections: &Sections<'_>,
    global: &LfGlobal,
    mut bits: Bitstream<'_>,
    output: Output<'_>,
) -> Result<(), Error> {
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
        write_rows(context, global, &channels, output, stage)
    })
}

fn write_rows(
    context: &FrameContext<'_>,
    global: &LfGlobal,
    channels: &[PlaneView<'_, i32>],
    output: Output<'_>,
    stage: &Scope,
) -> Result<(), Error> {
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
