//! Frames whose groups are finished one by one: no channel is ever kept whole.

use frame_arena::{Plane, PlaneAlloc, PlaneView, Scope};
use jxl_bitstream::Bitstream;
use rayon::prelude::*;

use super::context::FrameContext;
use super::lf_global::LfGlobal;
use super::rows::RowWriter;
use super::sections::Sections;
use super::target::Target;
use crate::Error;
use crate::modular::{Layout, Palettes, decode_channels, decode_stream};
use crate::output::OutputTile;

pub(super) fn decode(
    context: &FrameContext<'_>,
    sections: &Sections<'_>,
    global: &LfGlobal,
    mut bits: Bitstream<'_>,
    target: Target<'_>,
) -> Result<(), Error> {
    let palettes = decode_palettes(context, global, &mut bits)?;
    let groups = Groups {
        context,
        sections,
        global,
        palettes: palettes.iter().map(Plane::view).collect(),
        pass: context.pass_of_shift(0),
    };
    let output = target.into_output();
    let tiles = output.map(|output| output.into_tiles(context.group_dim, context.group_dim));
    let tiles = tiles.unwrap_or_default();
    context.scope.with_stage("groups", |stage| {
        let results = tiles.into_par_iter().enumerate();
        let results = results.map(|(group, mut tile)| groups.decode(group, &mut tile, stage));
        // The error of the first group that has one, whichever thread was first.
        results.find_map_first(Result::err).map_or(Ok(()), Err)
    })
}

/// Decodes the palettes, which are all that the LF global section holds.
fn decode_palettes<'a>(
    context: &FrameContext<'a>,
    global: &LfGlobal,
    bits: &mut Bitstream<'_>,
) -> Result<Vec<Plane<'a, i32>>, Error> {
    let mut palettes = Vec::with_capacity(global.layout.palettes().len());
    for &(width, height) in global.layout.palettes() {
        palettes.push(context.scope.plane(width, height)?);
    }
    let shapes: Vec<_> = global.layout.shapes().take(palettes.len()).collect();
    // A palette comes before those of the transforms before its own.
    let mut channels: Vec<_> = palettes.iter_mut().rev().map(Plane::view_mut).collect();
    context.scope.with_scratch(|scratch| {
        let stream = global.stream(context, context.scope, 0);
        decode_channels(
            bits,
            stream,
            &global.header,
            &shapes,
            &mut channels,
            scratch,
        )
    })?;
    drop(channels);
    Ok(palettes)
}

/// What all groups share.
struct Groups<'a> {
    context: &'a FrameContext<'a>,
    sections: &'a Sections<'a>,
    global: &'a LfGlobal,
    palettes: Vec<PlaneView<'a, i32>>,
    /// The pass that has the samples.
    pass: usize,
}

impl Groups<'_> {
    fn decode(&self, group: usize, tile: &mut OutputTile<'_>, stage: &Scope) -> Result<(), Error> {
        let (width, height) = (tile.width(), tile.height());
        let picture = self.context.picture(width, height);
        let layout = Layout::new(&picture, &self.global.header)?;
        let shapes: Vec<_> = layout.shapes().skip(layout.meta_count()).collect();
        let stream_index = self.context.group_stream(self.pass, group);
        let stream = self.global.stream(self.context, stage, stream_index);
        let mut bits = self.sections.group(self.pass, group)?;
        stage.with_scratch(|scratch| {
            // Stale: coded channels are decoded wholly, the others made from them.
            let mut planes = scratch.stale_planes(picture.len(), width, height)?;
            let mut bases: Vec<_> = planes.planes_mut().collect();
            let mut channels = layout.split_pointwise(&mut bases);
            decode_stream(&mut bits, stream, &shapes, &mut channels)?;
            drop(channels);
            let palettes = Palettes::Shared(&self.palettes);
            layout.invert(&mut bases, palettes, self.context.bit_depth, stage)?;
            let channels: Vec<_> = bases.iter().map(|base| base.view()).collect();
            RowWriter::new(self.context, self.global, width, scratch)?.put_tile(tile, &channels)
        })
    }
}
