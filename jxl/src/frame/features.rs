use frame_arena::Scope;
use jxl_bitstream::Bitstream;
use jxl_frame::FrameHeader;
use jxl_frame::data::NoiseParameters;
use jxl_oxide_common::Bundle;

use crate::Error;
use crate::render::CodedSplines;

/// What is painted over the decoded samples of a frame (ISO/IEC 18181-1, F.1).
pub(super) struct Features {
    pub(super) splines: Option<CodedSplines>,
    /// Strength of the noise at intensities from 0 to 7 sixths.
    pub(super) noise: Option<[f32; 8]>,
}

impl Features {
    /// Reads the start of the LF global section. `scope` is charged for splines.
    pub(super) fn parse(
        bits: &mut Bitstream<'_>,
        header: &FrameHeader,
        scope: &Scope,
    ) -> Result<Self, Error> {
        let pixels = u64::from(header.width) * u64::from(header.height);
        let splines = header.flags.splines();
        let splines = splines
            .then(|| CodedSplines::parse(bits, pixels, scope))
            .transpose()?;
        let noise = header.flags.noise();
        let noise = noise
            .then(|| NoiseParameters::parse(bits, ()))
            .transpose()?;
        Ok(Self {
            splines,
            noise: noise.map(|parameters| parameters.lut),
        })
    }
}
