use crate::headers::Encoding;
use frame_arena::{AllocError, PlaneSpec, ScopePlan};

use super::context::FrameContext;
use super::features::Features;
use crate::Error;
use crate::bits::Bits;
use crate::memory::Memory;
use crate::modular::{Header, Layout, MaConfig, StreamContext, StreamShape, TreeLimits};
use crate::vardct::VarDctGlobal;

/// The LF global section of a frame up to its samples (ISO/IEC 18181-1, G.1).
pub(super) struct LfGlobal<'m> {
    pub(super) features: Features<'m>,
    /// Factors of X, Y and B of LF samples.
    pub(super) dequantization: [f32; 3],
    /// The additional part of VarDCT frames.
    pub(super) vardct: Option<VarDctGlobal<'m>>,
    pub(super) tree: Option<MaConfig<'m>>,
    pub(super) header: Header<'m>,
    pub(super) layout: Layout<'m>,
    /// Number of coded channels, from the first, in the LF global section.
    pub(super) global_channels: usize,
}

impl<'m> LfGlobal<'m> {
    /// Reads up to the samples of the section. Data without a fixed size uses `memory`.
    pub(super) fn parse(
        bits: &mut Bits<'_>,
        context: &FrameContext<'_>,
        memory: Memory<'m>,
    ) -> Result<Self, Error> {
        let features = Features::parse(bits, context, memory)?;
        let dequantization = parse_dequantization(bits)?;
        let is_vardct = context.header.encoding == Encoding::VarDct;
        let vardct = is_vardct.then(|| VarDctGlobal::parse(bits, memory));
        let vardct = vardct.transpose()?;
        let picture = memory.collect(context.picture(context.width, context.height))?;
        let tree = if bits.read_bool()? {
            let channels = context.header.encoded_color_channels() + context.extra_channels;
            let samples = (context.width * context.height * channels) as u64;
            let limits = TreeLimits::global(samples, context.place.budget.limits());
            Some(MaConfig::parse(bits, memory, limits)?)
        } else {
            None
        };
        let header = match &picture[..] {
            [] => Header::EMPTY,
            _ => Header::parse(bits, memory)?,
        };
        let layout = Layout::new(&picture, &header, memory)?;
        let dim = context.group_dim;
        let is_large = |(index, (width, height)): (usize, (usize, usize))| {
            index >= layout.meta_count() && (width > dim || height > dim)
        };
        let sizes = layout.shapes().map(|shape| (shape.width, shape.height));
        let global_channels = sizes.enumerate().position(is_large);
        let global_channels = global_channels.unwrap_or(layout.shapes().len());
        Ok(Self {
            features,
            dequantization,
            vardct,
            tree,
            header,
            layout,
            global_channels,
        })
    }

    /// A plane for each palette.
    pub(super) fn palettes(&self) -> impl Iterator<Item = PlaneSpec<i32>> {
        let sizes = self.layout.palettes().iter();
        sizes.map(|&(width, height)| PlaneSpec::zeros(width, height))
    }

    /// Plans decoding the channels in the section.
    pub(super) fn plan_channels(&self, scope: &mut ScopePlan<'_>) -> Result<(), AllocError> {
        let channels = self.layout.shapes().take(self.global_channels);
        let sizes = channels.map(|shape| (shape.width, shape.height));
        let largest = sizes.reduce(|a, b| (a.0.max(b.0), a.1.max(b.1)));
        let stream = largest.map(|size| StreamShape::new(size, self.global_channels));
        stream.map_or(Ok(()), |stream| {
            scope.tasks(1, |task| stream.plan_channels(task))
        })
    }

    /// True if groups can be finished one by one: all channels except palettes are in groups, and
    /// each pixel depends only on samples of its own place.
    pub(super) fn is_streamable(&self, context: &FrameContext<'_>) -> bool {
        let is_whole = |(width, height)| width == context.width && height == context.height;
        self.global_channels == self.layout.meta_count()
            && self.global_channels < self.layout.shapes().len()
            && self.layout.is_pointwise()
            && self
                .layout
                .shapes()
                .skip(self.global_channels)
                .all(|shape| shape.shift() == 0 && is_whole((shape.width, shape.height)))
    }

    /// The context of a stream of this frame, with scratch from `scope`.
    pub(super) fn stream<'a>(
        &'a self,
        context: &FrameContext<'a>,
        scope: &'a frame_arena::Scope,
        stream_index: u32,
    ) -> StreamContext<'a> {
        StreamContext {
            stream_index,
            global: self.tree.as_ref(),
            bit_depth: context.bit_depth,
            scope,
            budget: context.place.budget,
        }
    }
}

/// Factors of LF samples (ISO/IEC 18181-1, G.1.2); coded values are in units of 1/128.
fn parse_dequantization(bits: &mut Bits<'_>) -> Result<[f32; 3], Error> {
    let mut factors = [1.0 / 32.0, 1.0 / 4.0, 1.0 / 2.0];
    if !bits.read_bool()? {
        for factor in &mut factors {
            *factor = bits.read_f16()?;
        }
    }
    let factors = factors.map(|factor| factor / 128.0);
    if factors.iter().any(|&factor| factor < 1e-8) {
        return Err(Error::corrupt("LF dequantization factor too small"));
    }
    Ok(factors)
}
