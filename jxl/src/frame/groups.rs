use frame_arena::{PlaneViewMut, Scope, TileGrid};
use rayon::prelude::*;

use super::context::FrameContext;
use super::lf_global::LfGlobal;
use super::sections::Sections;
use crate::Error;
use crate::modular::{ChannelShape, decode_stream};

/// Channels that are subsampled at least so much in both directions are in LF groups.
const LF_SHIFT: i32 = 3;

/// The sections of a frame beside the LF global one, with the tiles of the channels that each
/// of them codes. All of them can be decoded at the same time.
pub(super) struct GroupTasks<'p> {
    /// LF groups, then groups of the first pass, then those of the next.
    sections: Vec<Channels<'p>>,
    lf_groups: usize,
    groups: usize,
}

/// Channels of one section.
#[derive(Default)]
struct Channels<'p> {
    shapes: Vec<ChannelShape>,
    targets: Vec<PlaneViewMut<'p, i32>>,
}

impl<'p> GroupTasks<'p> {
    pub(super) fn new(context: &FrameContext<'_>) -> Self {
        let count = |(columns, rows): (usize, usize)| columns * rows;
        let (lf_groups, groups) = (count(context.lf_groups()), count(context.groups()));
        let total = lf_groups + groups * context.header.passes.num_passes as usize;
        let mut sections = Vec::new();
        sections.resize_with(total, Channels::default);
        Self {
            sections,
            lf_groups,
            groups,
        }
    }

    /// Cuts a channel into its tiles.
    pub(super) fn add(
        &mut self,
        context: &FrameContext<'_>,
        shape: ChannelShape,
        channel: PlaneViewMut<'p, i32>,
    ) -> Result<(), Error> {
        if shape.is_empty() {
            return Ok(());
        }
        let is_lf = shape.shift() >= LF_SHIFT;
        let (first, dim, cells) = if is_lf {
            (0, context.group_dim * 8, context.lf_groups())
        } else {
            let pass = context.pass_of_shift(shape.shift());
            let first = self.lf_groups + pass * self.groups;
            (first, context.group_dim, context.groups())
        };
        let (width, height) = (dim >> shape.hshift, dim >> shape.vshift);
        if width == 0 || height == 0 {
            return Err(Error::corrupt(
                "channel squeezed to less than a sample per group",
            ));
        }
        let (columns, rows) = (shape.width.div_ceil(width), shape.height.div_ceil(height));
        if columns > cells.0 || rows > cells.1 {
            return Err(Error::corrupt("channel larger than its groups"));
        }
        let tiles = channel.into_tiles(TileGrid::new(width, height));
        for (index, tile) in tiles.enumerate() {
            let cell = index / columns * cells.0 + index % columns;
            let section = &mut self.sections[first + cell];
            section.shapes.push(ChannelShape {
                width: tile.width(),
                height: tile.height(),
                ..shape
            });
            section.targets.push(tile);
        }
        Ok(())
    }

    /// Decodes all sections.
    pub(super) fn run(
        self,
        context: &FrameContext<'_>,
        sections: &Sections<'_>,
        global: &LfGlobal,
        stage: &Scope,
    ) -> Result<(), Error> {
        let (lf_groups, groups) = (self.lf_groups, self.groups);
        let decode = |(index, mut channels): (usize, Channels<'p>)| {
            if channels.shapes.is_empty() {
                return Ok(());
            }
            let (mut bits, stream_index) = match index.checked_sub(lf_groups) {
                None => (sections.lf_group(index)?, context.lf_group_stream(index)),
                Some(index) => {
                    let (pass, group) = (index / groups, index % groups);
                    let stream = context.group_stream(pass, group);
                    (sections.group(pass, group)?, stream)
                }
            };
            let stream = global.stream(context, stage, stream_index);
            decode_stream(&mut bits, stream, &channels.shapes, &mut channels.targets)
        };
        let results = self.sections.into_par_iter().enumerate().map(decode);
        results.find_map_first(Result::err).map_or(Ok(()), Err)
    }
}
