//! What groups of a VarDCT frame read of its LF groups.

use frame_arena::{DetachedPlane, PlaneView};

use crate::render::Sigma;
use crate::vardct::{BlockMapsView, DetachedBlockMaps};

/// The decoded LF groups of a frame, to read.
#[derive(Clone, Copy)]
pub(super) struct LfView<'p> {
    pub(super) maps: BlockMapsView<'p>,
    /// The LF image, each channel at least as large as its blocks.
    pub(super) image: [PlaneView<'p, f32>; 3],
    /// Strength of the edge-preserving filter.
    pub(super) sigma: Sigma<'p>,
    /// Transforms in use, one bit each.
    pub(super) used_transforms: u32,
}

/// The decoded LF groups of a frame, for several decodes of its groups.
pub(super) struct SharedLf {
    pub(super) maps: DetachedBlockMaps,
    /// X, Y and B; `None` if an LF frame is the LF image.
    pub(super) image: Option<[DetachedPlane<f32>; 3]>,
    /// Strength of the edge-preserving filter at each block, if the frame uses the filter.
    pub(super) sigma: Option<DetachedPlane<f32>>,
    pub(super) used_transforms: u32,
}

impl SharedLf {
    /// `image` is the LF image.
    pub(super) fn view<'p>(&'p self, image: [PlaneView<'p, f32>; 3]) -> LfView<'p> {
        LfView {
            maps: self.maps.view(),
            image,
            sigma: sigma_of(self.sigma.as_ref().map(DetachedPlane::view)),
            used_transforms: self.used_transforms,
        }
    }
}

/// The strength of the filter; 0 without it.
pub(super) fn sigma_of(blocks: Option<PlaneView<'_, f32>>) -> Sigma<'_> {
    blocks.map_or(Sigma::Constant(0.0), Sigma::Blocks)
}
