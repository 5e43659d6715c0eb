use bytemuck::{Pod, Zeroable};

use super::{BlendMode, BlendingInfo};
use crate::Error;
use crate::bits::Bits;

/// The fields of an extra channel in a frame header, as plain numbers.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(super) struct ExtraRecord {
    upsampling: u32,
    mode: u32,
    alpha_channel: u32,
    clamp: u32,
    source: u32,
}

impl ExtraRecord {
    /// The default values.
    pub(super) const DEFAULT: Self = Self {
        upsampling: 1,
        mode: BlendMode::Replace as u32,
        alpha_channel: 0,
        clamp: 0,
        source: 0,
    };

    /// Reads the upsampling of a channel that is subsampled by 2^`dim_shift`.
    ///
    /// # Errors
    /// [`Error::Truncated`]; channels that are larger than the colors, which are upsampled
    /// `color_upsampling` times, or upsampled by more than 8.
    pub(super) fn parse_upsampling(
        &mut self,
        bits: &mut Bits<'_>,
        dim_shift: u32,
        color_upsampling: u32,
    ) -> Result<(), Error> {
        self.upsampling = bits.read_u32(1, 2, 4, 8)?;
        let total = self.upsampling << dim_shift;
        if total < color_upsampling || total > 8 {
            return Err(Error::corrupt(format!(
                "extra channel upsampled {total} times, colors {color_upsampling} times"
            )));
        }
        Ok(())
    }

    pub(super) fn upsampling(&self) -> u32 {
        self.upsampling
    }

    pub(super) fn set_blending(&mut self, info: BlendingInfo) {
        self.mode = info.mode as u32;
        self.alpha_channel = info.alpha_channel;
        self.clamp = info.clamp.into();
        self.source = info.source;
    }

    pub(super) fn blending(&self) -> BlendingInfo {
        BlendingInfo {
            mode: BlendMode::of_number(self.mode).unwrap_or_default(),
            alpha_channel: self.alpha_channel,
            clamp: self.clamp == 1,
            source: self.source,
        }
    }
}
