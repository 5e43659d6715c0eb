use frame_arena::{PlaneView, PlaneViewMut, TileGrid};

use super::frame::Frame;
use crate::Error;
use crate::grid::{GroupPos, Pos, Rect, Size};
use crate::render::Weights;
use crate::vardct::{BLOCK_DIM, LfImage, average};

/// Fills groups that have no coefficients. They show the LF image, upsampled with the image's
/// weights, or averages of that; if the LF image is missing, zeros.
pub(super) struct LfOnly<'a> {
    frame: &'a Frame<'a>,
    /// The LF image of each channel, as large as the channel's blocks.
    lf: [PlaneView<'a, f32>; 3],
    /// True if the LF image is an LF frame, so all of it exists.
    is_kept: bool,
}

impl<'a> LfOnly<'a> {
    pub(super) fn new(frame: &'a Frame<'a>, image: &'a LfImage<'_>) -> Self {
        let views = image.views();
        Self {
            frame,
            lf: [0, 1, 2].map(|channel| {
                let blocks = frame.geometry.channel_blocks(channel);
                views[channel].rect(0, 0, blocks.width, blocks.height)
            }),
            is_kept: matches!(image, LfImage::Kept(_)),
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
            let block = geometry.block_size(channel);
            let columns = start.x..start.x + out.width() / block.width;
            let rows = start.y..start.y + out.height() / block.height;
            let rect = Rect::new(columns, rows);
            match block == Size::square(BLOCK_DIM) {
                true => weights.upsample_by_8(self.lf[channel], rect, &mut out),
                false => self.fill_averages(channel, rect, weights, out),
            }
        }
        Ok(())
    }

    /// Fills blocks that have fewer samples.
    fn fill_averages(
        &self,
        channel: usize,
        blocks: Rect,
        weights: &Weights,
        out: PlaneViewMut<'_, f32>,
    ) {
        let Size { width, height } = self.frame.geometry.block_size(channel);
        let mut out = out.into_tiles(TileGrid::new(width, height));
        for y in blocks.rows() {
            for (x, out) in blocks.columns().zip(&mut out) {
                let mut samples = [0.0; BLOCK_DIM * BLOCK_DIM];
                let view = &mut samples;
                let mut view = PlaneViewMut::from_slice(view, BLOCK_DIM, BLOCK_DIM, BLOCK_DIM);
                weights.upsample_by_8(self.lf[channel], Rect::new(x..x + 1, y..y + 1), &mut view);
                let mut out = out;
                average(view.into_view(), &mut out);
            }
        }
    }
}
