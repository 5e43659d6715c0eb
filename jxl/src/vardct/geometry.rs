use crate::Reduction;
use crate::grid::Size;
use crate::headers::FrameHeader;

use super::transform::TransformType;

/// Side of a block, the smallest square that a transform covers.
pub(crate) const BLOCK_DIM: usize = 8;
/// Blocks along a side of a group.
pub(super) const GROUP_BLOCKS: usize = 32;
/// Blocks along a side of an LF group.
const LF_GROUP_BLOCKS: usize = 256;
/// Blocks along a side of a square that shares one chroma-from-luma factor.
pub(super) const CORRELATION_BLOCKS: usize = 8;

/// How a VarDCT frame is cut into blocks, and how its channels are subsampled.
///
/// Channels are X, Y, B or Cb, Y, Cr. Subsampled channels have fewer blocks. Places are in blocks
/// of the channels that are not subsampled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    /// Blocks across. Even if any channel has sampling factor 2 horizontally.
    pub(crate) columns: usize,
    /// Blocks down. Even if any channel has sampling factor 2 vertically.
    pub(crate) rows: usize,
    /// log2 of the horizontal subsampling of each channel.
    pub(crate) hshift: [usize; 3],
    /// log2 of the vertical subsampling of each channel.
    pub(crate) vshift: [usize; 3],
    /// How much smaller than coded the frame is decoded.
    reduction: Reduction,
}

impl Geometry {
    pub(crate) fn new(header: &FrameHeader<'_>, reduction: Reduction) -> Self {
        // The header's modes are sampling factors: 0 is 1 x 1, 1 is 2 x 2, 2 is 2 x 1, 3 is 1 x 2.
        let factors = header.jpeg_upsampling;
        let doubled = |modes: [u32; 2]| factors.map(|factor| modes.contains(&factor));
        let axis = |samples: u32, doubled: [bool; 3]| {
            // Also true if all channels have factor 2, so that none is subsampled.
            let any = doubled.contains(&true);
            let blocks = (samples as usize).div_ceil(BLOCK_DIM);
            let shifts = doubled.map(|is_doubled| usize::from(any && !is_doubled));
            (blocks.next_multiple_of(1 << u32::from(any)), shifts)
        };
        let (columns, hshift) = axis(header.color_sample_width(), doubled([1, 2]));
        let (rows, vshift) = axis(header.color_sample_height(), doubled([1, 3]));
        Self {
            columns,
            rows,
            hshift,
            vshift,
            reduction,
        }
    }

    /// Columns and rows of samples that are made of a block of a channel: 8, or fewer if the frame
    /// is decoded smaller. Subsampled channels are reduced less, as far as they are subsampled.
    pub(crate) fn block_size(&self, channel: usize) -> Size {
        let side = |shift: usize| BLOCK_DIM >> self.reduction.log2().saturating_sub(shift);
        Size::new(side(self.hshift[channel]), side(self.vshift[channel]))
    }

    /// log2 of the horizontal and the vertical subsampling that remains in the samples of a channel
    /// when the frame is decoded smaller.
    pub(crate) fn sample_shifts(&self, channel: usize) -> [usize; 2] {
        let shifts = [self.hshift[channel], self.vshift[channel]];
        shifts.map(|shift| shift.saturating_sub(self.reduction.log2()))
    }

    /// True if a channel has fewer samples than the frame has pixels.
    pub(crate) fn is_subsampled(&self) -> bool {
        self.hshift != [0; 3] || self.vshift != [0; 3]
    }

    /// The transform types whose varblocks fit in the frame, one bit each.
    pub(super) fn fitting_transforms(&self) -> u32 {
        let fits = |transform: &TransformType| {
            let Size { width, height } = transform.blocks();
            let is_allowed = !self.is_subsampled() || transform.log_blocks() == 0;
            is_allowed && width <= self.columns && height <= self.rows
        };
        let fitting = TransformType::ALL.into_iter().filter(fits);
        fitting.fold(0, |transforms, transform| {
            transforms | 1 << transform as u32
        })
    }

    /// Blocks across and down.
    pub(crate) fn blocks(&self) -> Size {
        Size::new(self.columns, self.rows)
    }

    /// Blocks across and down of a channel.
    pub(crate) fn channel_blocks(&self, channel: usize) -> Size {
        Size::new(
            self.columns >> self.hshift[channel],
            self.rows >> self.vshift[channel],
        )
    }

    /// Blocks across and down of a channel in a whole LF group.
    pub(crate) fn lf_group_blocks(&self, channel: usize) -> Size {
        let dim = LF_GROUP_BLOCKS;
        Size::new(dim >> self.hshift[channel], dim >> self.vshift[channel])
    }

    /// Blocks across and down of a whole LF group.
    pub(crate) const LF_GROUP: Size = Size::square(LF_GROUP_BLOCKS);
}
