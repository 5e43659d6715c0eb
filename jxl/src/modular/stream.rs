use frame_arena::{AllocError, PlaneAlloc, PlaneViewMut, Scope, ScratchPlan};

use crate::Error;
use crate::bits::Bits;
use crate::budget::Budget;
use crate::entropy::{AnsReader, Code, OtherReader};
use crate::memory::Memory;
use crate::modular::channel::{Symbols, TreeRoom, Workspace, WorkspaceShape, decode_channel};
use crate::modular::tree::FlatRoom;
use crate::modular::{
    ChannelShape, Header, Layout, MaConfig, Palettes, StreamShape, TreeLimits, WeightedParams,
};
use crate::workers::Workers;

/// The data of its frame that a sub-bitstream needs.
#[derive(Clone, Copy)]
pub(crate) struct StreamContext<'a> {
    /// Number of the stream in the frame (ISO/IEC 18181-1, annex H), on which trees may decide.
    pub(crate) stream_index: u32,
    /// Tree and code of the frame.
    pub(crate) global: Option<&'a MaConfig<'a>>,
    /// Bits of a sample of the image, which palettes depend on.
    pub(crate) bit_depth: u32,
    /// Scope that opens scratch.
    pub(crate) scope: &'a Scope,
    /// Budget that counts the samples.
    pub(crate) budget: &'a Budget<'a>,
}

impl StreamShape {
    /// Plans [`decode_channels`] within its scratch.
    pub(crate) fn plan_channels(self, task: &mut ScratchPlan) -> Result<(), AllocError> {
        let shape = WorkspaceShape {
            max_width: self.width,
            most_references: self.channels.saturating_sub(1) * self.width,
        };
        shape.plan(task)
    }

    /// Plans [`decode_stream`] of a stream without transforms.
    pub(crate) fn plan_plain(self, task: &mut ScratchPlan) -> Result<(), AllocError> {
        task.scratch(|task| self.plan_channels(task))
    }

    /// Plans [`decode_stream`].
    pub(crate) fn plan(self, task: &mut ScratchPlan) -> Result<(), AllocError> {
        self.plan_plain(task)?;
        self.plan_transforms(task)
    }
}

