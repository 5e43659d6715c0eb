//! Modular channels whose groups are decoded and transformed one by one.

use crate::bits::Bits;
use frame_arena::{AllocError, Plane, PlaneViewMut, Scope, ScopePlan, ScratchPlan, Spec};

use super::context::FrameContext;
use super::lf_global::LfGlobal;
use crate::Error;
use crate::grid::Size;
use crate::memory::Memory;
use crate::modular::{Layout, Palettes, StreamShape, decode_channels, decode_stream};
use crate::workers::Workers;

/// The shared data of the groups of a frame that [is streamable](LfGlobal::is_streamable).
pub(super) struct LocalChannels<'a> {
    context: &'a FrameContext<'a>,
    global: &'a LfGlobal<'a>,
    palettes: &'a [Plane<'a, i32>],
    /// The pass that has the samples.
    pub(super) pass: usize,
}

impl<'a> LocalChannels<'a> {
    /// Decodes the palettes, the only channels in the LF global section, from `bits` on.
    pub(super) fn new(
        context: &'a FrameContext<'a>,
        global: &'a LfGlobal<'a>,
        bits: &mut Bits<'_>,
        memory: Memory<'a>,
    ) -> Result<Self, Error> {
        let palettes = global.palettes().map(|spec| Ok(spec.open(context.scope)?));
        let palettes = memory.try_collect(palettes)?.leak();
        let shapes = memory.collect(global.layout.shapes().take(palettes.len()))?;
        // A palette comes before those of the transforms before its own.
        let mut channels = memory.collect(palettes.iter_mut().rev().map(Plane::view_mut))?;
        let stream = global.stream(context, context.scope, 0);
        decode_channels(bits, stream, &global.header, &shapes, &mut channels)?;
        drop(channels);
        Ok(Self {
            context,
            global,
            palettes,
            pass: context.pass_of_shift(0),
        })
    }

    /// Plans [`new`](Self::new).
    pub(super) fn plan(global: &LfGlobal<'_>, scope: &mut ScopePlan<'_>) -> Result<(), AllocError> {
        global.palettes().try_for_each(|spec| spec.plan(scope))?;
        global.plan_channels(scope)
    }

    /// Plans [`decode`](Self::decode) of a group of `size`.
    pub(super) fn plan_group(
        size: Size,
        channels: usize,
        task: &mut ScratchPlan,
    ) -> Result<(), AllocError> {
        StreamShape::new(size.into(), channels).plan(task)
    }

    /// Decodes all channels of a group from its section of [`pass`](Self::pass) into `channels`,
    /// one of the size of the group for each channel of the picture, and undoes the transforms.
    ///
    /// # Errors
    /// Truncated and corrupt sections, memory.
    pub(super) fn decode(
        &self,
        group: usize,
        bits: &mut Bits<'_>,
        channels: &mut [PlaneViewMut<'_, i32>],
        stage: &Scope,
    ) -> Result<(), Error> {
        let size = channels
            .first()
            .map(|first| (first.width(), first.height()));
        let (width, height) = size.unwrap_or_default();
        let kept = stage.scratch_beyond_plan();
        let memory = Memory::new(stage, &kept);
        let picture = memory.collect(self.context.picture(width, height))?;
        let layout = Layout::new(&picture, &self.global.header, memory)?;
        let shapes = memory.collect(layout.shapes().skip(layout.meta_count()))?;
        let stream_index = self.context.group_stream(self.pass, group);
        let stream = self.global.stream(self.context, stage, stream_index);
        let mut coded = layout.split_pointwise(channels, memory)?;
        decode_stream(bits, stream, &shapes, &mut coded)?;
        drop(coded);
        let palettes = memory.collect(self.palettes.iter().map(Plane::view))?;
        let palettes = Palettes::Shared(&palettes);
        let workers = (stage, Workers::ALONE);
        layout.invert(channels, palettes, self.context.bit_depth, workers)
    }
}
