use crate::Error;
use crate::bits::{Bits, U};

/// The blending of a frame's colors or of an extra channel with the canvas (ISO/IEC 18181-1, F.2:
/// BlendingInfo).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BlendingInfo {
    pub(crate) mode: BlendMode,
    /// The extra channel with the alpha for blending.
    pub(crate) alpha_channel: u32,
    /// Whether alpha, or the factor of multiplication, is clamped to 0 to 1.
    pub(crate) clamp: bool,
    /// The slot of the reference that is used as canvas.
    pub(crate) source: u32,
}

/// The operation of blending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum BlendMode {
    #[default]
    Replace = 0,
    Add = 1,
    Blend = 2,
    MulAdd = 3,
    Mul = 4,
}

impl BlendingInfo {
    /// `extra_channels` is their number in the image. `is_full` tells that the frame covers the
    /// whole image, so that `Replace` needs no canvas.
    ///
    /// # Errors
    /// [`Error::Truncated`]; an unknown mode; alpha of a missing channel.
    pub(super) fn parse(
        bits: &mut Bits<'_>,
        extra_channels: usize,
        is_full: bool,
    ) -> Result<Self, Error> {
        let mode = BlendMode::parse(bits)?;
        let mut info = Self {
            mode,
            ..Self::default()
        };
        let uses_alpha = extra_channels > 0 && mode.use_alpha();
        if uses_alpha {
            info.alpha_channel = bits.read_u32(0, 1, 2, 3 + U(3))?;
            if info.alpha_channel as usize >= extra_channels {
                return Err(Error::corrupt(format!(
                    "blending with the alpha of extra channel {}, of {extra_channels}",
                    info.alpha_channel
                )));
            }
        }
        if uses_alpha || mode == BlendMode::Mul {
            info.clamp = bits.read_bool()?;
        }
        if mode != BlendMode::Replace || !is_full {
            info.source = bits.read(2)?;
        }
        Ok(info)
    }
}

impl BlendMode {
    fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        let number = bits.read_u32(0, 1, 2, 3 + U(2))?;
        Self::of_number(number)
            .ok_or_else(|| Error::corrupt(format!("blend mode {number}, above 4")))
    }

    /// The mode that the standard gives this number.
    pub(super) fn of_number(number: u32) -> Option<Self> {
        Some(match number {
            0 => Self::Replace,
            1 => Self::Add,
            2 => Self::Blend,
            3 => Self::MulAdd,
            4 => Self::Mul,
            _ => return None,
        })
    }

    /// True if the result depends on an alpha channel.
    pub(crate) fn use_alpha(self) -> bool {
        matches!(self, Self::Blend | Self::MulAdd)
    }
}