/// Decodes a whole sub-bitstream: header, samples, inverse transforms.
///
/// `targets` are the channels of its picture, `shapes` their shapes. Nothing is read if all of
/// them are empty.
///
/// # Errors
/// [`Error::Truncated`] or [`Error::Corrupt`] for such a section; [`Error::Memory`] if the arena's
/// limit leaves no room for palettes and rows.
///
/// # Panics
/// If `targets` do not have the sizes in `shapes`.
pub(crate) fn decode_stream(
    bits: &mut Bits<'_>,
    context: StreamContext<'_>,
    shapes: &[ChannelShape],
    targets: &mut [PlaneViewMut<'_, i32>],
) -> Result<(), Error> {
    if shapes.iter().all(ChannelShape::is_empty) {
        return Ok(());
    }
    let kept = context.scope.scratch_beyond_plan();
    let memory = Memory::new(context.scope, &kept);
    let header = Header::parse(bits, memory)?;
    let layout = Layout::new(shapes, &header, memory)?;
    context
        .budget
        .spend(header.transform_work(shapes.iter().copied()))?;
    let coded = memory.collect(layout.shapes())?;
    let palettes = layout.palettes().iter();
    let palettes = palettes.map(|&(width, height)| Ok(kept.plane(width, height)?));
    let mut palettes = memory.try_collect(palettes)?;
    let mut bases = memory.list(targets.len() + palettes.len())?;
    bases.extend(targets.iter_mut().map(PlaneViewMut::reborrow));
    bases.extend(palettes.iter_mut().map(|palette| palette.view_mut()));
    let split = bases.iter_mut().map(PlaneViewMut::reborrow);
    let mut channels = layout.split(split, memory)?;
    decode_channels(bits, context, &header, &coded, &mut channels)?;
    drop(channels);
    layout.invert(
        &mut bases,
        Palettes::InBases,
        context.bit_depth,
        (context.scope, Workers::ALONE),
    )
}

/// Decodes coded channels, with their own tree or the frame's. Nothing is read if all of them are
/// empty.
///
/// # Errors
/// As [`decode_stream`].
///
/// # Panics
/// If `channels` do not have the sizes in `shapes`.
pub(crate) fn decode_channels(
    bits: &mut Bits<'_>,
    context: StreamContext<'_>,
    header: &Header<'_>,
    shapes: &[ChannelShape],
    channels: &mut [PlaneViewMut<'_, i32>],
) -> Result<(), Error> {
    assert_eq!(shapes.len(), channels.len());
    let samples: u64 = shapes.iter().map(ChannelShape::samples).sum();
    if samples == 0 {
        return Ok(());
    }
    let kept = context.scope.scratch_beyond_plan();
    let memory = Memory::new(context.scope, &kept);
    let ma = if header.use_global_tree {
        let missing = || Error::corrupt("frame without a global MA tree");
        *context.global.ok_or_else(missing)?
    } else {
        MaConfig::parse(
            bits,
            memory,
            TreeLimits::local(samples, context.budget.limits()),
        )?
    };
    let coded = Coded {
        ma: &ma,
        memory,
        stream_index: context.stream_index,
        weighted: header.weighted,
        shapes,
    };
    let shape = WorkspaceShape {
        max_width: shapes.iter().map(|shape| shape.width).max().unwrap_or(0),
        most_references: most_references(&ma, shapes),
    };
    context.scope.with_scratch(|scratch| {
        // The plan goes by the frame's tree.
        let is_beyond_plan = context.global.is_some() && !header.use_global_tree;
        let weighted_scratch = if is_beyond_plan { &kept } else { scratch };
        let mut workspace = Workspace::new(scratch, weighted_scratch, shape, context.budget);
        match ma.code() {
            Code::Ans(code) => {
                let mut symbols = AnsReader::begin(code, bits)?;
                coded.decode(&mut symbols, channels, &mut workspace)?;
                symbols.finish(bits)
            }
            Code::Other(code) => {
                let sizes = (shape.max_width as u32, samples as usize);
                let mut symbols = OtherReader::begin(code, bits, sizes, memory)?;
                coded.decode(&mut symbols, channels, &mut workspace)?;
                symbols.finish(bits)
            }
        }
    })
}

/// Most samples of other channels that properties of a row come from.
fn most_references(ma: &MaConfig<'_>, shapes: &[ChannelShape]) -> usize {
    if ma.references() == 0 {
        return 0;
    }
    let references = shapes.iter().enumerate().map(|(index, shape)| {
        let alike = shapes[..index].iter().filter(|&other| other == shape);
        ma.references().min(alike.count()) * shape.width
    });
    references.max().unwrap_or(0)
}

/// The coded channels of a stream.
struct Coded<'a> {
    ma: &'a MaConfig<'a>,
    memory: Memory<'a>,
    stream_index: u32,
    weighted: WeightedParams,
    shapes: &'a [ChannelShape],
}

impl Coded<'_> {
    fn decode(
        &self,
        symbols: &mut impl Symbols,
        channels: &mut [PlaneViewMut<'_, i32>],
        workspace: &mut Workspace<'_>,
    ) -> Result<(), Error> {
        let (mut flat_room, mut room) = (FlatRoom::new(self.memory), TreeRoom::new(self.memory));
        for (index, shape) in self.shapes.iter().enumerate() {
            if shape.is_empty() {
                continue;
            }
            let (before, rest) = channels.split_at_mut(index);
            let same_shape = |&(_, other): &(_, &ChannelShape)| other == shape;
            let candidates = before.iter().zip(self.shapes);
            let available = candidates.clone().filter(same_shape).count();
            let place = (index as u32, self.stream_index);
            let tree = self.ma.flatten(place, available, &mut flat_room)?;
            let references = candidates.rev().filter(same_shape).take(tree.references());
            let references = references.map(|(channel, _)| channel.view());
            let references = self.memory.collect(references)?;
            decode_channel(
                symbols,
                (&tree, &mut room),
                &self.weighted,
                &references,
                &mut rest[0],
                workspace,
            )?;
        }
        Ok(())
    }
}
