use super::context::FrameContext;
use crate::Error;
use crate::bits::Bits;
use crate::headers::parse_noise;
use crate::memory::Memory;
use crate::render::{CodedPatches, CodedSplines};

/// Patches, splines and noise, which are painted over the decoded samples of a frame (ISO/IEC
/// 18181-1, F.1).
pub(super) struct Features<'m> {
    pub(super) patches: Option<CodedPatches<'m>>,
    pub(super) splines: Option<CodedSplines<'m>>,
    /// Strength of the noise at intensities from 0 to 7 sixths.
    pub(super) noise: Option<[f32; 8]>,
}

impl<'m> Features<'m> {
    /// Reads the start of the LF global section.
    pub(super) fn parse(
        bits: &mut Bits<'_>,
        context: &FrameContext<'_>,
        memory: Memory<'m>,
    ) -> Result<Self, Error> {
        let header = context.header;
        let pixels = u64::from(header.width) * u64::from(header.height);
        let patches = header.flags.patches();
        let patches = patches
            .then(|| CodedPatches::parse(bits, pixels, context.extra_kinds, memory))
            .transpose()?;
        let splines = header.flags.splines();
        let splines = splines
            .then(|| CodedSplines::parse(bits, pixels, memory))
            .transpose()?;
        let noise = header.flags.noise();
        let noise = noise.then(|| parse_noise(bits)).transpose()?;
        Ok(Self {
            patches,
            splines,
            noise,
        })
    }
}
