use frame_arena::{AllocError, ScratchPlan, Spec};

use super::geometry::Geometry;
use super::{hf_metadata, lf};
use crate::grid::Size;
use crate::modular::{ChannelShape, StreamShape, WeightedRows};

/// The size of a frame's largest LF group, in blocks.
#[derive(Clone, Copy)]
pub(crate) struct LfGroupShape {
    blocks: Size,
    /// Blocks of each channel of the LF image; `None` if the LF image is an LF frame.
    lf: Option<[Size; 3]>,
}

impl LfGroupShape {
    /// `has_lf`: LF groups contain LF coefficients.
    pub(crate) fn new(geometry: &Geometry, has_lf: bool) -> Self {
        let blocks = geometry.blocks().min(Geometry::LF_GROUP);
        let size = |channel: usize| {
            let (hshift, vshift) = (geometry.hshift[channel], geometry.vshift[channel]);
            Size::new(blocks.width >> hshift, blocks.height >> vshift)
        };
        Self {
            blocks,
            lf: has_lf.then(|| [0, 1, 2].map(size)),
        }
    }

    /// Plans the LF coefficients of an LF group in planes that are not scratch.
    pub(crate) fn plan_in_place(&self, task: &mut ScratchPlan) -> Result<(), AllocError> {
        let stream = StreamShape::new(self.blocks.into(), 3);
        stream.plan_plain(task)?;
        stream.plan_transforms(task)
    }

    /// Scratch bytes sufficient for the LF coefficients of any LF group, and for its HF metadata
    /// even if each block is a varblock.
    pub(crate) fn room_bytes(&self) -> Result<usize, AllocError> {
        let coefficients = self.lf.map(lf::coded_channels);
        let coefficients = coefficients.map(|shapes| shapes.map(ChannelShape::plane));
        let metadata = hf_metadata::coded_channels(self.blocks, self.varblocks());
        let metadata = metadata.map(ChannelShape::plane);
        Ok(coefficients.room_bytes()?.max(metadata.room_bytes()?))
    }

    /// Plans the streams of an LF group. `weighted_metadata`: the HF metadata may need the weighted
    /// predictor.
    pub(crate) fn plan(
        &self,
        weighted_metadata: bool,
        task: &mut ScratchPlan,
    ) -> Result<(), AllocError> {
        let coefficients = StreamShape::new(self.blocks.into(), 3);
        task.room(self.room_bytes()?)?;
        coefficients.plan_plain(task)?;
        if weighted_metadata {
            let rows = WeightedRows::spec(self.varblocks());
            task.scratch(|task| task.possibly(|task| rows.plan(task)))?;
        }
        Ok(())
    }

    /// Most varblocks of an LF group: one per block.
    fn varblocks(&self) -> usize {
        self.blocks.area()
    }
}
