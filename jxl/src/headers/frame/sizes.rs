//! The size of a frame, and the sizes and numbers of its groups.

use super::FrameHeader;
use crate::grid::Size;

impl FrameHeader<'_> {
    /// The size of the frame, after upsampling.
    pub(crate) fn frame_size(&self) -> Size {
        Size::new(
            self.sample_width(1) as usize,
            self.sample_height(1) as usize,
        )
    }

    /// Columns of a channel that is upsampled by this factor.
    pub(crate) fn sample_width(&self, upsampling: u32) -> u32 {
        self.samples(self.width, upsampling)
    }

    /// Rows of a channel that is upsampled by this factor.
    pub(crate) fn sample_height(&self, upsampling: u32) -> u32 {
        self.samples(self.height, upsampling)
    }

    fn samples(&self, pixels: u32, upsampling: u32) -> u32 {
        pixels
            .div_ceil(upsampling)
            .div_ceil(1 << (3 * self.lf_level))
    }

    /// Columns of samples of the colors, before upsampling.
    pub(crate) fn color_sample_width(&self) -> u32 {
        self.sample_width(self.upsampling)
    }

    /// Rows of samples of the colors, before upsampling.
    pub(crate) fn color_sample_height(&self) -> u32 {
        self.sample_height(self.upsampling)
    }

    /// Color channels of a Modular image of the frame: 1 or 3.
    pub(crate) fn encoded_color_channels(&self) -> usize {
        self.encoded_color_channels
    }

    /// Side of a group in samples: 128, 256, 512 or 1024.
    pub(crate) fn group_dim(&self) -> u32 {
        128 << self.group_size_shift
    }

    /// Number of groups of the frame.
    pub(crate) fn num_groups(&self) -> u64 {
        self.squares(self.group_dim())
    }

    /// Number of LF groups of the frame, each of 8 x 8 groups.
    pub(crate) fn num_lf_groups(&self) -> u64 {
        self.squares(8 * self.group_dim())
    }

    fn squares(&self, dim: u32) -> u64 {
        let across = self.color_sample_width().div_ceil(dim);
        let down = self.color_sample_height().div_ceil(dim);
        u64::from(across) * u64::from(down)
    }
}
