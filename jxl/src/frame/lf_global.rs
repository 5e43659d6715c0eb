use jxl_bitstream::Bitstream;
use jxl_frame::header::Encoding;

use super::context::FrameContext;
use super::features::Features;
use crate::Error;
use crate::modular::{Header, Layout, MaConfig, StreamContext, TreeLimits};
use crate::vardct::VarDctGlobal;

/// What the LF global section says about the whole frame (ISO/IEC 18181-1, G.1), up to the
/// samples in it.
pub(super) struct LfGlobal {
    pub(super) features: Features,
    /// What X, Y and B of an LF sample are multiplied with.
    pub(super) dequantisation: [f32; 3],
    /// What VarDCT frames have beside.
    pub(super) vardct: Option<VarDctGlobal>,
    pub(super) tree: Option<MaConfig>,
    pub(super) header: Header,
    pub(super) layout: Layout,
    /// How many coded channels, from the first, are in the LF global section.
    pub(super) global_channels: usize,
}

impl LfGlobal {
    /// Reads up to the samples of the section.
    pub(super) fn parse(
        bits: &mut Bitstream<'_>,
        context: &FrameContext<'_>,
    ) -> Result<Self, Error> {
        let features = Features::parse(bits, context)?;
        let dequantisation = parse_dequantisation(bits)?;
        let is_vardct = context.header.encoding == Encoding::VarDct;
        let vardct = is_vardct.then(|| VarDctGlobal::parse(bits)).transpose()?;
        let picture = context.picture(context.width, context.height);
        let tree = if bits.read_bool()? {
            let channels = context.header.encoded_color_channels() + context.extra_channels;
            let samples = (context.width * context.height * channels) as u64;
            Some(MaConfig::parse(
                bits,
                context.scope,
                TreeLimits::global(samples),
            )?)
        } else {
            None
        };
        let header = match picture.as_slice() {
            [] => Header::EMPTY,
            _ => Header::parse(bits)?,
        };
        let layout = Layout::new(&picture, &header)?;
        let dim = context.group_dim;
        let is_large = |(index, (width, height)): (usize, (usize, usize))| {
            index >= layout.meta_count() && (width > dim || height > dim)
        };
        let sizes = layout.shapes().map(|shape| (shape.width, shape.height));
        let global_channels = sizes.enumerate().position(is_large);
        let global_channels = global_channels.unwrap_or(layout.shapes().len());
        Ok(Self {
            features,
            dequantisation,
            vardct,
            tree,
            header,
            layout,
            global_channels,
        })
    }

    /// True if groups can be finished one by one: all channels but the palettes are in groups,
    /// and each pixel follows from samples of its own place.
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
        context: &FrameContext<'_>,
        scope: &'a frame_arena::Scope,
        stream_index: u32,
    ) -> StreamContext<'a> {
        StreamContext {
            stream_index,
            global: self.tree.as_ref(),
            bit_depth: context.bit_depth,
            scope,
        }
    }
}

/// Factors of LF samples (ISO/IEC 18181-1, G.1.2); coded values are in units of 1/128.
fn parse_dequantisation(bits: &mut Bitstream<'_>) -> Result<[f32; 3], Error> {
    let mut factors = [1.0 / 32.0, 1.0 / 4.0, 1.0 / 2.0];
    if !bits.read_bool()? {
        for factor in &mut factors {
            *factor = bits.read_f16_as_f32()?;
        }
    }
    let factors = factors.map(|factor| factor / 128.0);
    if factors.iter().any(|&factor| factor < 1e-8) {
        return Err(Error::corrupt("LF dequantisation factor too small"));
    }
    Ok(factors)
}
