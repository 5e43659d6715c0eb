use frame_arena::{PlaneView, PlaneViewMut};

use super::frame::Frame;
use crate::Error;
use crate::grid::{GroupPos, Pos, Rect};
use crate::render::Weights;
use crate::vardct::BLOCK_DIM;

/// Fills groups that have no coefficients. They show the LF image, upsampled with the image's
/// weights; if that is missing, zeros.
pub(super) struct LfOnly<'a> {
    frame: &'a Frame<'a>,
    /// The LF image of each channel, as large as the channel's blocks.
    lf: [PlaneView<'a, f32>; 3],
    /// True if the LF image is an LF frame, so all of it exists.
    is_kept: bool,
}

impl<'a> LfOnly<'a> {
    /// `image` is the LF image.
    pub(super) fn new(frame: &'a Frame<'a>, image: [PlaneView<'a, f32>; 3]) -> Self {
        Self {
            frame,
            lf: [0, 1, 2].map(|channel| {
                let blocks = frame.geometry.channel_blocks(channel);
                image[channel].rect(0, 0, blocks.width, blocks.height)
            }),
            is_kept: frame.context.header.flags.use_lf_frame(),
        }
    }

    /// Fills the samples of group `pos`, whole blocks of X, Y, B.
    pub(super) fn fill(&self, pos: GroupPos, out: [PlaneViewMut<'_, f32>; 3]) -> Result<(), Error> {
        let has_lf = self.is_kept || self.frame.has_lf_group(pos)?;
        let metadata = &self.frame.parsed.image.metadata;
        let weights = Weights::new(&metadata.upsampling_weights.up8).filter(|_| has_lf);
        let geometry = &self.frame.geometry;
        let blocks = self.frame.context.group_dim / BLOCK_DIM;
        for (channel, mut out) in out.into_iter().enumerate() {
            let Some(weights) = &weights else {
                out.fill(0.0);
                continue;
            };
            let start = Pos::new(
                (pos.column * blocks) >> geometry.hshift[channel],
                (pos.row * blocks) >> geometry.vshift[channel],
            );
            let columns = start.x..start.x + out.width() / BLOCK_DIM;
            let rows = start.y..start.y + out.height() / BLOCK_DIM;
            weights.upsample_by_8(self.lf[channel], Rect::new(columns, rows), &mut out);
        }
        Ok(())
    }
}
