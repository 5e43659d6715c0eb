use crate::headers::{Encoding, FrameHeader};

/// How the samples of a frame are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameCoding {
    /// As integers, predicted from their neighbors.
    Modular,
    /// By transforms of blocks.
    VarDct,
}

impl FrameCoding {
    pub(crate) fn new(frame: &FrameHeader<'_>) -> Self {
        match frame.encoding {
            Encoding::Modular => Self::Modular,
            Encoding::VarDct => Self::VarDct,
        }
    }
}
