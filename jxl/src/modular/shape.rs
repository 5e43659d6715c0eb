use frame_arena::PlaneSpec;

/// Size and subsampling of a coded channel.
///
/// Two channels of equal shape may predict one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChannelShape {
    /// Samples in a row.
    pub(crate) width: usize,
    /// Number of rows.
    pub(crate) height: usize,
    /// log2 of the horizontal subsampling against the frame; -1 for a meta-channel.
    pub(crate) hshift: i32,
    /// log2 of the vertical subsampling against the frame; -1 for a meta-channel.
    pub(crate) vshift: i32,
}

impl ChannelShape {
    /// A plane for the channel.
    pub(crate) fn plane(self) -> PlaneSpec<i32> {
        // Stale: all samples are decoded.
        PlaneSpec::stale(self.width, self.height)
    }

    /// A channel that is not subsampled.
    pub(crate) fn full(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            hshift: 0,
            vshift: 0,
        }
    }

    /// A channel that holds parameters of a transform (a palette) instead of a picture.
    pub(crate) fn meta(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            hshift: -1,
            vshift: -1,
        }
    }

    /// True if it has no samples; nothing is coded for such a channel.
    pub(crate) fn is_empty(&self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// Number of samples.
    pub(crate) fn samples(&self) -> u64 {
        self.width as u64 * self.height as u64
    }

    /// The smaller of the two shifts, which determines the section that holds the channel.
    pub(crate) fn shift(&self) -> i32 {
        self.hshift.min(self.vshift)
    }
}

/// Bounds of a sub-bitstream before it is read: its widest and highest channel, and the number of
/// channels.
#[derive(Clone, Copy)]
pub(crate) struct StreamShape {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) channels: usize,
}

impl StreamShape {
    pub(crate) fn new((width, height): (usize, usize), channels: usize) -> Self {
        Self {
            width,
            height,
            channels,
        }
    }
}
