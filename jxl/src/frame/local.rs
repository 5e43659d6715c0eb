//! Modular channels whose groups are decoded and transformed one by one.

use frame_arena::{Plane, PlaneAlloc, PlaneViewMut, Scope};
use jxl_bitstream::Bitstream;

use super::context::FrameContext;
use super::lf_global::LfGlobal;
use crate::Error;
use crate::modular::{Layout, Palettes, decode_channels, decode_stream};

/// What all groups share of the channels of a frame that [is streamable](LfGlobal::is_streamable).
pub(super) struct LocalChannels<'a> {
    context: &'a FrameContext<'a>,
    global: &'a LfGlobal,
    palettes: Vec<Plane<'a, i32>>,
    /// The pass that has the samples.
    pub(super) pass: usize,
}

impl<'a> LocalChannels<'a> {
    /// Decodes the palettes, which are all that the LF global section holds. `bits` goes on there.
    pub(super) fn new(
        context: &'a FrameContext<'a>,
        global: &'a LfGlobal,
        bits: &mut Bitstream<'_>,
    ) -> Result<Self, Error> {
        let mut palettes = Vec::with_capacity(global.layout.palettes().len());
        for &(width, height) in global.layout.palettes() {
            palettes.push(context.scope.plane(width, height)?);
        }
        let shapes: Vec<_> = global.layout.shapes().take(palettes.len()).collect();
        // A palette comes before those of the transforms before its own.
        let mut channels: Vec<_> = palettes.iter_mut().rev().map(Plane::view_mut).collect();
        context.scope.with_scratch(|scratch| {
            let stream = global.stream(context, context.scope, 0);
            let (header, channels) = (&global.header, &mut channels);
            decode_channels(bits, stream, header, &shapes, channels, scratch)
        })?;
        drop(channels);
        Ok(Self {
            context,
            global,
            palettes,
            pass: context.pass_of_shift(0),
        })
    }

    /// Decodes all channels of a group from its section of [`pass`](Self::pass) into `channels`, one for each channel of the picture, all as
    /// large as the group, and undoes the transforms.
    ///
    /// # Errors
    /// Truncated and corrupt sections, memory.
    pub(super) fn decode(
        &self,
        group: usize,
        bits: &mut Bitstream<'_>,
        channels: &mut [PlaneViewMut<'_, i32>],
        stage: &Scope,
    ) -> Result<(), Error> {
        let size = channels
            .first()
            .map(|first| (first.width(), first.height()));
        let (width, height) = size.unwrap_or_default();
        let picture = self.context.picture(width, height);
        let layout = Layout::new(&picture, &self.global.header)?;
        let shapes: Vec<_> = layout.shapes().skip(layout.meta_count()).collect();
        let stream_index = self.context.group_stream(self.pass, group);
        let stream = self.global.stream(self.context, stage, stream_index);
        let mut coded = layout.split_pointwise(channels);
        decode_stream(bits, stream, &shapes, &mut coded)?;
        drop(coded);
        let palettes: Vec<_> = self.palettes.iter().map(Plane::view).collect();
        let palettes = Palettes::Shared(&palettes);
        layout.invert(channels, palettes, self.context.bit_depth, stage)
    }
}
