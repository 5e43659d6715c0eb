//! Frames whose groups are finished one by one: no channel is ever kept whole.

use frame_arena::{PlaneAlloc, Scope};
use jxl_bitstream::Bitstream;
use rayon::prelude::*;

use super::context::FrameContext;
use super::lf_global::LfGlobal;
use super::local::LocalChannels;
use super::rows::RowWriter;
use super::sections::Sections;
use super::target::Target;
use crate::Error;
use crate::output::OutputTile;

pub(super) fn decode(
    context: &FrameContext<'_>,
    sections: &Sections<'_>,
    global: &LfGlobal,
    mut bits: Bitstream<'_>,
    target: Target<'_>,
) -> Result<(), Error> {
    let groups = Groups {
        context,
        sections,
        global,
        channels: LocalChannels::new(context, global, &mut bits)?,
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

/// What all groups share.
struct Groups<'a> {
    context: &'a FrameContext<'a>,
    sections: &'a Sections<'a>,
    global: &'a LfGlobal,
    channels: LocalChannels<'a>,
}

impl Groups<'_> {
    fn decode(&self, group: usize, tile: &mut OutputTile<'_>, stage: &Scope) -> Result<(), Error> {
        let (width, height) = (tile.width(), tile.height());
        let count = self.context.colour_channels + self.context.extra_channels;
        let mut bits = self.sections.group(self.channels.pass, group)?;
        stage.with_scratch(|scratch| {
            // Stale: coded channels are decoded wholly, the others made from them.
            let mut planes = scratch.stale_planes(count, width, height)?;
            let mut channels: Vec<_> = planes.planes_mut().collect();
            (self.channels).decode(group, &mut bits, &mut channels, stage)?;
            let channels: Vec<_> = channels.iter().map(|channel| channel.view()).collect();
            RowWriter::new(self.context, self.global, width, scratch)?.put_tile(tile, &channels)
        })
    }
}
