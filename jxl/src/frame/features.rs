use jxl_bitstream::Bitstream;
use jxl_frame::data::NoiseParameters;
use jxl_oxide_common::Bundle;

use super::context::FrameContext;
use crate::Error;
use crate::render::{CodedPatches, CodedSplines};

/// What is painted over the decoded samples of a frame (ISO/IEC 18181-1, F.1).
pub(super) struct Features {
    pub(super) patches: Option<CodedPatches>,
    pub(super) splines: Option<CodedSplines>,
    /// Strength of the noise at intensities from 0 to 7 sixths.
    pub(super) noise: Option<[f32; 8]>,
}

impl Features {
    /// Reads the start of the LF global section. The frame's scope is charged for patches and splines.
    pub(super) fn parse(
        bits: &mut Bitstream<'_>,
        context: &FrameContext<'_>,
    ) -> Result<Self, Error> {
        let (header, scope) = (context.header, context.scope);
        let pixels = u64::from(header.width) * u64::from(header.height);
        let patches = header.flags.patches();
        let patches = patches
            .then(|| CodedPatches::parse(bits, pixels, &context.extra_kinds, scope))
            .transpose()?;
        let splines = header.flags.splines();
        let splines = splines
            .then(|| CodedSplines::parse(bits, pixels, scope))
            .transpose()?;
        let noise = header.flags.noise();
        let noise = noise
            .then(|| NoiseParameters::parse(bits, ()))
            .transpose()?;
        Ok(Self {
            patches,
            splines,
            noise: noise.map(|parameters| parameters.lut),
        })
    }
}
