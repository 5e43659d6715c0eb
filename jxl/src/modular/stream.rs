use frame_arena::{PlaneAlloc, PlaneView, PlaneViewMut, Scope, Scratch};
use jxl_bitstream::Bitstream;

use crate::entropy::{AnsReader, Code};
use crate::modular::channel::{Any, Symbols, Workspace, decode_channel};
use crate::modular::{
    ChannelShape, Header, Layout, MaConfig, Palettes, TreeLimits, WeightedParams,
};
use crate::{Error, origin};

/// Largest number of symbols that LZ77 can look back.
const LZ77_WINDOW: u64 = 1 << 20;

/// What a sub-bitstream needs to know of its frame.
#[derive(Clone, Copy)]
pub(crate) struct StreamContext<'a> {
    /// Number of the stream in the frame (ISO/IEC 18181-1, annex H); trees may decide on it.
    pub(crate) stream_index: u32,
    /// Tree and code of the frame.
    pub(crate) global: Option<&'a MaConfig>,
    /// Bits of a sample of the image; palettes depend on it.
    pub(crate) bit_depth: u32,
    /// Where scratch comes from and what is charged for memory of the entropy decoder.
    pub(crate) scope: &'a Scope,
}

/// Decodes a whole sub-bitstream: header, samples, inverse transforms.
///
/// `targets` are the channels of its picture, `shapes` their shapes. Nothing is read if all of
/// them are empty.
///
/// # Errors
/// [`Error::Truncated`] or [`Error::Corrupt`] if the section is; [`Error::Memory`] if the arena's
/// limit leaves no room for palettes and rows.
///
/// # Panics
/// If `targets` do not have the sizes in `shapes`.
pub(crate) fn decode_stream(
    bits: &mut Bitstream<'_>,
    context: StreamContext<'_>,
    shapes: &[ChannelShape],
    targets: &mut [PlaneViewMut<'_, i32>],
) -> Result<(), Error> {
    if shapes.iter().all(ChannelShape::is_empty) {
        return Ok(());
    }
    let header = Header::parse(bits)?;
    let layout = Layout::new(shapes, &header)?;
    let coded: Vec<_> = layout.shapes().collect();
    let palette_scratch = context.scope.scratch_beyond_plan();
    context.scope.with_scratch(|scratch| {
        let mut palettes = Vec::with_capacity(layout.palettes().len());
        for &(width, height) in layout.palettes() {
            palettes.push(palette_scratch.plane(width, height)?);
        }
        let mut bases: Vec<_> = targets.iter_mut().map(PlaneViewMut::reborrow).collect();
        bases.extend(palettes.iter_mut().map(|palette| palette.view_mut()));
        let mut channels = layout.split(bases.iter_mut().map(PlaneViewMut::reborrow).collect());
        decode_channels(bits, context, &header, &coded, &mut channels, scratch)?;
        drop(channels);
        layout.invert(
            &mut bases,
            Palettes::InBases,
            context.bit_depth,
            context.scope,
        )
    })
}

/// Decodes coded channels, with a tree of their own or the frame's. Nothing is read if all of
/// them are empty.
///
/// # Errors
/// As [`decode_stream`].
///
/// # Panics
/// If `channels` do not have the sizes in `shapes`.
pub(crate) fn decode_channels(
    bits: &mut Bitstream<'_>,
    context: StreamContext<'_>,
    header: &Header,
    shapes: &[ChannelShape],
    channels: &mut [PlaneViewMut<'_, i32>],
    scratch: &Scratch<'_>,
) -> Result<(), Error> {
    assert_eq!(shapes.len(), channels.len());
    let samples: u64 = shapes.iter().map(ChannelShape::samples).sum();
    if samples == 0 {
        return Ok(());
    }
    let (own, beyond_plan);
    let mut weighted_scratch = scratch;
    let ma = if header.use_global_tree {
        let missing = || Error::corrupt("frame has no global tree");
        context.global.ok_or_else(missing)?
    } else {
        if context.global.is_some() {
            // The plan goes by the frame's tree.
            beyond_plan = context.scope.scratch_beyond_plan();
            weighted_scratch = &beyond_plan;
        }
        own = MaConfig::parse(bits, context.scope, TreeLimits::local(samples))?;
        &own
    };
    let max_width = shapes.iter().map(|shape| shape.width).max().unwrap_or(0);
    let coded = Coded {
        ma,
        scope: context.scope,
        stream_index: context.stream_index,
        weighted: header.weighted,
        shapes,
    };
    let references = most_references(ma, shapes);
    let mut workspace = Workspace::new(scratch, weighted_scratch, max_width, references);
    match ma.code() {
        Code::Ans(code) => {
            let mut symbols = AnsReader::begin(code, bits)?;
            coded.decode(&mut symbols, channels, &mut workspace)?;
            symbols.finish(bits)
        }
        Code::Other(decoder) => {
            let mut decoder = decoder.clone();
            decoder.begin(bits)?;
            let has_lz77 = decoder.as_with_lz77().is_some();
            let window = if has_lz77 {
                samples.min(LZ77_WINDOW)
            } else {
                0
            };
            let _charge = context
                .scope
                .charge_for(origin::LZ77_WINDOWS, window as usize * size_of::<u32>())?;
            let mut symbols = Any {
                decoder: &mut decoder,
                bits,
                distance_multiplier: max_width as u32,
            };
            coded.decode(&mut symbols, channels, &mut workspace)?;
            Ok(decoder.finalize()?)
        }
    }
}

/// Most samples of other channels that properties of a row come from.
fn most_references(ma: &MaConfig, shapes: &[ChannelShape]) -> usize {
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
    ma: &'a MaConfig,
    scope: &'a Scope,
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
        for (index, shape) in self.shapes.iter().enumerate() {
            if shape.is_empty() {
                continue;
            }
            let (before, rest) = channels.split_at_mut(index);
            let same_shape = |&(_, other): &(_, &ChannelShape)| other == shape;
            let candidates = before.iter().zip(self.shapes);
            let available = candidates.clone().filter(same_shape).count();
            let tree = self.ma.flatten(index as u32, self.stream_index, available);
            let _charge = self.scope.charge_for(origin::TREES, tree.heap_bytes())?;
            let references: Vec<PlaneView<'_, i32>> = candidates
                .rev()
                .filter(same_shape)
                .take(tree.references())
                .map(|(channel, _)| channel.view())
                .collect();
            let channel = &mut rest[0];
            decode_channel(
                symbols,
                &tree,
                &self.weighted,
                &references,
                channel,
                workspace,
            )?;
        }
        Ok(())
    }
}
