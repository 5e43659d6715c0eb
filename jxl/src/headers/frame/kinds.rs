use crate::Error;
use crate::bits::Bits;

/// The use of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameType {
    RegularFrame,
    /// LF image of later frames.
    LfFrame,
    /// Source of patches.
    ReferenceOnly,
    /// As regular, but not to be shown before it is complete.
    SkipProgressive,
}

/// The coding of a frame's samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    VarDct,
    Modular,
}

/// The features of a frame, as bits with the standard's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FrameFlags(u64);

impl FrameType {
    pub(super) fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        Ok(match bits.read(2)? {
            0 => Self::RegularFrame,
            1 => Self::LfFrame,
            2 => Self::ReferenceOnly,
            _ => Self::SkipProgressive,
        })
    }

    /// True for frames that are part of the picture.
    pub(crate) fn is_normal_frame(self) -> bool {
        matches!(self, Self::RegularFrame | Self::SkipProgressive)
    }
}

impl Encoding {
    pub(super) fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        Ok(match bits.read_bool()? {
            false => Self::VarDct,
            true => Self::Modular,
        })
    }
}

impl FrameFlags {
    pub(super) fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        Ok(Self(bits.read_u64()?))
    }

    pub(crate) fn noise(self) -> bool {
        self.0 & 1 != 0
    }

    pub(crate) fn patches(self) -> bool {
        self.0 & 2 != 0
    }

    pub(crate) fn splines(self) -> bool {
        self.0 & 0x10 != 0
    }

    pub(crate) fn use_lf_frame(self) -> bool {
        self.0 & 0x20 != 0
    }

    pub(crate) fn skip_adaptive_lf_smoothing(self) -> bool {
        self.0 & 0x80 != 0
    }
}
