use jxl_bitstream::Bitstream;
use jxl_frame::FrameHeader;
use jxl_frame::data::NoiseParameters;
use jxl_oxide_common::Bundle;

use crate::Error;

/// What is painted over the decoded samples of a frame (ISO/IEC 18181-1, F.1).
pub(super) struct Features {
    /// Strength of the noise at intensities from 0 to 7 sixths.
    pub(super) noise: Option<[f32; 8]>,
}

impl Features {
    /// Reads the start of the LF global section.
    pub(super) fn parse(bits: &mut Bitstream<'_>, header: &FrameHeader) -> Result<Self, Error> {
        let noise = header.flags.noise();
        let noise = noise
            .then(|| NoiseParameters::parse(bits, ()))
            .transpose()?;
        Ok(Self {
            noise: noise.map(|parameters| parameters.lut),
        })
    }
}
