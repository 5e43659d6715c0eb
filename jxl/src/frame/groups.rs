use frame_arena::{PlaneViewMut, Scope, TileGrid};
use jxl_bitstream::Bitstream;
use rayon::prelude::*;

use super::context::FrameContext;
use super::lf_global::LfGlobal;
use super::sections::Sections;
use crate::Error;
use crate::modular::{ChannelShape, StreamContext, decode_channels, decode_stream};

/// Channels that are subsampled at least so much in both directions are in LF groups.
const LF_SHIFT: i32 = 3;

/// The sections of a frame beside the LF global one, with the tiles of the channels that each
/// of them codes. All of them can be decoded at the same time.
pub(super) struct GroupTasks<'p> {
    pub(super) lf_groups: Vec<SectionChannels<'p>>,
    /// All passes of the first group, then those of the next.
    pub(super) groups: Vec<SectionChannels<'p>>,
    passes: usize,
}

/// Channels of one section.
#[derive(Default)]
pub(super) struct SectionChannels<'p> {
    shapes: Vec<ChannelShape>,
    targets: Vec<PlaneViewMut<'p, i32>>,
}

impl SectionChannels<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.shapes.is_empty()
    }

    /// Decodes the channels, if there are any.
    pub(super) fn decode(
        &mut self,
        bits: &mut Bitstream<'_>,
        stream: StreamContext<'_>,
    ) -> Result<(), Error> {
        decode_stream(bits, stream, &self.shapes, &mut self.targets)
    }
}

impl<'p> GroupTasks<'p> {
    /// Sections without channels.
    pub(super) fn new(context: &FrameContext<'_>) -> Self {
        let passes = context.header.passes.num_passes as usize;
        let sections = |(columns, rows): (usize, usize), passes: usize| {
            let mut sections = Vec::new();
            sections.resize_with(columns * rows * passes, SectionChannels::default);
            sections
        };
        Self {
            lf_groups: sections(context.lf_groups(), 1),
            groups: sections(context.groups(), passes),
            passes,
        }
    }

    /// Decodes the channels that are in the LF global section, from where `bits` stands, into
    /// `bases`, and cuts the others into tiles.
    pub(super) fn after_global(
        context: &FrameContext<'_>,
        global: &LfGlobal,
        bits: &mut Bitstream<'_>,
        bases: &'p mut [PlaneViewMut<'_, i32>],
        stage: &Scope,
    ) -> Result<Self, Error> {
        let bases = bases.iter_mut().map(PlaneViewMut::reborrow).collect();
        let mut channels = global.layout.split(bases);
        let shapes: Vec<_> = global.layout.shapes().collect();
        let grouped = channels.split_off(global.global_channels);
        let (global_shapes, grouped_shapes) = shapes.split_at(global.global_channels);
        stage.with_scratch(|scratch| {
            let stream = global.stream(context, stage, 0);
            let (header, channels) = (&global.header, &mut channels);
            decode_channels(bits, stream, header, global_shapes, channels, scratch)
        })?;
        let mut tasks = Self::new(context);
        for (&shape, channel) in grouped_shapes.iter().zip(grouped) {
            tasks.add(context, shape, channel)?;
        }
        Ok(tasks)
    }

    /// Cuts a channel into its tiles.
    fn add(
        &mut self,
        context: &FrameContext<'_>,
        shape: ChannelShape,
        channel: PlaneViewMut<'p, i32>,
    ) -> Result<(), Error> {
        if shape.is_empty() {
            return Ok(());
        }
        let is_lf = shape.shift() >= LF_SHIFT;
        let (dim, cells) = match is_lf {
            true => (context.group_dim * 8, context.lf_groups()),
            false => (context.group_dim, context.groups()),
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
        let pass = context.pass_of_shift(shape.shift());
        let tiles = channel.into_tiles(TileGrid::new(width, height));
        for (index, tile) in tiles.enumerate() {
            let cell = index / columns * cells.0 + index % columns;
            let section = if is_lf {
                &mut self.lf_groups[cell]
            } else {
                &mut self.groups[cell * self.passes + pass]
            };
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
        let passes = self.passes;
        let lf_groups = self.lf_groups.into_par_iter().enumerate();
        let lf_groups = lf_groups.map(|(index, mut channels)| {
            if channels.is_empty() {
                return Ok(());
            }
            let stream = global.stream(context, stage, context.lf_group_stream(index));
            channels.decode(&mut sections.lf_group(index)?, stream)
        });
        let groups = self.groups.into_par_iter().enumerate();
        let groups = groups.map(|(index, mut channels)| {
            if channels.is_empty() {
                return Ok(());
            }
            let (group, pass) = (index / passes, index % passes);
            let stream = global.stream(context, stage, context.group_stream(pass, group));
            channels.decode(&mut sections.group(pass, group)?, stream)
        });
        let results = lf_groups.chain(groups);
        results.find_map_first(Result::err).map_or(Ok(()), Err)
    }
}
